"""The two steps of bench/steps.mjs in PyTorch: eager, and torch.func.vmap over a stack of K plain or compiled, on one core.

python3 -m venv peers && peers/bin/pip install torch numpy && taskset -c 0 peers/bin/python bench/peers/step_torch.py
The compiled contenders need a C++ compiler.
"""

import statistics
import sys
import time

import torch
from torch.func import functional_call, grad_and_value, stack_module_state, vmap

ROWS = 2000
ROUNDS = 5
SECONDS = 0.5
# As bench/run.mjs: the processor's time for a machine that others use too.
now = time.process_time if "--processor-time" in sys.argv else time.perf_counter
# Name, widths, batch, cohort widths.
STEPS = [
    ("small step", (20, 64, 64, 1), 32, (1, 8, 32)),
    ("large step", (784, 256, 10), 128, (1, 2, 4)),
]


def network(widths):
    layers = []
    for into, out in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(into, out), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def data(widths):
    return torch.rand(ROWS, widths[0]) * 2 - 1, torch.rand(ROWS, widths[-1]) * 2 - 1


def eager(widths, batch):
    x, y = data(widths)
    model = network(widths)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def step():
        rows = torch.randint(0, ROWS, (batch,))
        loss = ((model(x[rows]) - y[rows]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
        return 1

    return step


def stacked(widths, batch, cohort, compiled):
    x, y = data(widths)
    base = network(widths)
    start, _ = stack_module_state([network(widths) for _ in range(cohort)])
    parameters = {name: value.detach() for name, value in start.items()}
    rates = torch.full((cohort,), 0.01)
    gradients = vmap(grad_and_value(lambda p, a, b: ((functional_call(base, p, (a,)) - b) ** 2).mean()))

    def update(parameters, rows, rates):
        g, losses = gradients(parameters, x[rows], y[rows])
        spread = lambda p: rates.view(-1, *[1] * (p.dim() - 1))
        return {name: p - spread(p) * g[name] for name, p in parameters.items()}, losses

    run = torch.compile(update) if compiled else update

    def step():
        nonlocal parameters
        parameters, losses = run(parameters, torch.randint(0, ROWS, (cohort, batch)), rates)
        losses.tolist()
        return cohort

    return step


def rate(step):
    start, units = now(), 0
    while now() - start < SECONDS:
        units += step()
    return units / (now() - start)


def main():
    torch.set_num_threads(1)
    print("torch", torch.__version__)
    kinds = [("vmap", False)] if "--no-compile" in sys.argv else [("vmap", False), ("vmap compiled", True)]
    for name, widths, batch, cohorts in STEPS:
        contenders = {"eager": eager(widths, batch)}
        for kind, compiled in kinds:
            contenders |= {f"{kind} K {cohort}": stacked(widths, batch, cohort, compiled) for cohort in cohorts}
        for step in contenders.values():  # Compiles.
            for _ in range(5):
                step()
        rounds = [{kind: rate(step) for kind, step in contenders.items()} for _ in range(ROUNDS)]
        for kind in contenders:
            print(name, kind, round(statistics.median(each[kind] for each in rounds)), "trial-steps/s", flush=True)


main()
