"""A step of the task `cnn` at its defaults in PyTorch, eager and compiled, on one core.

python3 -m venv peers && peers/bin/pip install torch numpy && taskset -c 0 peers/bin/python bench/peers/cnn_torch.py
The compiled contender needs a C++ compiler.
"""

import sys

import torch
from rounds import measure

ROWS = 2000
BATCH = 64
CHANNELS = (16, 32)
CLASSES = 10


def network():
    layers, into = [], 1
    for out in CHANNELS:
        layers += [torch.nn.Conv2d(into, out, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
        into = out
    model = torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(into * 7 * 7, CLASSES))
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.kaiming_normal_(parameter)
        else:
            torch.nn.init.zeros_(parameter)
    return model


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
        return 1

    return step


def main():
    torch.set_num_threads(1)
    print("torch", torch.__version__, flush=True)
    contenders = {"eager": contender(False, False), "eager, channels last": contender(False, True)}
    if "--no-compile" not in sys.argv:
        contenders |= {"compiled": contender(True, False), "compiled, channels last": contender(True, True)}
    measure(contenders, title="cnn")


main()
