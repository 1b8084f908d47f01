"""One recurrent layer taken apart: the arithmetic of each step, in torch's packing order.

Shapes: T steps, C channels, G gates, U units. Gates: LSTM i, f, g, o; GRU r, z, n.
Source: the equations of `torch.nn.RNN`, `nn.LSTM` and `nn.GRU`.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from nnviz.blocks.recurrent import GATES
from nnviz.experiments.sequences.adding import (
    RATE,
    Memory,
    new_memory,
    probe_loss,
    probe_rows,
    updates,
)
from nnviz.experiments.sequences.records import UnrolledRecord
from nnviz.records import FloatArray


def read_one_row(
    cell: str,
    units: int,
    length: int,
    n_updates: int,
    seed: int = 0,
    row: int = 0,
    rate: float = RATE,
) -> UnrolledRecord:
    """Train a little, then read one row that was never trained on, in double precision."""
    memory = new_memory(cell, units, forget_bias=1.0, seed=seed)
    for _ in updates(memory, length, n_updates, seed, rate=rate):
        pass
    rows = probe_rows(length, seed)
    loss = probe_loss(memory, rows)
    exact = Memory(memory.cells.double(), memory.readout.double())
    return unrolled(cell, exact, rows[0][row].double().numpy(), float(rows[1][row]), loss)


def unrolled(
    cell: str, memory: Memory, x_TC: FloatArray, target: float, loss: float
) -> UnrolledRecord:
    """Every number between a row and the states; `memory` must be in double precision."""
    weights = _packed(cell, memory.cells)
    zero_U: FloatArray = np.zeros(memory.cells.hidden_size)
    steps, h_U, c_U = [], zero_U, zero_U
    states, carried = [zero_U], [zero_U]
    for x_C in x_TC:
        from_input_GU = weights["input_weight_GUC"] @ x_C + weights["input_bias_GU"]
        from_state_GU = weights["state_weight_GUU"] @ h_U + weights["state_bias_GU"]
        z_GU, gate_GU, h_U, c_U = _step(cell, from_input_GU, from_state_GU, h_U, c_U)
        steps.append((from_input_GU, from_state_GU, z_GU, gate_GU))
        states.append(h_U)
        carried.append(c_U)
    parts = (np.stack(part) for part in zip(*steps, strict=True))
    with torch.no_grad():
        answer = float(memory.readout(torch.as_tensor(h_U)))
    is_lstm = cell == "lstm"
    return UnrolledRecord(
        cell, GATES[cell], x_TC, **weights,
        **dict(zip(_STEP, parts, strict=True)), state_TU=np.stack(states),
        carried_TU=np.stack(carried) if is_lstm else None,
        answer=answer, target=target, loss=loss,
    )  # fmt: skip


_STEP = ("from_input_TGU", "from_state_TGU", "pre_activation_TGU", "gate_TGU")


def _packed(cell: str, cells: nn.RNNBase) -> dict[str, FloatArray]:
    """The weights of the first layer, one block of rows a gate."""
    shape = (len(GATES[cell]), cells.hidden_size)

    def split(name: str) -> FloatArray:
        parameter = getattr(cells, f"{name}_l0").detach().numpy()
        return np.asarray(parameter.reshape(*shape, *parameter.shape[1:]))

    return {
        "input_weight_GUC": split("weight_ih"),
        "state_weight_GUU": split("weight_hh"),
        "input_bias_GU": split("bias_ih"),
        "state_bias_GU": split("bias_hh"),
    }


def _step(
    cell: str,
    from_input_GU: FloatArray,
    from_state_GU: FloatArray,
    h_U: FloatArray,
    c_U: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    z_GU = from_input_GU + from_state_GU
    if cell == "rnn":
        return z_GU, np.tanh(z_GU), np.tanh(z_GU[0]), c_U
    if cell == "lstm":
        i_U, f_U, o_U = (_sigmoid(z_GU[k]) for k in (0, 1, 3))
        g_U = np.tanh(z_GU[2])
        c_U = f_U * c_U + i_U * g_U
        return z_GU, np.stack([i_U, f_U, g_U, o_U]), o_U * np.tanh(c_U), c_U
    r_U, u_U = _sigmoid(z_GU[0]), _sigmoid(z_GU[1])
    z_GU[2] = from_input_GU[2] + r_U * from_state_GU[2]
    n_U = np.tanh(z_GU[2])
    return z_GU, np.stack([r_U, u_U, n_U]), (1 - u_U) * n_U + u_U * h_U, c_U


def _sigmoid(z: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))
