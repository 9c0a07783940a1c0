"""A step of the task `cnn` at its defaults in JAX: jit for one network, jit(vmap) for a stack of K, on one core.

One run a step: inside a scan, XLA's convolutions on a CPU took more than ten times as long (4.8 steps/s against 64).

python3 -m venv peers && peers/bin/pip install jax numpy && taskset -c 0 peers/bin/python bench/peers/cnn_jax.py
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np
from rounds import measure

ROWS = 2000
BATCH = 64
CHANNELS = (16, 32)
CLASSES = 10
COHORTS = (1, 2)


def initial(cohort):
    layers, into = [], 1
    for out in CHANNELS:
        layers.append((np.sqrt(2 / (9 * into)) * np.random.randn(cohort, 3, 3, into, out), np.zeros((cohort, out))))
        into = out
    units = 7 * 7 * into
    layers.append((np.sqrt(2 / units) * np.random.randn(cohort, units, CLASSES), np.zeros((cohort, CLASSES))))
    return jax.tree.map(lambda values: jnp.array(values, jnp.float32), layers)


def loss(parameters, x, y):
    hidden = x
    for filters, bias in parameters[:-1]:
        convolved = jax.lax.conv_general_dilated(hidden, filters, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        active = jax.nn.relu(convolved + bias)
        # Its gradient is about three times as fast here as that of reduce_window (64 steps/s against 22).
        hidden = active.reshape(BATCH, active.shape[1] // 2, 2, active.shape[2] // 2, 2, -1).max((2, 4))
    weights, bias = parameters[-1]
    logits = hidden.reshape(BATCH, -1) @ weights + bias
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1))


def contender(cohort):
    """Steps of plain gradient descent on K networks, each with its own batches."""
    x = jnp.array(np.random.rand(ROWS, 28, 28, 1), jnp.float32)
    y = jnp.array(np.random.randint(0, CLASSES, ROWS))
    rates = jnp.full((cohort,), 0.01, jnp.float32)

    def one_step(parameters, rows, rate):
        value, gradients = jax.value_and_grad(loss)(parameters, x[rows], y[rows])
        return jax.tree.map(lambda p, g: p - rate * g, parameters, gradients), value

    def alone(parameters, rows, rate):
        new, value = one_step(jax.tree.map(lambda p: p[0], parameters), rows[0], rate[0])
        return jax.tree.map(lambda p: p[None], new), value[None]

    step = jax.jit(jax.vmap(one_step) if cohort > 1 else alone)
    parameters = initial(cohort)

    def work():
        nonlocal parameters
        rows = np.random.randint(0, ROWS, (cohort, BATCH), dtype=np.int32)
        parameters, losses = step(parameters, rows, rates)
        np.asarray(losses)
        return cohort

    return work


def main():
    print("jax", jax.__version__, flush=True)
    measure({f"K {cohort}": contender(cohort) for cohort in COHORTS}, title="cnn")


main()
