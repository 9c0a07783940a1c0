"""The decoder of libs/tasks/src/transformer in JAX: jit(scan) over a segment of steps, jit(scan(vmap)) for a stack of K, on one core.

python3 -m venv peers && peers/bin/pip install jax numpy && taskset -c 0 peers/bin/python bench/peers/transformer_jax.py
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np
from rounds import measure

WINDOWS = 16384
STEPS = 10
COHORTS = (1, 2)
VOCABULARY, WIDTH, HEADS, BLOCKS, CONTEXT, BATCH = 89, 64, 4, 2, 64, 16


def normal(*shape, deviation=0.02):
    return jnp.array(deviation * np.random.randn(*shape), jnp.float32)


def initial():
    residual = 0.02 / np.sqrt(2 * BLOCKS)
    block = lambda: {
        "attention_gain": jnp.ones(WIDTH),
        "projection": normal(WIDTH, 3 * WIDTH),
        "attention_output": normal(WIDTH, WIDTH, deviation=residual),
        "network_gain": jnp.ones(WIDTH),
        "hidden": normal(WIDTH, 4 * WIDTH),
        "network_output": normal(4 * WIDTH, WIDTH, deviation=residual),
    }
    return {
        "characters": normal(VOCABULARY, WIDTH),
        "positions": normal(CONTEXT, WIDTH),
        "blocks": [block() for _ in range(BLOCKS)],
        "gain": jnp.ones(WIDTH),
        "head": normal(WIDTH, VOCABULARY),
    }


def norm(x, gain):
    x = x - x.mean(-1, keepdims=True)
    return x * jax.lax.rsqrt((x**2).mean(-1, keepdims=True) + 1e-5) * gain


def attention(x, block):
    heads = (BATCH, CONTEXT, HEADS, WIDTH // HEADS)
    q, k, v = (part.reshape(heads).swapaxes(1, 2) for part in jnp.split(x @ block["projection"], 3, axis=-1))
    scores = q @ k.swapaxes(2, 3) / np.sqrt(WIDTH // HEADS)
    weights = jax.nn.softmax(jnp.where(np.tri(CONTEXT, dtype=bool), scores, -jnp.inf))
    return (weights @ v).swapaxes(1, 2).reshape(BATCH, CONTEXT, WIDTH) @ block["attention_output"]


def loss(parameters, rows):
    windows, following = rows[:, :-1], rows[:, 1:]
    x = parameters["characters"][windows] + parameters["positions"]
    for block in parameters["blocks"]:
        x = x + attention(norm(x, block["attention_gain"]), block)
        x = x + jax.nn.relu(norm(x, block["network_gain"]) @ block["hidden"]) @ block["network_output"]
    logits = jax.nn.log_softmax(norm(x, parameters["gain"]) @ parameters["head"])
    return -jnp.take_along_axis(logits, following[..., None], -1).mean()


def contender(cohort):
    """Segments of plain gradient descent on K decoders, each with its own batches."""
    windows = jnp.array(np.random.randint(0, VOCABULARY, (WINDOWS, CONTEXT + 1)))

    def one_step(parameters, rows):
        value, gradients = jax.value_and_grad(loss)(parameters, windows[rows])
        return jax.tree.map(lambda p, g: p - 0.1 * g, parameters, gradients), value

    step = jax.vmap(one_step) if cohort > 1 else one_step
    segment = jax.jit(lambda parameters, rows: jax.lax.scan(step, parameters, rows))
    trials = [initial() for _ in range(cohort)]
    parameters = jax.tree.map(lambda *values: jnp.stack(values), *trials) if cohort > 1 else trials[0]
    shape = (STEPS, cohort, BATCH) if cohort > 1 else (STEPS, BATCH)

    def work():
        nonlocal parameters
        parameters, losses = segment(parameters, np.random.randint(0, WINDOWS, shape, dtype=np.int32))
        np.asarray(losses)
        return STEPS * cohort

    return work


def main():
    print("jax", jax.__version__, flush=True)
    measure({f"K {cohort}": contender(cohort) for cohort in COHORTS}, title="decoder")


main()
