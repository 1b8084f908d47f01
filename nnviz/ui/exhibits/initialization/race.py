"""Four networks that differ in their initial weights alone: what they hand on, how they learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, isfinite, log, log10, sqrt
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field

from nnviz.base import Spec
from nnviz.blocks.learned import ActivationName
from nnviz.catalog.activations import gain
from nnviz.catalog.choices import one_of
from nnviz.catalog.initializers import INITIALIZERS, fits
from nnviz.experiments.initial_weights import RaceLaneRecord, race_lane, race_steps
from nnviz.records import FloatArray
from nnviz.runs.sweep import Call
from nnviz.spec import ComparisonSpec, ExperimentSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.initialization.race_code import race_code
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.exhibits.scene import Scene

WIDTH, N_STEPS, LOW, HIGH = 64, 300, 0.01, 1.0
TALLEST = 0.08
"""Share of the activations that fills a histogram's height; a taller bin is cut off."""
GUESSES = "still guesses"
DENSE = {name: INITIALIZERS[name] for name in INITIALIZERS if fits(name, 2)}
Spread = Annotated[float, Field(ge=LOW, le=HIGH)]


class RaceSettings(Spec):
    """The four starts, and the network that all of them share."""

    small: Spread = 0.05
    large: Spread = 0.3
    fourth: Annotated[str, AfterValidator(one_of("fourth", DENSE))] = Field(
        "default", title="Fourth lane", json_schema_extra={"choices": list(DENSE)},
        description="'default' is how PyTorch's nn.Linear starts.",
    )  # fmt: skip
    hidden_activation: ActivationName = Field("relu", title="Activation")
    n_layers: Annotated[int, Field(ge=2, le=10)] = Field(6, title="Hidden layers")
    learning_rate: Annotated[float, Field(ge=0.001, le=1)] = Field(
        0.05, title="Learning rate", description="Of plain gradient descent, batches of 32.",
        json_schema_extra={"offered": [0.005, 0.01, 0.02, 0.05, 0.1, 0.2]},
    )  # fmt: skip
    seed: Annotated[int, Field(ge=0, le=99)] = Field(0, title="Seed")

    @property
    def right(self) -> float:
        """The standard deviation that Kaiming gives the hidden layers: gain / √fan_in."""
        return gain(self.hidden_activation) / sqrt(WIDTH)

    @property
    def lanes(self) -> Mapping[str, ExperimentSpec]:
        """Same data and batches, other starts, by the lane's name."""
        fourth = "PyTorch" if self.fourth == "default" else self.fourth.replace("_", " ")
        starts: dict[str, Mapping[str, Any]] = {
            "Small": {"name": "normal", "std": self.small},
            "Kaiming": {"name": "kaiming_normal"},
            "Large": {"name": "normal", "std": self.large},
            fourth: {"name": self.fourth},
        }
        network = {
            "blocks": [{"kind": "dense", "width": WIDTH}] * self.n_layers,
            "activation": self.hidden_activation,
        }  # fmt: skip
        training = {
            "batch_size": 32, "n_steps": N_STEPS, "seed": self.seed, "device": "cpu",
            "optimizer": {"name": "sgd", "learning_rate": self.learning_rate},
        }  # fmt: skip
        shared = {"data": {"name": "digits"}, "training": training}
        return {
            name: ExperimentSpec.model_validate(
                {**shared, "network": {**network, "initialization": start}}
            )
            for name, start in starts.items()
        }


Lanes = Mapping[str, RaceLaneRecord]


def calls(settings: RaceSettings, results: Sequence[RaceLaneRecord]) -> Sequence[Call]:
    """The lanes that nobody has raced yet."""
    known, asked = {record.spec for record in results}, dict.fromkeys(settings.lanes.values())
    return [(race_lane, (spec,)) for spec in asked if spec not in known]


def collect(settings: RaceSettings, results: Sequence[RaceLaneRecord]) -> Lanes:
    """Every lane, those still running at their start."""
    found = {record.spec: record for record in results}
    return {
        name: found.get(spec) or race_lane(spec, starts_only=True)
        for name, spec in settings.lanes.items()
    }


def question(settings: RaceSettings) -> Spec:
    """All starts are one question, so that a lane that stays is not raced again."""
    return settings.model_copy(update={"small": LOW, "large": HIGH, "fourth": "default"})


def picture(settings: RaceSettings, lanes: Lanes) -> Scene:
    """Histograms of all layers over the losses; the script plays them."""
    losses = np.concatenate([record.loss_T for record in lanes.values()])
    losses = losses[np.isfinite(losses) & (losses > 0)]
    low, high = floor(log10(losses.min())), ceil(log10(losses.max()))
    told = [_told(name, record) for name, record in lanes.items()]
    told[0] |= {"knob": "small", "std": settings.small}
    told[2] |= {"knob": "large", "std": settings.large}
    facts = {
        "steps": race_steps(N_STEPS), "layers": settings.n_layers, "lanes": told,
        "powers": [max(low, -4), min(max(high, 1), 4)],
        "right": settings.right, "low": LOW, "high": HIGH,
    }  # fmt: skip
    return Scene("race", facts)


def _told(name: str, record: RaceLaneRecord) -> dict[str, Any]:
    heights_TLB = 100 * np.minimum(record.share_TLB / TALLEST, 1)
    return {
        "name": name, "knob": None, "std": None, "waits": record.is_start,
        "loss": [_number(value) for value in record.loss_T],
        "heights": heights_TLB.round().astype(int).tolist(),
        "sizes": [[_number(value) for value in row_L] for row_L in record.rms_TL],
        "diverged": record.diverged_at,
    }  # fmt: skip


def _number(value: float) -> float | None:
    return float(f"{value:.4g}") if isfinite(value) else None


def notice(settings: RaceSettings, lanes: Lanes) -> str:
    """What becomes of the sizes with depth, and who learns."""
    rule = f"Kaiming's std is gain / √{WIDTH} = {settings.right:.3f}, the green mark."
    if settings.hidden_activation == "relu":
        rule = (
            f"With ReLU each layer multiplies E a² by {WIDTH}·std²/2, which is 1 at the green mark,"
            f" std = {settings.right:.3f}."
        )
    ways = [f"from {_way(lanes[name].rms_TL[0])} ({name})" for name in list(lanes)[:3]]
    return (
        f"At the start the activations' size goes, from layer 1 to layer {settings.n_layers},"
        f" {', '.join(ways)}. {rule} {_ends(lanes)}"
    )


def _way(rms_L: FloatArray) -> str:
    first, last = (f"{rms:,.0f}" if rms >= 100 else f"{rms:.2g}" for rms in rms_L[[0, -1]])
    return f"{first} to {last}"


def _ends(lanes: Lanes) -> str:
    if n_missing := sum(record.is_start for record in lanes.values()):
        return f"{len(lanes) - n_missing} of {len(lanes)} lanes are trained so far."
    ends = {name: _end(record) for name, record in lanes.items()}
    told = ", ".join(f"{name} {end}" for name, end in ends.items())
    guessing = " Guessing costs ln 10 = 2.30." * (GUESSES in ends.values())
    return f"After {N_STEPS} batches {told}.{guessing}"


def _end(record: RaceLaneRecord) -> str:
    if record.is_lost:
        return "diverged"
    is_stuck = abs(record.loss_T[-1] - log(10)) < 0.03
    return GUESSES if is_stuck else f"has {record.accuracy_T[-1]:.0%} of the digits right"


def compared(settings: RaceSettings) -> ComparisonSpec:
    """The four lanes, live."""
    base, lanes = settings.lanes["Kaiming"], []
    for name, spec in settings.lanes.items():
        start = spec.network.initialization.model_dump(exclude_none=True)
        own = [{"path": f"network.initialization.{k}", "value": v} for k, v in start.items()]
        lanes.append({"name": name, "overrides": own if spec != base else []})
    return ComparisonSpec.model_validate({"base": base, "lanes": lanes})


RACE = Exhibit(
    name="race",
    title="The race",
    lead="Same data and batches, four starts: **drag a circle** to spread weights less or more,"
    " then **play** and watch who learns.",
    settings=RaceSettings,
    measure=Pieces(calls, collect, question, about=lambda asked: "4 lanes, about 2 s"),
    picture=picture,
    notice=notice,
    code=lambda settings: race_code(settings.lanes),
    source="Glorot & Bengio 2010; He et al. 2015, Delving Deep into Rectifiers.",
    experiment=lambda settings: list(settings.lanes.values())[-1],
    fields=lambda settings: ("fourth", "hidden_activation", "n_layers", "learning_rate", "seed"),
    more=("seed",),
    lanes=compared,
)
