"""Three memories: how far back RNN, LSTM and GRU feel their error, before and while they learn."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from nnviz.experiments.sequences.adding import (
    Memory,
    new_memory,
    probe_loss,
    probe_rows,
    updates,
)
from nnviz.experiments.sequences.records import MemoriesRecord, MemoryRecord
from nnviz.records import FloatArray

CELL_NAMES = ("rnn", "lstm", "gru")
MOMENTS = 24


def compare_memories(
    length: int,
    units: int,
    n_updates: int,
    forget_bias: float | None = None,
    clip_norm: float | None = None,
    seed: int = 0,
) -> MemoriesRecord:
    """The three cells, each trained on the same rows."""
    moments = moments_of(n_updates)
    found = tuple(
        _memory(cell, new_memory(cell, units, forget_bias, seed), length, moments, clip_norm, seed)
        for cell in CELL_NAMES
    )
    return MemoriesRecord(np.array(moments), found)


def moments_of(n_updates: int) -> list[int]:
    """After which updates is measured: the first, the last, and some evenly between."""
    return sorted({round(k * n_updates / MOMENTS) for k in range(MOMENTS + 1)})


def gradient_through_time(
    memory: Memory, rows: tuple[Tensor, Tensor]
) -> tuple[FloatArray, FloatArray | None]:
    """Mean over rows of ‖∂(loss of the row)/∂h_t‖ for each t, (T,); for an LSTM c_t's too.

    h_t and c_t are the two parts of an LSTM's state: each has the other held still.
    """
    row_NTC, sum_N1 = rows
    states, state = [], None
    for t in range(row_NTC.shape[1]):
        _, state = memory.cells(row_NTC[:, t : t + 1], state)
        states.append(state)
    hidden = [state[0] if isinstance(state, tuple) else state for state in states]
    carried = [state[1] for state in states[:-1] if isinstance(state, tuple)]
    loss = ((memory.readout(hidden[-1][0]) - sum_N1) ** 2).sum()
    grads = torch.autograd.grad(loss, [*hidden, *carried])
    norm_T = np.array([float(grad[0].norm(dim=1).mean()) for grad in grads])
    of_hidden, of_carried = norm_T[: len(hidden)], norm_T[len(hidden) :]
    return of_hidden, np.append(of_carried, np.nan) if carried else None


def _memory(
    cell: str,
    memory: Memory,
    length: int,
    moments: list[int],
    clip_norm: float | None,
    seed: int,
) -> MemoryRecord:
    rows = probe_rows(length, seed)
    loss, state, carried = [], [], []
    for update in updates(memory, length, moments[-1], seed, clip_norm):
        if update in moments:
            loss.append(probe_loss(memory, rows))
            of_hidden, of_carried = gradient_through_time(memory, rows)
            state.append(of_hidden)
            carried.append(of_carried)
    has_carried = carried[0] is not None
    return MemoryRecord(
        cell, np.array(loss), np.array(state), np.array(carried, float) if has_carried else None
    )
