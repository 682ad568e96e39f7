"""JAX and optax: the schedule becomes a table of rates, which optax looks up."""

import jax
import jax.numpy as jnp
import numpy as np
import optax

import lrsched_book as lb

PEAK, STEPS = 0.1, 30

schedule = lb.cosine(STEPS - 4, final=0.01).with_warmup(4)
print(lb.diagnose(schedule, STEPS, peak=PEAK))
table = jnp.asarray(PEAK * schedule.values(STEPS))


def rate(count):
    return table[jnp.minimum(count, STEPS - 1)]  # past the end it stays


random = np.random.default_rng(0)
x, y = random.normal(size=(STEPS, 8, 4)), random.normal(size=(STEPS, 8))
weights = jnp.zeros(4)
sgd = optax.inject_hyperparams(optax.sgd)  # keeps the rate where it can be read
optimizer = sgd(learning_rate=rate)
state = optimizer.init(weights)


@jax.jit
def update(weights, state, x, y):
    gradient = jax.grad(lambda w: jnp.mean((x @ w - y) ** 2))(weights)
    change, state = optimizer.update(gradient, state)
    return optax.apply_updates(weights, change), state


used = []
for step in range(STEPS):
    weights, state = update(weights, state, x[step], y[step])
    used.append(float(state.hyperparams["learning_rate"]))  # the rate that it used

print(*(f"{rate:.4f}" for rate in used))
