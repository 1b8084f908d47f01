"""Dead unit: one step that is too large, and a slope of 0 from then on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.nonlinearity.dead_unit import N_POINTS, START, dead_units
from nnviz.experiments.nonlinearity.records import DeadUnitRecord
from nnviz.feed import Grip, Panel
from nnviz.figures.dead_unit import dead_unit_lines, rate_bars
from nnviz.ui.exhibits.activations.chosen import Names, choose, listed, modules_code, on
from nnviz.ui.exhibits.exhibit import Exhibit

LAST, LARGEST = 20, 20


class DeadSettings(Spec):
    """The one large step, and all others."""

    jump_rate: Annotated[float, Field(ge=0.1, le=LARGEST)] = Field(
        8.0,
        title="Learning rate of the one large step",
        description="All other steps use the small one.",
        json_schema_extra={"step": 0.1},
    )
    jump_at: Annotated[int, Field(ge=1, le=LAST)] = Field(5, title="Which step it is")
    learning_rate: Annotated[float, Field(ge=0.01, le=0.3)] = Field(
        0.15, title="Learning rate otherwise", json_schema_extra={"step": 0.01}
    )
    n_steps: Annotated[int, Field(ge=50, le=1000)] = Field(
        400, title="Steps", json_schema_extra={"step": 50}
    )
    dead_names: Names = ("relu", "leaky_relu", "relu6")


def measure(s: DeadSettings) -> Sequence[DeadUnitRecord]:
    """The same unit with each activation."""
    return dead_units(s.dead_names, s.learning_rate, s.jump_rate, s.jump_at, s.n_steps)


def picture(settings: DeadSettings, shown: Sequence[DeadUnitRecord]) -> Sequence[Panel]:
    """The unit's largest pre-activation, and the large step to be dragged."""
    s = settings
    jump = Grip("jump", s.jump_at, s.jump_rate, "xy", 1, LAST, 1, "the large step")
    return (
        Panel(
            "highest", "The unit's largest pre-activation",
            dead_unit_lines(shown, s.jump_at),
            "Largest z = w x + b over all inputs. At or below 0 no input reaches the unit.",
            430, 6, short=330,
        ),
        Panel(
            "rate", "Learning rate of the first steps",
            rate_bars(s.learning_rate, s.jump_rate, s.jump_at, LAST),
            "One step is larger than all others: drag it.", 430, 6, short=330, grips=(jump,),
        ),
    )  # fmt: skip


def grasp(settings: DeadSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The large step: when, and how large."""
    at, rate = sent["jump"]
    return {"jump_at": round(at), "jump_rate": rate}


def notice(settings: DeadSettings, shown: Sequence[DeadUnitRecord]) -> str:
    """Who dies, who comes back, who stays."""
    lost: dict[int, list[DeadUnitRecord]] = {}
    found, slow = [], []
    for r in shown:
        name = listed([r.name])
        if not np.isfinite(r.loss_T).all():
            found.append(f"With {name} the large step is too large: training diverges.")
        elif r.recovers_at is not None:
            found.append(
                f"With {name} it falls below 0 at step {r.dies_at} and is back at step"
                f" {r.recovers_at}: its slope below 0 lets a gradient through."
            )
        elif r.dies_at is not None and r.gradient_T[-1] == 0:
            lost.setdefault(r.dies_at, []).append(r)
        elif r.dies_at is not None:
            slow.append(r.name)
    dead = [
        f"{'The large step' if step == settings.jump_at else f'Step {step}'} pushes the unit with"
        f" {listed([r.name for r in records])} below 0 on all inputs: its gradient is exactly 0"
        " from then on, and no later step can bring it back; the loss ends at"
        f" {records[0].loss_T[-1]:.2g}."
        for step, records in sorted(lost.items())
    ]
    if slow:
        found.append(
            f"With {listed(slow)} it is below 0 and still gets a gradient, but"
            f" {settings.n_steps} steps were not enough to come back."
        )
    return " ".join([*dead, *found]) or (
        "No unit falls below 0 on all inputs here: make the large step larger, or take it earlier,"
        " while the gradient is still large."
    )


CODE = """\
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
x = torch.linspace(-1, 1, {n_points})
y = x.clamp(min=0)
highest = {{}}  # largest pre-activation over all inputs, at each step
for name, phi in {modules}.items():
    w, b, v, c = (torch.tensor(t, requires_grad=True) for t in {start})
    highest[name] = []
    for step in range({n_steps} + 1):
        z = w * x + b
        highest[name].append(z.max().item())
        loss = (v * phi(z) + c - y).square().mean()
        gradients = torch.autograd.grad(loss, [w, b, v, c])
        rate = {jump_rate!r} if step + 1 == {jump_at} else {learning_rate!r}
        with torch.no_grad():
            for parameter, gradient in zip([w, b, v, c], gradients):
                parameter -= rate * gradient
    below = [step for step, z in enumerate(highest[name]) if z <= 0]
    print(name, f"is below 0 on all inputs for {{len(below)}} steps", below[:1])
"""


def code(settings: DeadSettings) -> str:
    """The same unit, step by step."""
    return CODE.format(
        **settings.model_dump(exclude={"dead_names"}),
        modules=modules_code(settings.dead_names),
        n_points=N_POINTS,
        start=tuple(START.values()),
    )


DEAD = Exhibit(
    name="dead",
    title="Dead unit",
    lead="One step that is too large can push a unit to where its activation is flat: drag the"
    " large step and see who comes back above 0.",
    settings=DeadSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="A unit v·φ(w x + b) + c fitted to max(0, x) by gradient descent; the leaky ReLU is of"
    " Maas et al. 2013.",
    experiment=lambda s: on("spirals", [8] * 2, s.dead_names[0]),
    fields=lambda settings: ("jump_rate", "jump_at", "learning_rate", "n_steps"),
    more=("learning_rate", "n_steps"),
    controls=lambda document, path: choose(document, "dead_names", path),
    grasp=grasp,
)
