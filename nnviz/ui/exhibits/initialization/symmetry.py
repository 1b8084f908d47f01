"""Units that start alike stay alike, until chance or a hand tells them apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.blocks.initialization import InitializerName
from nnviz.blocks.learned import ActivationName
from nnviz.experiments.initial_weights import Breaker, SymmetryRecord, misfit, train_from
from nnviz.feed import Grip, Panel
from nnviz.figures import initial_weights
from nnviz.spec import ExperimentSpec, InitializationSpec
from nnviz.ui.exhibits.exhibit import Exhibit, Frame, Play
from nnviz.ui.exhibits.initialization.symmetry_code import symmetry_code

IDENTICAL = 1e-9
"""Units closer than this are alike up to rounding in double precision."""
MOST_MOVED = 2.0
Moved = Annotated[float, Field(ge=-MOST_MOVED, le=MOST_MOVED)]


class SymmetrySettings(Spec):
    """How a small layer starts on two circles, and what may tell its units apart."""

    start: InitializerName = Field("constant", title="Initial weights")
    breaker: Breaker = Field(
        "nothing", title="What tells units apart",
        description="Noise of 0.001 on the weights, dropout of 0.3, or a random output layer.",
    )  # fmt: skip
    activation: ActivationName = Field("relu", title="Activation")
    n_units: Annotated[int, Field(ge=2, le=12)] = Field(6, title="Hidden units")
    n_steps: Annotated[int, Field(ge=50, le=600)] = Field(
        300, title="Steps", json_schema_extra={"step": 50}
    )
    learning_rate: Annotated[float, Field(ge=0.05, le=2)] = Field(1.0, title="Learning rate")
    moved: tuple[Moved, Moved] = (0.0, 0.0)

    @model_validator(mode="after")
    def _fits(self) -> SymmetrySettings:
        if refusal := misfit(self.start, 2):
            raise ValueError(f"{refusal} Choose another initializer")
        return self


def measure(settings: SymmetrySettings) -> SymmetryRecord:
    s, start = settings, InitializationSpec(name=settings.start)
    return train_from(
        start, s.activation, s.n_units, s.breaker, s.n_steps, s.learning_rate, s.moved
    )


def picture(
    settings: SymmetrySettings, record: SymmetryRecord, until: int | None = None
) -> Sequence[Panel]:
    """The units in the plane of their weights, and how far apart they are, up to a moment."""
    x, y = (float(weight) for weight in record.weight_TDF[0, 0, :2])
    low, high = min(x, y, -MOST_MOVED), max(x, y, MOST_MOVED)
    grip = Grip("unit", x, y, "xy", low, high, 0.01, "drag unit 1")
    return (
        Panel(
            "paths", "The units' weights", initial_weights.unit_paths(record, until),
            "Each unit's two incoming weights through training; a ring where it stands.", 430, 6,
            short=330, grips=(grip,),
        ),
        Panel(
            "spread", "Distance between units", initial_weights.unit_spread(record, until),
            "Largest distance between the incoming weights of two units.", 430, 6, short=330,
        ),
    )  # fmt: skip


def grasp(settings: SymmetrySettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """How far the first unit was moved from where it was drawn."""
    start = measure(settings.model_copy(update={"n_steps": 1, "moved": (0.0, 0.0)}))
    drawn = start.weight_TDF[0, 0, :2]
    moved = np.asarray(sent["unit"], float) - drawn
    return {"moved": moved.round(3).clip(-MOST_MOVED, MOST_MOVED).tolist()}


def frames(settings: SymmetrySettings, record: SymmetryRecord) -> Sequence[Frame]:
    return [
        Frame(f"After {step} {'step' if step == 1 else 'steps'}", picture(settings, record, moment))
        for moment, step in enumerate(record.steps_T)
    ]


def numbers(settings: SymmetrySettings, record: SymmetryRecord) -> Mapping[str, str]:
    """What the units have become."""
    last = {
        "Distance between units": f"{record.spread_T[-1]:.2g}",
        "Effective rank of the layer": f"{record.effective_rank_T[-1]:.2f}",
        "Loss": f"{record.loss_T[-1]:.3f}",
        "Points answered correctly": f"{record.accuracy:.0%}",
    }
    return {name: "–" if text in ("nan", "inf") else text for name, text in last.items()}


def notice(settings: SymmetrySettings, record: SymmetryRecord) -> str:
    """Alike units get alike gradients."""
    start, end = float(record.spread_T[0]), float(record.spread_T[-1])
    n, steps, breaker = settings.n_units, settings.n_steps, settings.breaker
    solved = f"{record.accuracy:.0%} of the points are answered correctly"
    if not math.isfinite(end):
        return "The training diverged: take a smaller learning rate."
    if end < IDENTICAL:
        silent = (
            " Not even this tells them apart, because no gradient reaches them: the hidden"
            " activations or the output weights are 0 and stay so."
        ) * (breaker in ("dropout", "output"))
        return (
            f"All {n} units start alike, so they get the same gradient at every step and are still"
            f" alike after {steps}: the layer works as a single unit, and {solved}.{silent}"
        )
    if start < IDENTICAL:
        what = {
            "dropout": "Dropout leaves out different units at each step",
            "output": "The random output layer sends each unit another gradient",
        }.get(breaker, "Rounding")
        return f"{what}: units that started alike end {end:.2g} apart, and {solved}."
    if any(settings.moved) and settings.start in ("constant", "ones", "zeros"):
        alike = breaker == "nothing" and n > 2
        others = f" The other {n - 1} are still alike: they work as one." if alike else ""
        return f"You moved one unit by hand: it gets a gradient of its own, and {solved}.{others}"
    if breaker == "noise" and start < 0.1:
        way = "grows" if end > 2 * start else "has hardly grown"
        return (
            f"A difference of {start:.1g} between the units at the start {way} to {end:.2g} in"
            f" {steps} steps; {solved}. Chance only has to begin, training does the rest."
        )
    return (
        f"These units differ from the start, by up to {start:.2g}: each gets a gradient of its own,"
        f" and after {steps} steps {solved}. Choose constant, ones or zeros to see the other case."
    )


def experiment(settings: SymmetrySettings) -> ExperimentSpec:
    blocks, start = [{"kind": "dense", "width": settings.n_units}], {"name": settings.start}
    network = {"blocks": blocks, "activation": settings.activation, "initialization": start}
    return ExperimentSpec.model_validate({"data": {"name": "circles"}, "network": network})


SYMMETRY = Exhibit(
    name="symmetry",
    title="Starting alike",
    lead="Units that start alike get the same gradients and move as one: **drag one of them away**"
    " from the others, then **play**.",
    settings=SymmetrySettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=lambda settings: symmetry_code(**dict(settings)),
    source="Goodfellow, Bengio & Courville 2016, Deep Learning, section 8.4.",
    experiment=experiment,
    numbers=numbers,
    fields=lambda settings: [name for name in type(settings).model_fields if name != "moved"],
    more=("n_steps", "learning_rate"),
    play=Play(frames),
    grasp=grasp,
)
