"""What fades and what bursts on the way back through time; and clipping."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log10
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.blocks.recurrent import RecurrentBlock
from nnviz.experiments.sequences import ClipRecord, FadingRecord, clip, fade
from nnviz.spec import DataSpec, ExperimentSpec, NetworkSpec, OptimizerSpec, TrainingSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.scene import Scene
from nnviz.ui.exhibits.sequences.words import sized

LOW, HIGH = 0.67, 1.5


class FadingSettings(Spec):
    """A recurrent layer that stretches or shrinks its state, and how its gradient is clipped."""

    gain: Annotated[float, Field(ge=LOW, le=HIGH)] = Field(
        1.15, title="Gain g of W_hh", json_schema_extra={"step": 0.01},
        description="W_hh is g times an orthogonal matrix: it stretches every direction by g.",
    )  # fmt: skip
    units_are: Literal["linear", "tanh"] = Field(
        "linear", title="Units", description="Linear units hand on what they get; tanh bends it."
    )
    input_size: Annotated[float, Field(ge=0.1, le=2)] = Field(
        0.1, title="Size of the inputs", json_schema_extra={"step": 0.1},
        description="Standard deviation. Small inputs keep tanh units where they are linear.",
    )  # fmt: skip
    length: Annotated[int, Field(ge=5, le=50)] = Field(
        30, title="Steps", json_schema_extra={"step": 5}
    )
    units: Annotated[int, Field(ge=2, le=32)] = Field(16, title="Number of units")
    limit: Literal["0.1", "1", "10"] = Field("1", title="Clip the gradient at")
    seed: Annotated[int, Field(ge=0, le=20)] = Field(0, title="Seed")

    @property
    def is_linear(self) -> bool:
        """Whether the units are the identity."""
        return self.units_are == "linear"


@dataclass(frozen=True)
class Measured:
    """Both parts of the picture."""

    fading: FadingRecord
    clipped: ClipRecord


def measure(settings: FadingSettings) -> Measured:
    """One pass forward, and back step by step."""
    s = settings
    return Measured(
        fade(s.gain, s.units, s.length, s.is_linear, s.input_size, s.seed),
        clip(s.gain, s.units, s.length, s.is_linear, float(s.limit), s.input_size, s.seed),
    )


def picture(settings: FadingSettings, measured: Measured) -> Scene:
    """The singular values over time, and three arrows."""
    fading, clipped = measured.fading, measured.clipped
    facts = {
        "gain": settings.gain,
        "gainLow": LOW,
        "gainHigh": HIGH,
        "steps": settings.length,
        "reach": max(1, ceil((settings.length - 1) * log10(HIGH))),
        "linear": settings.is_linear,
        "largest": [float(f"{value:.5g}") for value in fading.largest_T],
        "smallest": [float(f"{value:.5g}") for value in fading.smallest_T],
        "clip": {
            "limit": clipped.limit,
            "whole": clipped.whole,
            "norm": clipped.by_norm,
            "value": clipped.by_value,
            "normAngle": clipped.angle_by_norm,
            "valueAngle": clipped.angle_by_value,
        },
    }
    return Scene("fading", facts)


def notice(settings: FadingSettings, measured: Measured) -> str:
    """What arrives after all steps back, and what clipping did to the gradient."""
    left, back = measured.fading.largest_T[-1], settings.length - 1
    rule = settings.gain**back
    how = "fades" if left < 0.5 else "bursts" if left > 2 else "keeps its size"
    words = [
        f"Over {back} steps back the gradient {how}: × {sized(left)}, where g to the power {back}"
        f" is {sized(rule)}."
    ]
    if not settings.is_linear:
        is_bent = not np.isclose(left, rule, rtol=0.1)
        words.append(
            "The tanh units are bent: each step back multiplies by a slope below 1."
            if is_bent
            else "The states are so small that the tanh units are as good as linear."
        )
    clipped = measured.clipped
    whole, short = sized(clipped.whole), sized(clipped.by_norm)
    if clipped.whole <= clipped.limit:
        words.append(
            f"The gradient's norm is {whole}, below the limit: nothing is clipped by norm."
        )
    else:
        words.append(
            f"Clipping by norm takes its length from {whole} to {short} and leaves its direction;"
            f" clipping each value turns it by {clipped.angle_by_value:.0f}°."
        )
    return " ".join(words)


CODE = """\
import torch
from torch import nn

GAIN, UNITS, STEPS, LIMIT = {gain}, {units}, {length}, {limit}
generator = torch.Generator().manual_seed({seed})


def normal(*shape):
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


q, r = torch.linalg.qr(normal(UNITS, UNITS))
W_hh = nn.Parameter(GAIN * q * torch.sign(torch.diagonal(r)))  # g times an orthogonal matrix
W_ih = nn.Parameter(normal(UNITS, 1))
x, wanted = {size} * normal(STEPS, 1), normal(UNITS)

states = [torch.zeros(UNITS, dtype=torch.float64)]
for value in x:
    states.append({state})

norms = []  # of dh_T/dh_t for t = T, T - 1, ..., 1
for state in states[:0:-1]:
    rows = [torch.autograd.grad(out, state, retain_graph=True)[0] for out in states[-1]]
    norms.append(torch.linalg.matrix_norm(torch.stack(rows), 2).item())

(((states[-1] - wanted) ** 2).sum() / 2).backward()
before = torch.cat([W_hh.grad.flatten(), W_ih.grad.flatten()])
nn.utils.clip_grad_norm_([W_hh, W_ih], LIMIT)
after = torch.cat([W_hh.grad.flatten(), W_ih.grad.flatten()])
print(norms, before.norm().item(), after.norm().item())
"""


def code(settings: FadingSettings) -> str:
    """The layer, its Jacobians by autograd, and torch's clipping."""
    total = "W_hh @ states[-1] + W_ih @ value"
    return CODE.format(
        gain=settings.gain, units=settings.units, length=settings.length, limit=settings.limit,
        seed=settings.seed, size=settings.input_size,
        state=total if settings.is_linear else f"torch.tanh({total})",
    )  # fmt: skip


def experiment(settings: FadingSettings) -> ExperimentSpec:
    """A plain RNN on the adding problem, its gradient clipped at this norm."""
    return ExperimentSpec(
        data=DataSpec(name="adding", length=max(settings.length, 4)),
        network=NetworkSpec(blocks=(RecurrentBlock(cell="rnn", width=settings.units),)),
        training=TrainingSpec(
            loss="mse", clip_norm=float(settings.limit), seed=settings.seed,
            optimizer=OptimizerSpec(name="adam", learning_rate=0.01),
        ),
    )  # fmt: skip


FADING = Exhibit(
    "fading",
    "What fades, what bursts",
    "Each step back through time multiplies by W_hh once more. **Drag the left end** of the dotted"
    " line across 1: a gain of 0.9 or of 1.1 makes all the difference thirty steps back.",
    FadingSettings,
    measure,
    picture,
    notice,
    code,
    "Bengio, Simard & Frasconi 1994; Pascanu, Mikolov & Bengio 2013.",
    experiment,
)
