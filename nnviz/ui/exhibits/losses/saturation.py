"""A sigmoid that starts sure and wrong: squared error against cross-entropy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.objectives import SaturationRecord, saturated_start
from nnviz.feed import Grip, Panel
from nnviz.figures import loss_curves
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Exhibit, Frame, Play

FARTHEST, N_FRAMES = 10.0, 48
Both = tuple[SaturationRecord, SaturationRecord]


class SaturationSettings(Spec):
    """Where one logit starts, and how it descends."""

    start: Annotated[float, Field(ge=-FARTHEST, le=FARTHEST)] = Field(
        -6.0, title="Logit at the start z₀", json_schema_extra={"step": 0.5},
        description="The target is 1: a negative logit is a wrong answer, a large one a sure one.",
    )  # fmt: skip
    learning_rate: Annotated[float, Field(ge=0.05, le=20)] = Field(1.0, title="Learning rate")
    n_steps: Annotated[int, Field(ge=20, le=2000)] = Field(
        300, title="Steps", json_schema_extra={"step": 20}
    )


def measure(settings: SaturationSettings) -> Both:
    return saturated_start(settings.start, settings.learning_rate, settings.n_steps)


def picture(
    settings: SaturationSettings, records: Both, step: int | None = None
) -> Sequence[Panel]:
    """Both answers at the start, or after a step, and what becomes of them."""
    start = Grip("start", settings.start, low=-FARTHEST, high=FARTHEST, step=0.1, label="start {}")
    return (
        Panel(
            "loss", "Loss over the logit", loss_curves.descent(records, step or 0),
            "Of p = σ(z) with target 1. The discs stand where gradient descent is.", 430, 6,
            short=330, grips=(start,),
        ),
        Panel(
            "probability", "Learning", loss_curves.answers(records, step),
            "The answer p = σ(z) over the steps of gradient descent on z.", 430, 6, short=330,
        ),
    )  # fmt: skip


def frames(settings: SaturationSettings, records: Both) -> Sequence[Frame]:
    steps = np.geomspace(1, settings.n_steps + 1, N_FRAMES).round().astype(int) - 1
    return [
        Frame(f"After {step} {'step' if step == 1 else 'steps'}", picture(settings, records, step))
        for step in np.unique(steps).tolist()
    ]


def notice(settings: SaturationSettings, records: Both) -> str:
    """Who gets away from the flat end."""
    squared, entropy = records
    p = float(squared.probability_T[0])
    if p > 0.5:
        return (
            f"The answer starts right, p = {p:.3f}: the surer it is, the less is left to learn and"
            " the smaller are both gradients. Start at a negative logit to see them part."
        )
    text = (
        f"At the start the answer is p = {p:.2g} and should be 1. Cross-entropy pulls with"
        f" 1 − p = {1 - p:.3f}; the squared error's pull is multiplied by 2 p (1 − p) ="
        f" {2 * p * (1 - p):.2g}, twice the slope of the sigmoid there."
    )
    if entropy.step_half is None:
        return text + f" In {settings.n_steps} steps neither turns right: take larger ones."
    text += f" Cross-entropy answers right from step {entropy.step_half} on, the squared error"
    if squared.step_half is None:
        return text + f" not within {settings.n_steps} steps."
    return text + f" from step {squared.step_half}."


_SCRIPT = """\
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
losses = {{
    "squared error": lambda z: (torch.sigmoid(z) - 1) ** 2,
    "cross-entropy": lambda z: F.binary_cross_entropy_with_logits(z, torch.ones(())),
}}
answers = {{}}  # p = sigmoid(z) at each step
for name, compute in losses.items():
    z = torch.tensor({start!r}, requires_grad=True)
    answers[name] = []
    for step in range({n_steps} + 1):
        answers[name].append(torch.sigmoid(z).item())
        (gradient,) = torch.autograd.grad(compute(z), z)
        z = (z - {learning_rate!r} * gradient).detach().requires_grad_()
    right = [step for step, p in enumerate(answers[name]) if p > 0.5]
    print(f"{{name}}: right from step {{right[0] if right else 'never'}}")
"""


def code(settings: SaturationSettings) -> str:
    return _SCRIPT.format(**dict(settings))


def experiment(settings: SaturationSettings) -> ExperimentSpec:
    chosen = {"network": {"activation": "sigmoid"}, "training": {"loss": "mse"}}
    return ExperimentSpec.model_validate({"data": {"name": "moons"}, **chosen})


SATURATION = Exhibit(
    name="saturation",
    title="Sure but wrong",
    lead="One logit should rise to say 1: **drag its start** into the wrong, flat end and **play**"
    " to see which loss gets it out.",
    settings=SaturationSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Golik, Doetsch & Ney 2013, Cross-Entropy vs. Squared Error Training.",
    experiment=experiment,
    more=("n_steps",),
    play=Play(frames),
)
