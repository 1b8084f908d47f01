"""A small recurrent network on the adding problem: its rows, its start, its training.

Shapes: N rows, T steps, U units. A row is (value, mark) at each step; the answer is the sum of
the two marked values. Source: Hochreiter & Schmidhuber 1997 in the form of Le et al. 2015.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nnviz.blocks.recurrent import CELLS
from nnviz.randomness import lent, torch_generator

BASELINE = 1 / 6
"""Mean squared error of always answering 1: the variance of a sum of two uniform numbers."""
BATCH, RATE = 32, 0.03
PROBE = 64
"""Rows, never trained on, on which everything is measured."""


@dataclass(frozen=True)
class Memory:
    """A recurrent layer, and a linear answer from its last state."""

    cells: nn.RNNBase
    readout: nn.Linear

    def __call__(self, row_NTC: Tensor) -> Tensor:
        """One answer a row, (N, 1)."""
        answer: Tensor = self.readout(self.cells(row_NTC)[0][:, -1])
        return answer

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All that is learned."""
        return [*self.cells.parameters(), *self.readout.parameters()]


def adding_rows(n: int, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Rows (N, T, 2) and their sums (N, 1): one mark in the first half, one in the second."""
    value_NT = torch.rand(n, length, generator=generator)
    mark_NT, row, half = torch.zeros(n, length), torch.arange(n), length // 2
    mark_NT[row, torch.randint(0, half, (n,), generator=generator)] = 1
    mark_NT[row, torch.randint(half, length, (n,), generator=generator)] = 1
    return torch.stack([value_NT, mark_NT], dim=2), (value_NT * mark_NT).sum(1, keepdim=True)


def new_memory(cell: str, units: int, forget_bias: float | None = None, seed: int = 0) -> Memory:
    """As torch starts it; an LSTM's forget gate with this bias, if one is given."""
    with lent(torch_generator(seed)):
        memory = Memory(CELLS[cell](2, units, batch_first=True), nn.Linear(units, 1))
    if forget_bias is not None and cell == "lstm":
        for name, start in (("bias_ih_l0", forget_bias), ("bias_hh_l0", 0.0)):
            nn.init.constant_(memory.cells.get_parameter(name)[units : 2 * units], start)
    return memory


def updates(
    memory: Memory,
    length: int,
    n_updates: int,
    seed: int = 0,
    clip_norm: float | None = None,
    rate: float = RATE,
) -> Iterator[int]:
    """Train in place by Adam, each update on fresh rows; yields 0, 1, … as updates are done."""
    generator = torch_generator(seed)
    optimizer = torch.optim.Adam(memory.parameters, lr=rate)
    yield 0
    for update in range(n_updates):
        row_NTC, sum_N1 = adding_rows(BATCH, length, generator)
        optimizer.zero_grad()
        ((memory(row_NTC) - sum_N1) ** 2).mean().backward()
        if clip_norm is not None:
            nn.utils.clip_grad_norm_(memory.parameters, clip_norm)
        optimizer.step()
        yield update + 1


def probe_rows(length: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """The rows on which a training of this seed is measured."""
    return adding_rows(PROBE, length, torch_generator(seed + 1_000_000))


@torch.no_grad()
def probe_loss(memory: Memory, rows: tuple[Tensor, Tensor]) -> float:
    """Mean squared error on these rows; always answering 1 has 1/6."""
    return float(((memory(rows[0]) - rows[1]) ** 2).mean())
