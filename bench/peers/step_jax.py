"""The two steps of bench/steps.mjs in JAX: jit(scan) for one network, jit(scan(vmap)) for a stack of K, on one core.

python3 -m venv peers && peers/bin/pip install jax numpy && taskset -c 0 peers/bin/python bench/peers/step_jax.py
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

ROWS = 2000
ROUNDS = 9
SECONDS = 0.5
# As bench/run.mjs: the processor's time for a machine that others use too.
now = time.process_time if "--processor-time" in sys.argv else time.perf_counter
# Name, widths, batch, steps a segment, cohort widths.
STEPS = [
    ("small step", (20, 64, 64, 1), 32, 50, (1, 2, 4, 8, 16, 32, 64)),
    ("large step", (784, 256, 10), 128, 20, (1, 2, 4)),
]


def uniform(*shape):
    return np.random.uniform(-1, 1, shape).astype(np.float32)


def loss(parameters, x, y):
    hidden = x
    for layer, (weights, bias) in enumerate(parameters):
        hidden = hidden @ weights + bias
        if layer < len(parameters) - 1:
            hidden = jax.nn.relu(hidden)
    return jnp.mean((hidden - y) ** 2)


class Contender:
    """Segments of plain gradient descent on K networks, each with its own batches."""

    def __init__(self, widths, batch, steps, cohort):
        self.shape, self.units = (steps, cohort, batch), steps * cohort
        x, y = jnp.array(uniform(ROWS, widths[0])), jnp.array(uniform(ROWS, widths[-1]))
        self.initial = [
            (1.7 / np.sqrt(into) * uniform(cohort, into, out), np.zeros((cohort, 1, out), np.float32))
            for into, out in zip(widths, widths[1:])
        ]
        self.rates = jnp.full((steps, cohort), 0.01, jnp.float32)

        def one_step(parameters, rows, rate):
            value, gradients = jax.value_and_grad(loss)(parameters, x[rows], y[rows])
            return jax.tree.map(lambda p, g: p - rate * g, parameters, gradients), value

        def alone(parameters, rows, rate):
            new, value = one_step(jax.tree.map(lambda p: p[0], parameters), rows[0], rate[0])
            return jax.tree.map(lambda p: p[None], new), value[None]

        step = jax.vmap(one_step) if cohort > 1 else alone
        self.segment = jax.jit(lambda parameters, rows, rates: jax.lax.scan(lambda p, r: step(p, *r), parameters, (rows, rates)))

    def begin(self):
        self.parameters = self.initial

    def work(self):
        rows = np.random.randint(0, ROWS, self.shape, dtype=np.int32)
        self.parameters, losses = self.segment(self.parameters, rows, self.rates)
        np.asarray(losses)
        return self.units


def rate(contender):
    contender.begin()
    start, units = now(), 0
    while now() - start < SECONDS:
        units += contender.work()
    return units / (now() - start)


def main():
    print("jax", jax.__version__)
    for name, widths, batch, steps, cohorts in STEPS:
        contenders = {cohort: Contender(widths, batch, steps, cohort) for cohort in cohorts}
        for contender in contenders.values():  # Compiles.
            contender.begin()
            contender.work()
        rounds = [{cohort: rate(contender) for cohort, contender in contenders.items()} for _ in range(ROUNDS)]
        for cohort in cohorts:
            print(name, "K", cohort, round(statistics.median(each[cohort] for each in rounds)), "trial-steps/s", flush=True)


main()
