"""The decoder of libs/tasks/src/transformer in PyTorch: eager, and compiled, on one core.

python3 -m venv peers && peers/bin/pip install torch numpy && taskset -c 0 peers/bin/python bench/peers/transformer_torch.py
The compiled contender needs a C++ compiler; --no-compile leaves it out.
"""

import math
import sys

import torch
from rounds import measure
from torch.nn import functional as F

WINDOWS = 16384
VOCABULARY, WIDTH, HEADS, BLOCKS, CONTEXT, BATCH = 89, 64, 4, 2, 64, 16


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm = torch.nn.LayerNorm(WIDTH, bias=False)
        self.projection = torch.nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.attention_output = torch.nn.Linear(WIDTH, WIDTH, bias=False)
        self.network_norm = torch.nn.LayerNorm(WIDTH, bias=False)
        self.hidden = torch.nn.Linear(WIDTH, 4 * WIDTH, bias=False)
        self.network_output = torch.nn.Linear(4 * WIDTH, WIDTH, bias=False)

    def forward(self, x):
        batch, context, width = x.shape
        heads = (batch, context, HEADS, width // HEADS)
        q, k, v = (part.view(heads).transpose(1, 2) for part in self.projection(self.attention_norm(x)).split(width, 2))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attention_output(attended.transpose(1, 2).reshape(batch, context, width))
        return x + self.network_output(F.relu(self.hidden(self.network_norm(x))))


class Decoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.characters = torch.nn.Embedding(VOCABULARY, WIDTH)
        self.positions = torch.nn.Embedding(CONTEXT, WIDTH)
        self.blocks = torch.nn.ModuleList(Block() for _ in range(BLOCKS))
        self.norm = torch.nn.LayerNorm(WIDTH, bias=False)
        self.head = torch.nn.Linear(WIDTH, VOCABULARY, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                writes_to_residual = name.endswith("output.weight")
                torch.nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * BLOCKS) if writes_to_residual else 0.02)

    def forward(self, windows):
        x = self.characters(windows) + self.positions(torch.arange(windows.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def contender(compiled):
    windows = torch.randint(0, VOCABULARY, (WINDOWS, CONTEXT + 1))
    model = Decoder()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss_of = lambda rows: F.cross_entropy(model(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())
    loss_of = torch.compile(loss_of) if compiled else loss_of

    def step():
        loss = loss_of(windows[torch.randint(0, WINDOWS, (BATCH,))])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
        return 1

    return step


def main():
    torch.set_num_threads(1)
    print("torch", torch.__version__, flush=True)
    contenders = {"eager": contender(False)}
    if "--no-compile" not in sys.argv:
        contenders["compiled"] = contender(True)
    measure(contenders, title="decoder")


main()
