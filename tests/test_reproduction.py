"""The full-scale runs: what is trained, resuming, and what is refused."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, MultiStepLR, OneCycleLR

from lrsched_book import linear, mlp, trace
from studies.sources import runs as reproduction
from studies.sources import tables
from studies.sources.runs import reproduce, tune
from studies.sources.settings import (
    BLOG,
    DIVE,
    JUDGING_SEEDS,
    LARGER,
    PEAKS,
    SETTINGS,
    SMALLER,
    TUNED,
    TUNING_SEEDS,
    Setting,
)


def optimizer(lr):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)


def rates(name):
    setting = SETTINGS[name]
    plan = setting.plan(setting.epochs)
    return setting.peak * (plan.values(setting.epochs) if plan else np.ones(setting.epochs))


def small(purpose="published", peak=0.1, **arguments):
    return Setting(purpose, peak, model=narrow, epochs=2, batch_size=500, **arguments)


def narrow(seed):
    return mlp(seed, widths=(784, 16, 10))


TINY = {
    "plain": small(seeds=(0, 1, 2, 3)),
    "falling": small(plan=linear),
    "diverging": small(peak=1e38),
}
TINY_TUNED = {
    "tuned falling": small("tuned", plan=linear, seeds=(10, 11)),
    "tuned constant": small("tuned", seeds=(10, 11)),
}
READ = {
    tables.SOURCES: (tables.read_results, TINY),
    tables.CHOICES: (tables.read_choices, TINY_TUNED),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reproduction")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reproduction, "HELD_OUT", 5000)
        reproduce(folder / "work", folder / "out", settings=TINY, which="sample")
        tune(folder / "work", folder / "out", tuned=TINY_TUNED, which="sample")
    return folder / "out"


@pytest.fixture
def results(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "results")


def test_what_dive_into_deep_learning_does_is_late_by_one():
    def cosine(epoch):  # the formula of its text, in its own words
        return 0.01 + (0.3 - 0.01) / 2 * (1 + np.cos(np.pi * min(epoch, 20) / 20))

    def warm(epoch):
        if epoch < 5:
            return 0.3 * epoch / 5
        return 0.01 + (0.3 - 0.01) / 2 * (1 + np.cos(np.pi * min(epoch - 5, 15) / 15))

    for name, own, formula in (
        (DIVE + "square root from 0.1", 0.1, lambda epoch: 0.1 * (epoch + 1) ** -0.5),
        (DIVE + "cosine, T = 20", 0.3, cosine),
        (DIVE + "warmup, cosine", 0.3, warm),
    ):
        expected = [own] + [formula(epoch) for epoch in range(29)]
        np.testing.assert_allclose(rates(name), expected, rtol=1e-12)


def test_its_multistep_is_the_used_up_scheduler():
    scheduler = MultiStepLR(optimizer(0.5), milestones=[15, 30], gamma=0.5)
    for _ in range(30):  # what drawing the curve does
        scheduler.optimizer.step()
        scheduler.step()
    with pytest.warns(UserWarning, match="already taken 30 steps"):
        np.testing.assert_array_equal(trace(scheduler, 30), rates(DIVE + "multistep"))


def test_corrected_runs_use_what_was_meant():
    for name, milestones in (("multistep 15, 30", [15, 30]), ("multistep 5, 10, 20", [5, 10, 20])):
        meant = trace(MultiStepLR(optimizer(0.5), milestones, gamma=0.5), 30)
        np.testing.assert_allclose(rates(name), meant)
    np.testing.assert_allclose(rates("cosine, T = 20")[[0, 10, 20, 29]], [0.3, 0.155, 0.01, 0.01])
    np.testing.assert_allclose(
        rates("warmup, cosine")[[0, 1, 4, 5, 20]], [0.06, 0.12, 0.3, 0.3, 0.01]
    )


def test_the_blog_post_uses_torchs_cosine():
    torchs = trace(CosineAnnealingLR(optimizer(0.1), 50, eta_min=1e-6), 50)
    np.testing.assert_allclose(rates(BLOG + "cosine, T_max = 50"), torchs, rtol=1e-6)


def test_the_rivals_of_today_end_where_the_run_ends():
    rivals = [name for name, setting in SETTINGS.items() if setting.purpose == "added"]
    assert len(rivals) == 2
    for name in rivals:
        assert rates(name)[-1] == pytest.approx(0.01)
        assert rates(name).max() == 0.3


def test_the_tuned_one_cycle_is_torchs():
    torchs = trace(OneCycleLR(optimizer(0.1), 1.0, 7050, cycle_momentum=False), 7050)
    plan = TUNED["tuned one cycle"].plan(7050)
    np.testing.assert_allclose(plan.values(7050), torchs, rtol=1e-9)


def test_tuned_schedules_have_the_same_tries_reach_their_peak_and_fall():
    assert len(TUNED) == 6
    assert len({replace(setting, plan=None) for setting in TUNED.values()}) == 1
    for name, setting in TUNED.items():
        factors = setting.plan(7050).values(7050) if setting.plan(7050) else np.ones(7050)
        assert factors.max() == 1, name
        assert factors[-1] == 1 if name == "tuned constant" else factors[-1] <= 0.011, name


def test_who_chooses_does_not_judge_and_the_grid_is_in_order():
    assert not {*TUNING_SEEDS} & {*JUDGING_SEEDS}
    assert not {*JUDGING_SEEDS} & {seed for setting in SETTINGS.values() for seed in setting.seeds}
    grid = [*reversed(SMALLER), *PEAKS, *LARGER]
    assert grid == sorted(grid)
    assert max(np.diff(np.log2(grid))) < 0.6


def test_every_setting_has_each_of_its_seeds(results):
    runs, epochs = tables.read_results(results, TINY)
    assert runs.groupby("setting").size().to_dict() == {"plain": 4, "falling": 3, "diverging": 3}
    assert len(epochs) == 2 * (len(runs) - 3)
    falling = epochs[(epochs["setting"] == "falling") & (epochs["seed"] == 0)]
    assert falling["mean_lr"].tolist() == [0.1, 0]


def test_the_means_are_those_of_the_last_epochs(results, monkeypatch):
    runs, epochs = tables.read_results(results, TINY)
    means = epochs.groupby(["setting", "seed"])["test_loss"].mean()  # both epochs: fewer than ten
    for row in runs[runs["epochs"] > 0].itertuples():
        assert row.mean_test_loss == pytest.approx(means[row.setting, row.seed], abs=1e-6)


def test_all_tries_are_equal_and_the_mean_loss_of_the_tuning_seeds_chooses(results):
    runs, _ = tables.read_choices(results, TINY_TUNED)
    tries = runs[runs["purpose"] == "tuning"]
    assert all(tuple(seeds) == TUNING_SEEDS for _, seeds in tries.groupby("setting")["seed"])
    grids = []
    for name in TINY_TUNED:
        mine = tries[tries["setting"].str.startswith(f"{name}, try ")]
        losses = mine.groupby("peak")["test_loss"].mean()
        assert set(runs.loc[runs["setting"] == name, "peak"]) == {losses.idxmin()}
        grids.append(list(losses.index))
    assert grids[0] == grids[1]
    assert {*PEAKS} <= {*grids[0]}


@pytest.mark.parametrize("first", [(0.01, 0.02), (0.64, 1.28)])
def test_the_grid_grows_for_all_until_no_choice_lies_at_its_edge(tmp_path, monkeypatch, first):
    monkeypatch.setattr(reproduction, "HELD_OUT", 5000)
    monkeypatch.setattr(reproduction, "PEAKS", first)
    monkeypatch.setattr(reproduction, "LARGER", (0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 1e38))
    monkeypatch.setattr(reproduction, "SMALLER", (0.32, 0.16, 0.08, 0.04, 0.02, 0.01))
    tune(tmp_path / "work", tmp_path, tuned=TINY_TUNED, which="sample")
    runs, _ = tables.read_choices(tmp_path, TINY_TUNED)
    tried = sorted(runs.loc[runs["purpose"] == "tuning", "peak"].unique())
    assert len(tried) > 2
    assert {*first} < {*tried}
    assert not {tried[0], tried[-1]} & {*runs.loc[runs["purpose"] == "tuned", "peak"]}


def test_a_run_that_diverges_is_recorded_as_such(results):
    runs, epochs = tables.read_results(results, TINY)
    diverged = runs[runs["setting"] == "diverging"]
    assert (diverged["epochs"] == 0).all()
    assert diverged["test_accuracy"].isna().all()
    assert not runs.loc[runs["setting"] != "diverging", "test_accuracy"].isna().any()
    assert "diverging" not in set(epochs["setting"])


def test_no_peak_is_chosen_among_runs_that_diverge(tmp_path, monkeypatch):
    monkeypatch.setattr(reproduction, "PEAKS", (1e38,))
    monkeypatch.setattr(reproduction, "HELD_OUT", 5000)
    with pytest.raises(ValueError, match="'tuned falling' diverged with all"):
        tune(tmp_path, tmp_path / "out", tuned=TINY_TUNED, which="sample")
    assert not (tmp_path / "out").exists()


def test_a_run_ends_with_the_last_of_its_epochs(results):
    runs, epochs = tables.read_results(results, TINY)
    last = epochs[epochs["epoch"] == 1].set_index(["setting", "seed"])["test_accuracy"]
    ends = runs[runs["epochs"] > 0].set_index(["setting", "seed"])["test_accuracy"]
    np.testing.assert_array_equal(ends, last)


def test_an_interrupted_reproduction_redoes_no_finished_run(tmp_path, monkeypatch, finished):
    work, out = tmp_path / "work", tmp_path / "out"
    write = reproduction.write_tables

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduction, "write_tables", interrupt)
    with pytest.raises(KeyboardInterrupt):
        reproduce(work, out, settings=TINY, which="sample")
    assert not out.exists(), "no table before the last run"
    files = {path: path.stat().st_mtime_ns for path in work.glob("*-*.json")}
    assert len(files) == 4 + 3 + 3
    lost = sorted(files)[0]
    lost.unlink()
    again = {}

    def look_and_write(*arguments):
        again.update((path, path.stat().st_mtime_ns) for path in work.glob("*-*.json"))
        write(*arguments)

    monkeypatch.setattr(reproduction, "write_tables", look_and_write)
    reproduce(work, out, settings=TINY, which="sample")
    assert {path for path in files if again[path] != files[path]} == {lost}
    assert not work.exists()
    timeless = [
        tables.read_results(folder, TINY)[0].drop(columns="seconds") for folder in (out, finished)
    ]
    assert timeless[0].equals(timeless[1])


def test_a_file_of_somebody_else_in_the_folder_of_work_stays(tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    (work / "precious.txt").write_text("mine")
    reproduce(work, tmp_path / "out", settings={"plain": small()}, which="sample")
    assert [path.name for path in work.iterdir()] == ["precious.txt"]


def test_the_folder_of_work_is_another_than_that_of_the_results(tmp_path):
    with pytest.raises(ValueError, match=r"^work must be another folder than results, got '"):
        reproduce(tmp_path, tmp_path, settings=TINY, which="sample")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["", "{}", "[]"])
def test_runs_of_an_unknown_version_are_not_continued(tmp_path, content):
    (tmp_path / "about.json").write_text(content)
    with pytest.raises(ValueError, match=r"about\.json does not say what made the runs beside it"):
        reproduce(tmp_path, tmp_path / "out", settings=TINY, which="sample")
    assert [path.name for path in tmp_path.iterdir()] == ["about.json"]


def test_runs_of_another_version_are_not_continued(tmp_path):
    about = reproduction.describe(reproduction.CODE)
    (tmp_path / "about.json").write_text(json.dumps({**about, "torch": "1.0"}))
    with pytest.raises(ValueError, match=r"another version: torch 1\.0 instead of"):
        reproduce(tmp_path, tmp_path / "out", settings=TINY, which="sample")
    assert [path.name for path in tmp_path.iterdir()] == ["about.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"seconds": 1}', '{"loss": []}'])
def test_a_damaged_run_is_named_before_any_training(tmp_path, content):
    (tmp_path / "about.json").write_text(json.dumps(reproduction.describe(reproduction.CODE)))
    (tmp_path / "plain-0.json").write_text(content)
    with pytest.raises(ValueError, match=r"plain-0\.json is no finished run"):
        reproduce(tmp_path, tmp_path / "out", settings=TINY, which="sample")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("which", READ)
@pytest.mark.parametrize("name", [tables.RUNS, tables.EPOCHS])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: "", "cannot be read"),
        (lambda text: text.replace("peak", "top", 1), "of another version"),
        (lambda text: text[: text.rindex("\n", 0, -1) + 1], "cut short|lacks the run of"),
        (lambda text: text.splitlines(keepends=True)[0], "must come from the same code|cut short"),
    ],
)
def test_a_table_that_is_not_whole_is_refused(results, which, name, damage, message):
    read, protocol = READ[which]
    path = results / name.format(which)
    path.write_text(damage(path.read_text()))
    with pytest.raises(ValueError, match=message):
        read(results, protocol)


@pytest.mark.parametrize("which", READ)
def test_a_run_that_is_missing_from_both_tables_is_named(results, which):
    read, protocol = READ[which]
    name, seed = next(reversed(protocol)), next(reversed(protocol.values())).seeds[-1]
    for path in (results / tables.RUNS.format(which), results / tables.EPOCHS.format(which)):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        gone = (table["setting"] == name) & (table["seed"] == str(seed))
        table[~gone].to_csv(path, index=False)
    with pytest.raises(ValueError, match=f"lacks the run of '{name}' with seed {seed}"):
        read(results, protocol)


def test_runs_of_another_protocol_are_named(results):
    for protocol in (
        {**TINY, "plain": replace(TINY["plain"], peak=0.2)},
        {**TINY, "plain": replace(TINY["plain"], seeds=(0, 1, 2))},
        {name: setting for name, setting in TINY.items() if name != "plain"},
    ):
        with pytest.raises(ValueError, match="from another protocol: it has a run of 'plain'"):
            tables.read_results(results, protocol)


def test_a_try_that_only_one_of_the_rivals_had_is_named(results):
    for name in (tables.RUNS, tables.EPOCHS):
        path = results / name.format(tables.CHOICES)
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        table[table["setting"] != f"tuned constant, try {PEAKS[0]:g}"].to_csv(path, index=False)
    with pytest.raises(ValueError, match=r"lacks the run of 'tuned constant, try 0\.1' with seed"):
        tables.read_choices(results, TINY_TUNED)


def test_tables_of_different_code_are_refused(results):
    runs, _ = tables.read_results(results, TINY)
    path = results / tables.EPOCHS.format(tables.SOURCES)
    path.write_text(path.read_text().replace(runs["code"][0], "0" * 12))
    with pytest.raises(ValueError, match="same code"):
        tables.read_results(results, TINY)


def test_a_missing_table_names_the_command(tmp_path):
    with pytest.raises(FileNotFoundError, match="make reproduce"):
        tables.read_results(tmp_path)


def test_nine_executions_are_published_and_the_source_is_one_of_them():
    table = tables.read_published()
    assert table.groupby(["repository", "commit"]).ngroups == 9
    assert table["role"].value_counts().to_dict() == {"copy": 40, "source": 5}
    assert table["test_accuracy"].between(0.8, 0.95).all()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.removesuffix("\n"),
        lambda text: text.rstrip().rpartition(",")[0] + "\n",
        lambda text: "",
        lambda text: text.replace("test_accuracy", "accuracy", 1),
        lambda text: text.replace(",0.878,source", ",0.898,source"),
        lambda text: text.replace(",source", ",copy"),
        lambda text: text + "junk\n",
    ],
)
def test_a_damaged_table_of_published_executions_is_refused_by_name(tmp_path, damage):
    text = (tables.RESULTS / tables.PUBLISHED).read_text(encoding="utf-8")
    (tmp_path / tables.PUBLISHED).write_text(damage(text), encoding="utf-8")
    with pytest.raises(ValueError, match=r"d2l_published\.csv is cut short"):
        tables.read_published(tmp_path)
