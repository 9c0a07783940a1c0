"""The decoder of libs/tasks/src/transformer in JAX: jit(scan) over a segment of steps, on one core.

python3 -m venv peers && peers/bin/pip install jax numpy && taskset -c 0 peers/bin/python bench/peers/transformer_jax.py
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

WINDOWS = 16384
ROUNDS = 5
SECONDS = 1
STEPS = 20
VOCABULARY, WIDTH, HEADS, BLOCKS, CONTEXT, BATCH = 89, 64, 4, 2, 64, 16
# As bench/run.mjs: the processor's time for a machine that others use too.
now = time.process_time if "--processor-time" in sys.argv else time.perf_counter


def normal(*shape):
    return jnp.array(0.02 * np.random.randn(*shape), jnp.float32)


def initial():
    block = lambda: {
        "attention_gain": jnp.ones(WIDTH),
        "projection": normal(WIDTH, 3 * WIDTH),
        "attention_output": normal(WIDTH, WIDTH),
        "network_gain": jnp.ones(WIDTH),
        "hidden": normal(WIDTH, 4 * WIDTH),
        "network_output": normal(4 * WIDTH, WIDTH),
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


def main():
    print("jax", jax.__version__)
    windows = jnp.array(np.random.randint(0, VOCABULARY, (WINDOWS, CONTEXT + 1)))

    def one_step(parameters, rows):
        value, gradients = jax.value_and_grad(loss)(parameters, windows[rows])
        return jax.tree.map(lambda p, g: p - 0.1 * g, parameters, gradients), value

    segment = jax.jit(lambda parameters, rows: jax.lax.scan(one_step, parameters, rows))
    parameters = initial()

    def work():
        nonlocal parameters
        parameters, losses = segment(parameters, np.random.randint(0, WINDOWS, (STEPS, BATCH), dtype=np.int32))
        np.asarray(losses)

    def rate():
        start, units = now(), 0
        while now() - start < SECONDS:
            work()
            units += STEPS
        return units / (now() - start)

    work()  # Compiles.
    print("decoder", round(statistics.median(rate() for _ in range(ROUNDS)), 1), "steps/s")


main()
