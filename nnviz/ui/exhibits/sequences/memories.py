"""Three memories: how far back RNN, LSTM and GRU feel their error, and what they learn by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.blocks.recurrent import RecurrentBlock
from nnviz.experiments.sequences import (
    BASELINE,
    BATCH,
    RATE,
    MemoriesRecord,
    MemoryRecord,
    compare_memories,
)
from nnviz.figures.theme import token
from nnviz.records import FloatArray
from nnviz.spec import DataSpec, ExperimentSpec, NetworkSpec, OptimizerSpec, TrainingSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.pieces import in_one
from nnviz.ui.exhibits.scene import Scene
from nnviz.ui.exhibits.sequences.words import sized

NAMES = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
FAINTEST = 1e-7


class MemoriesSettings(Spec):
    """Which rows are read, and by how large memories that start how."""

    length: Annotated[int, Field(ge=10, le=40)] = Field(
        20, title="Length of a row (steps)", json_schema_extra={"step": 2},
    )  # fmt: skip
    units: Annotated[int, Field(ge=4, le=24)] = Field(
        16, title="Units of each cell", json_schema_extra={"step": 4}
    )
    forget: Literal["as torch", "1", "2", "4"] = Field(
        "as torch",
        title="LSTM's forget bias at the start",
        description="What the forget gate starts with. Torch draws it around 0, so that the gate"
        " is half open and the cell state halves at each step.",
    )
    clip: Literal["never", "1", "0.1"] = Field(
        "never",
        title="Clip the gradient's norm at",
        description="A longer gradient is shortened to this length before the update.",
    )
    updates: Annotated[int, Field(ge=0, le=240)] = Field(
        240, title="Updates", description="By Adam, each on 32 new rows.",
        json_schema_extra={"step": 20},
    )  # fmt: skip
    relative: bool = Field(
        True,
        title="Relative to the last step",
        description="Divide each curve by its value at the last step: what is lost on the way"
        " back shows, not how large the error is.",
    )
    seed: Annotated[int, Field(ge=0, le=20)] = Field(0, title="Seed")

    @property
    def forget_bias(self) -> float | None:
        """None: as torch draws it."""
        return None if self.forget == "as torch" else float(self.forget)

    @property
    def clip_norm(self) -> float | None:
        """None: never."""
        return None if self.clip == "never" else float(self.clip)


def _asked(s: MemoriesSettings) -> tuple[Any, ...]:
    return s.length, s.units, s.updates, s.forget_bias, s.clip_norm, s.seed


def picture(settings: MemoriesSettings, record: MemoriesRecord) -> Scene:
    """Curves over the steps of a row, one a cell, at each moment."""
    lanes = [_lane(settings, place, memory) for place, memory in enumerate(record.memories)]
    shown = [lane[part] for lane in lanes for part in ("state", "carried") if lane[part]]
    known = [v for rows in shown for row in rows for v in row if v is not None and v > 0]
    losses = np.concatenate([memory.loss_F for memory in record.memories])
    facts = {
        "lanes": lanes,
        "updates": record.update_F.tolist(),
        "steps": settings.length,
        "baseline": BASELINE,
        "label": "‖∂L/∂hₜ‖ relative to the last step" if settings.relative else "‖∂L/∂hₜ‖",
        "low": int(np.floor(np.log10(max(min(known), FAINTEST)))),
        "high": int(np.ceil(np.log10(max(known)) - 1e-9)),
        "lossLow": int(np.floor(np.log10(min(losses.min(), 0.05)))),
        "lossHigh": int(np.ceil(np.log10(losses.max()))),
    }
    return Scene("memories", facts)


def _lane(settings: MemoriesSettings, place: int, memory: MemoryRecord) -> dict[str, Any]:
    scale_F1 = memory.state_FT[:, -1:] if settings.relative else 1.0
    carried = None if memory.carried_FT is None else _written(memory.carried_FT / scale_F1)
    return {
        "name": NAMES[memory.cell],
        "color": token(f"lane_{place}"),
        "loss": [float(f"{loss:.4g}") for loss in memory.loss_F],
        "state": _written(memory.state_FT / scale_F1),
        "carried": carried,
    }


def _written(values_FT: FloatArray) -> list[list[float | None]]:
    return [[float(f"{v:.4g}") if np.isfinite(v) else None for v in row] for row in values_FT]


def notice(settings: MemoriesSettings, record: MemoriesRecord) -> str:
    """What is left of the gradient on the way back, and what each cell learned."""
    left = {
        memory.cell: [memory.state_FT[at, 0] / memory.state_FT[at, -1] for at in (0, -1)]
        for memory in record.memories
    }
    start = ", ".join(f"{sized(left[cell][0])} ({NAMES[cell]})" for cell in left)
    sentences = [
        f"Before the first update, of the gradient at the last step there is left at step 1: "
        f"{start}."
    ]
    if settings.updates:
        after = {cell: ends[1] for cell, ends in left.items()}
        sentences += _learned(settings.updates, record, after)
        if left["lstm"][0] < 1e-2 and settings.forget == "as torch":
            sentences.append(
                "Gates alone don't give the LSTM a memory: set its forget bias to 1 and look at the"
                " same curve."
            )
    return " ".join(sentences)


def _learned(n_updates: int, record: MemoriesRecord, left: Mapping[str, float]) -> list[str]:
    """`left`: what of the gradient arrives at step 1 after the last update."""
    losses = ", ".join(f"{NAMES[m.cell]} {m.loss_F[-1]:.4f}" for m in record.memories)
    sentences = [
        f"Losses after {n_updates} updates: {losses}; always answering 1 has {BASELINE:.4f}."
    ]
    sentences += [
        f"The {NAMES[memory.cell]} has found the marks: there, {sized(left[memory.cell])} of the"
        " gradient arrives at step 1."
        for memory in record.memories
        if memory.loss_F[-1] < BASELINE / 4
    ]
    if record.memories[0].loss_F[-1] > BASELINE / 2 and left["rnn"] > 0.01:
        sentences.append(
            f"What arrives is not enough: the RNN gets {sized(left['rnn'])} and is no better than"
            " the constant answer; each step writes over its whole state."
        )
    return sentences


def code(settings: MemoriesSettings) -> str:
    """The three trainings and their gradients through time."""
    forget = settings.forget_bias
    bias = (
        ""
        if forget is None
        else f"""
    if Cell is nn.LSTM:  # rows: input, forget, candidate, output
        nn.init.constant_(cells.bias_ih_l0[{settings.units}:{2 * settings.units}], {forget})
        nn.init.constant_(cells.bias_hh_l0[{settings.units}:{2 * settings.units}], 0.0)"""
    )
    clip = (
        ""
        if settings.clip_norm is None
        else f"""
        nn.utils.clip_grad_norm_(parameters, {settings.clip_norm})"""
    )
    return CODE.format(
        length=settings.length, units=settings.units, updates=settings.updates,
        seed=settings.seed, batch=BATCH, rate=RATE, bias=bias, clip=clip,
    )  # fmt: skip


CODE = """\
import torch
from torch import nn

LENGTH, UNITS, UPDATES, SEED = {length}, {units}, {updates}, {seed}


def rows(n, generator):
    value, mark = torch.rand(n, LENGTH, generator=generator), torch.zeros(n, LENGTH)
    row = torch.arange(n)
    mark[row, torch.randint(0, LENGTH // 2, (n,), generator=generator)] = 1
    mark[row, torch.randint(LENGTH // 2, LENGTH, (n,), generator=generator)] = 1
    return torch.stack([value, mark], dim=2), (value * mark).sum(1, keepdim=True)


def through_time(cells, readout, x, y):
    state, hidden = None, []
    for t in range(LENGTH):
        _, state = cells(x[:, t : t + 1], state)
        hidden.append(state[0] if isinstance(state, tuple) else state)
    loss = ((readout(hidden[-1][0]) - y) ** 2).sum()
    return [g[0].norm(dim=1).mean().item() for g in torch.autograd.grad(loss, hidden)]


losses, before, after = {{}}, {{}}, {{}}
x_new, y_new = rows(64, torch.Generator().manual_seed(SEED + 1_000_000))
for Cell in (nn.RNN, nn.LSTM, nn.GRU):
    torch.manual_seed(SEED)
    cells, readout = Cell(2, UNITS, batch_first=True), nn.Linear(UNITS, 1){bias}
    parameters = [*cells.parameters(), *readout.parameters()]
    optimizer = torch.optim.Adam(parameters, lr={rate})
    generator = torch.Generator().manual_seed(SEED)
    before[Cell.__name__] = through_time(cells, readout, x_new, y_new)
    for update in range(UPDATES):
        x, y = rows({batch}, generator)
        optimizer.zero_grad()
        ((readout(cells(x)[0][:, -1]) - y) ** 2).mean().backward(){clip}
        optimizer.step()
    after[Cell.__name__] = through_time(cells, readout, x_new, y_new)
    with torch.no_grad():
        losses[Cell.__name__] = ((readout(cells(x_new)[0][:, -1]) - y_new) ** 2).mean().item()
print(losses, before, after)
"""


def experiment(settings: MemoriesSettings) -> ExperimentSpec:
    """An LSTM on rows of this length."""
    block = RecurrentBlock(cell="lstm", width=settings.units, forget_bias=settings.forget_bias)
    return ExperimentSpec(
        data=DataSpec(name="adding", length=settings.length),
        network=NetworkSpec(blocks=(block,)),
        training=TrainingSpec(
            loss="mse", optimizer=OptimizerSpec(name="adam", learning_rate=RATE),
            batch_size=BATCH, clip_norm=settings.clip_norm, n_steps=1000, seed=settings.seed,
        ),
    )  # fmt: skip


MEMORIES = Exhibit(
    "memories",
    "Three memories",
    "A row of numbers, two of them marked: the answer is their sum. The first mark is in the first"
    " half, and only a cell whose gradient **reaches back that far** can learn it. Look at the left"
    " ends of the curves, then play.",
    MemoriesSettings,
    in_one(compare_memories, _asked, "Three trainings, about three seconds."),
    picture,
    notice,
    code,
    "Hochreiter & Schmidhuber 1997; Cho et al. 2014 (GRU); Gers et al. 2000 and Jozefowicz et al."
    " 2015 (forget bias). Adding problem: Le, Jaitly & Hinton 2015.",
    experiment,
)
