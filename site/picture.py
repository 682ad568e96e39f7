"""Draw the picture of the front page: python site/picture.py writes site/_static/front.png.

Three runs with the same noise on the same bowl differ by their rates alone.
"""

import io
from pathlib import Path

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

import lrsched_book as lb
from lrsched_book._files import write_whole

TARGET = Path(__file__).parent / "_static" / "front.png"
STEPS, CURVATURES, START, NOISE = 60, (1.0, 6.0), (-4.0, 1.2), 1.6
LAST = 12  # updates drawn in black
PLANS = {
    "A high rate arrives and never settles": lb.constant(0.22),
    "A low rate does not arrive": lb.constant(0.02),
    "A schedule does both": lb.constant(0.22) * lb.cosine(STEPS, final=0.01),
}


def walk(rates):
    """Return the path of gradient descent with these rates, its gradients noisy as a batch's."""
    noise = np.random.default_rng(7).normal(scale=NOISE, size=(STEPS, 2))
    path = [np.array(START)]
    for rate, error in zip(rates, noise, strict=True):
        path.append(path[-1] - rate * (np.array(CURVATURES) * path[-1] + error))
    return np.array(path)


def draw():
    lb.plotting.use_style()
    figure, axes = plt.subplots(
        2, 3, figsize=(9.6, 4.4), height_ratios=(3, 1), sharex="row", sharey="row"
    )
    bowl = lb.landscapes.quadratic(*CURVATURES)
    for (above, below), (title, plan) in zip(axes.T, PLANS.items(), strict=True):
        path = walk(plan.values(STEPS))
        lb.plotting.plot_paths(
            bowl, {"path": path}, title=title, xlim=(-4.6, 2.4), ylim=(-1.7, 1.7), ax=above
        )
        above.get_legend().remove()
        above.plot(*path[-LAST:].T, "o-", color="black", markersize=5, linewidth=1.4)
        above.set(xlabel="", ylabel="")
        below.plot(plan.values(STEPS), drawstyle="steps-post", color="black")
        below.set(xlabel="update", ylim=(0, 0.25))
    axes[0, 0].text(-4.4, -1.6, f"black: the last {LAST} updates", fontsize="medium")
    axes[0, 0].set_ylabel("second parameter")
    axes[1, 0].set_ylabel("rate")
    for ax in axes[0]:
        ax.tick_params(labelbottom=False)
    return figure


if __name__ == "__main__":
    picture = io.BytesIO()
    draw().savefig(picture, dpi=130, metadata={"Software": None})
    write_whole(TARGET, picture.getvalue())
