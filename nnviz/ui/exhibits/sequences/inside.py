"""Inside one step: every number of a recurrent cell, step by step."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.blocks.recurrent import RecurrentBlock
from nnviz.experiments.sequences import BASELINE, BATCH, UnrolledRecord, read_one_row
from nnviz.spec import DataSpec, ExperimentSpec, NetworkSpec, OptimizerSpec, TrainingSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.pieces import in_one
from nnviz.ui.exhibits.scene import Scene

RATE = 0.05
LETTERS = {"rnn": "h", "lstm": "ifgo", "gru": "rzn"}
KEYS = {"rnn": ("h",), "lstm": ("g0", "g1", "g2", "g3"), "gru": ("g0", "g1", "g2")}
FIRST = {"rnn": "h", "lstm": "g0", "gru": "g1"}
"""What is looked at first: the gate that opens for the marked numbers."""


class InsideSettings(Spec):
    """Which cell, of how many units, after how many updates, reads which row."""

    cell: Literal["rnn", "lstm", "gru"] = Field("lstm", title="Cell")
    units: Annotated[int, Field(ge=1, le=6)] = Field(3, title="Units")
    length: Annotated[int, Field(ge=6, le=16)] = Field(
        10, title="Length of the row (steps)", json_schema_extra={"step": 2}
    )
    updates: Annotated[int, Field(ge=0, le=300)] = Field(
        300, title="Trained for (updates)", json_schema_extra={"step": 50},
        description="On the adding problem: the sum of the two marked numbers. An LSTM's forget"
        " bias starts at 1.",
    )  # fmt: skip
    row: Annotated[int, Field(ge=1, le=20)] = Field(
        1, title="Row", description="Of the rows that were never trained on."
    )
    seed: Annotated[int, Field(ge=0, le=20)] = Field(1, title="Seed")


def _asked(s: InsideSettings) -> tuple[Any, ...]:
    return s.cell, s.units, s.length, s.updates, s.seed, s.row - 1, RATE


def picture(settings: InsideSettings, record: UnrolledRecord) -> Scene:
    """Maps of inputs, gates and states over time; a click shows the arithmetic."""
    maps = [_map("x", "value, mark", "input", record.x_TC, 1.0, noun="channel", shown=True)]
    for k, name in enumerate(record.gates):
        told = f"{name} {LETTERS[settings.cell][k]}"
        maps.append(_map(KEYS[settings.cell][k], told, "gate", record.gate_TGU[:, k], 1.0, gate=k))
    if record.carried_TU is not None:
        most = max(1.0, float(np.abs(record.carried_TU).max()))
        maps.append(_map("c", "cell state c", "carried", record.carried_TU[1:], most))
    if settings.cell != "rnn":
        maps.append(_map("h", "state h", "state", record.state_TU[1:], 1.0))
    marked = np.flatnonzero(record.x_TC[:, 1])
    facts = {
        "cell": settings.cell.upper(),
        "steps": settings.length,
        "maps": maps,
        "chosen": {"map": FIRST[settings.cell], "unit": 0, "step": int(marked[0])},
        "arithmetic": _arithmetic(settings, record),
    }
    return Scene("unrolled", facts)


def _map(
    key: str, name: str, kind: str, values: Any, most: float, gate: int = -1, noun: str = "unit",
    shown: bool = False,
) -> dict[str, Any]:  # fmt: skip
    return {
        "key": key, "name": name, "kind": kind, "values": _rounded(values), "most": most,
        "gate": gate, "unit": noun, "shown": shown,
    }  # fmt: skip


def _arithmetic(settings: InsideSettings, record: UnrolledRecord) -> dict[str, Any]:
    is_candidate = [name in ("candidate", "state") for name in record.gates]
    gates = [
        {
            "letter": letter,
            "squash": "tanh" if candidate else "σ",
            "isReset": settings.cell == "gru" and candidate,
        }
        for letter, candidate in zip(LETTERS[settings.cell], is_candidate, strict=True)
    ]
    return {
        "gates": gates,
        "x": _rounded(record.x_TC),
        "z": _rounded(record.pre_activation_TGU),
        "fromInput": _rounded(record.from_input_TGU),
        "fromState": _rounded(record.from_state_TGU),
        "state": _rounded(record.state_TU[1:]),
        "inputWeight": _rounded(record.input_weight_GUC),
        "stateWeight": _rounded(record.state_weight_GUU),
        "inputBias": _rounded(record.input_bias_GU),
        "stateBias": _rounded(record.state_bias_GU),
    }


def _rounded(values: Any) -> Any:
    return np.round(values, 5).tolist()


def notice(settings: InsideSettings, record: UnrolledRecord) -> str:
    """The answer, and whether a gate has learned the marks."""
    has_learned = record.loss < BASELINE / 4
    words = [
        f"The marked numbers add up to {record.target:.2f}; the cell answers {record.answer:.2f} "
        f"(loss on new rows {record.loss:.4f}, always answering 1 has {BASELINE:.4f})."
    ]
    marked = record.x_TC[:, 1] > 0
    if settings.cell != "rnn" and has_learned:
        gap_GU = record.gate_TGU[marked].mean(axis=0) - record.gate_TGU[~marked].mean(axis=0)
        gate, unit = np.unravel_index(np.abs(gap_GU).argmax(), gap_GU.shape)
        on, off = (record.gate_TGU[rows][:, gate, unit].mean() for rows in (marked, ~marked))
        words.append(
            f"What tells a marked step best is the {record.gates[gate]} of unit {unit + 1}: "
            f"{on:.2f} where marked, {off:.2f} elsewhere.".replace("-", "−")
        )
    elif settings.cell == "rnn":
        words.append("It has no gate: each step writes over the whole state.")
    if not has_learned and settings.updates:
        words.append("It has not learned to add yet; another seed or more updates may.")
    return " ".join(words)


CODE = """\
import torch
from torch import nn

LENGTH, UNITS, UPDATES, SEED, ROW = {length}, {units}, {updates}, {seed}, {row}


def rows(n, generator):
    value, mark = torch.rand(n, LENGTH, generator=generator), torch.zeros(n, LENGTH)
    row = torch.arange(n)
    mark[row, torch.randint(0, LENGTH // 2, (n,), generator=generator)] = 1
    mark[row, torch.randint(LENGTH // 2, LENGTH, (n,), generator=generator)] = 1
    return torch.stack([value, mark], dim=2), (value * mark).sum(1, keepdim=True)


torch.manual_seed(SEED)
cells, readout = nn.{name}(2, UNITS, batch_first=True), nn.Linear(UNITS, 1){bias}
optimizer = torch.optim.Adam([*cells.parameters(), *readout.parameters()], lr={rate})
generator = torch.Generator().manual_seed(SEED)
for update in range(UPDATES):
    x, y = rows({batch}, generator)
    optimizer.zero_grad()
    ((readout(cells(x)[0][:, -1]) - y) ** 2).mean().backward()
    optimizer.step()

cells, readout = cells.double(), readout.double()
x = rows(64, torch.Generator().manual_seed(SEED + 1_000_000))[0][ROW].double()
h, c, states = torch.zeros(UNITS).double(), torch.zeros(UNITS).double(), []
with torch.no_grad():
    for x_t in x:
        from_input = cells.weight_ih_l0 @ x_t + cells.bias_ih_l0
        from_state = cells.weight_hh_l0 @ h + cells.bias_hh_l0
{step}
        states.append(h)
    states = torch.stack(states)
    answer = readout(h).item()
    difference = (states - cells(x[None])[0][0]).abs().max().item()
print(states, answer, difference)
"""
STEPS = {
    "rnn": """\
        h = torch.tanh(from_input + from_state)""",
    "lstm": """\
        i, f, g, o = (from_input + from_state).chunk(4)  # torch's packing order
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()""",
    "gru": """\
        (ri, zi, ni), (rh, zh, nh) = from_input.chunk(3), from_state.chunk(3)
        n = torch.tanh(ni + (ri + rh).sigmoid() * nh)
        z = (zi + zh).sigmoid()
        h = (1 - z) * n + z * h""",
}


def code(settings: InsideSettings) -> str:
    """The training, then the arithmetic of each step beside torch's own."""
    first, last = settings.units, 2 * settings.units
    bias = f"""
nn.init.constant_(cells.bias_ih_l0[{first}:{last}], 1.0)  # the forget gate
nn.init.constant_(cells.bias_hh_l0[{first}:{last}], 0.0)"""
    return CODE.format(
        length=settings.length, units=settings.units, updates=settings.updates,
        seed=settings.seed, row=settings.row - 1, name=settings.cell.upper(), rate=RATE,
        batch=BATCH, step=STEPS[settings.cell], bias=bias if settings.cell == "lstm" else "",
    )  # fmt: skip


def experiment(settings: InsideSettings) -> ExperimentSpec:
    """The same cell on rows of this length."""
    bias = 1.0 if settings.cell == "lstm" else None
    block = RecurrentBlock(cell=settings.cell, width=settings.units, forget_bias=bias)
    return ExperimentSpec(
        data=DataSpec(name="adding", length=settings.length),
        network=NetworkSpec(blocks=(block,)),
        training=TrainingSpec(
            loss="mse", optimizer=OptimizerSpec(name="adam", learning_rate=RATE),
            batch_size=BATCH, seed=settings.seed,
        ),
    )  # fmt: skip


INSIDE = Exhibit(
    "inside",
    "Inside one step",
    "One row, read from left to right by the same cell again and again; blue is positive, orange"
    " negative. **Click any square**: beside it stands how its number came about. Look at the gates"
    " where the mark is 1.",
    InsideSettings,
    in_one(read_one_row, _asked, "A training of a few hundred updates, about a second."),
    picture,
    notice,
    code,
    "The equations of `torch.nn.RNN`, `nn.LSTM` and `nn.GRU`, in torch's packing order (i, f, g, o;"
    " r, z, n). Hochreiter & Schmidhuber 1997; Cho et al. 2014.",
    experiment,
)
