"""A step of the task `cnn` at its defaults in PyTorch, eager and compiled, on one core.

python3 -m venv peers && peers/bin/pip install torch numpy && taskset -c 0 peers/bin/python bench/peers/cnn_torch.py
The compiled contender needs a C++ compiler.
"""

import statistics
import sys
import time

import torch

ROWS = 2000
BATCH = 64
CHANNELS = (16, 32)
CLASSES = 10
ROUNDS = 9
SECONDS = 0.5
# As bench/run.mjs: the processor's time for a machine that others use too.
now = time.process_time if "--processor-time" in sys.argv else time.perf_counter


def network():
    layers, into = [], 1
    for out in CHANNELS:
        layers += [torch.nn.Conv2d(into, out, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
        into = out
    return torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(into * 7 * 7, CLASSES))


def contender(compiled, channels_last):
    layout = torch.channels_last if channels_last else torch.contiguous_format
    x, y = torch.rand(ROWS, 1, 28, 28), torch.randint(0, CLASSES, (ROWS,))
    model = network().to(memory_format=layout)
    run = torch.compile(model) if compiled else model
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

    def step():
        rows = torch.randint(0, ROWS, (BATCH,))
        images = x[rows].to(memory_format=layout)
        loss = torch.nn.functional.cross_entropy(run(images), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def rate(step):
    start, steps = now(), 0
    while now() - start < SECONDS:
        step()
        steps += 1
    return steps / (now() - start)


def main():
    torch.set_num_threads(1)
    print("torch", torch.__version__)
    contenders = {"eager": contender(False, False), "eager, channels last": contender(False, True)}
    if "--no-compile" not in sys.argv:
        contenders |= {"compiled": contender(True, False), "compiled, channels last": contender(True, True)}
    for step in contenders.values():  # Compiles.
        for _ in range(5):
            step()
    rounds = [{kind: rate(step) for kind, step in contenders.items()} for _ in range(ROUNDS)]
    for kind in contenders:
        print(kind, round(statistics.median(each[kind] for each in rounds), 1), "steps/s", flush=True)


main()
