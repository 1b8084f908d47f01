"""Depth: the signal going forward and the gradient going back through many bends."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple, get_args

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.signal_propagation import (
    NoTheory,
    SignalRecord,
    SignalSpec,
    TheoryRecord,
    affordable_seeds,
    expected_signal,
    measure_signal,
)
from nnviz.experiments.signal_propagation.records import Fate
from nnviz.feed import Grip, Panel
from nnviz.figures.signal_depth import growth_bars, signal_by_depth
from nnviz.spec import ComparisonSpec, ExperimentSpec, InitializationSpec
from nnviz.ui.exhibits.activations.chosen import Names, choose, listed, on
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.signal_code import signal_code

SECONDS = 0.1
"""Time that all signals may take together on one core."""
DEEPEST, ROOMY = 50, 30
expected = lru_cache(maxsize=64)(expected_signal)


class DepthSettings(Spec):
    """The networks: all alike but for their activation."""

    depth: Annotated[int, Field(ge=1, le=DEEPEST)] = Field(20, title="Layers")
    width: Annotated[int, Field(ge=8, le=128)] = Field(
        64, title="Units a layer", json_schema_extra={"step": 8}
    )
    initialization: Literal["default", "xavier_normal", "kaiming_normal", "orthogonal"] = Field(
        "xavier_normal",
        title="Initial weights",
        description="kaiming, xavier and orthogonal use the gain of each activation.",
    )
    n_seeds: Annotated[int, Field(ge=1, le=10)] = Field(3, title="Seeds at most")
    names: Names = ("relu", "tanh", "sigmoid", "gelu")

    def signal(self, name: str) -> SignalSpec:
        """One of the networks, with as many seeds as there is time for."""
        asked = SignalSpec(
            activation=name, width=self.width, depth=self.depth,
            initialization=InitializationSpec(name=self.initialization), n_seeds=self.n_seeds,
        )  # fmt: skip
        affordable = affordable_seeds(asked, SECONDS / len(self.names))
        return asked.model_copy(update={"n_seeds": min(self.n_seeds, affordable)})


class Signals(NamedTuple):
    """By activation: what was measured, and what mean-field theory expects."""

    measured: Mapping[str, SignalRecord]
    theory: Mapping[str, TheoryRecord | NoTheory]


def measure(settings: DepthSettings) -> Signals:
    """Every network at its start."""
    specs = {name.replace("_", " "): settings.signal(name) for name in settings.names}
    measured = {name: measure_signal(spec) for name, spec in specs.items()}
    return Signals(measured, {name: expected(spec) for name, spec in specs.items()})


def picture(settings: DepthSettings, shown: Signals) -> Sequence[Panel]:
    """Back and forward, on an axis that has room to drag the depth."""
    room = ROOMY if settings.depth <= ROOMY else DEEPEST
    handle = Grip("depth", settings.depth, None, "x", 1, room, 1, "{} layers")
    back = signal_by_depth(shown.measured, "backward", shown.theory)
    forward = signal_by_depth(shown.measured, "forward", shown.theory)
    for figure in (back, forward):
        figure["layout"]["xaxis"]["range"] = [0.5, room + 0.5]
    return (
        Panel(
            "backward", "The gradient going back", back,
            "Root mean square of ∂L/∂z in each layer for a loss of random direction at the last"
            " one; dashed: mean-field theory. Read it from right to left.", 430, 6, short=330,
            grips=(handle,),
        ),
        Panel(
            "forward", "The signal going forward", forward,
            "Root mean square of the pre-activations in each layer; dashed: mean-field theory.",
            430, 6, short=330,
        ),
    )  # fmt: skip


def panels(settings: DepthSettings, shown: Signals) -> Sequence[Panel]:
    """The factor of a layer."""
    factors = {n: t.growth for n, t in shown.theory.items() if isinstance(t, TheoryRecord)}
    return (
        Panel(
            "growth", "Factor on the gradient a layer", growth_bars(shown.measured, factors),
            "√χ̂ with χ̂ = (δ₁²/δ_L²)^(1/(L−1)); at 1 the gradient keeps its size.", 330, 12,
        ),
    )  # fmt: skip


def notice(settings: DepthSettings, shown: Signals) -> str:
    """Which gradients vanish, explode or arrive."""
    if settings.depth < 2:
        return "One layer has no depth to lose a gradient in: take more layers."
    signals = shown.measured
    fates = {fate: [n for n in signals if signals[n].fate == fate] for fate in get_args(Fate)}
    found = [f"The gradient **{fate}** with {listed(n)}." for fate, n in fates.items() if n]
    ratios = {n: s.first_to_last for n, s in signals.items() if math.isfinite(s.first_to_last)}
    if ratios:
        name = min(ratios, key=ratios.__getitem__)
        factor = math.sqrt(float(np.mean(signals[name].growth_by_seed)))
        found.append(
            f"With {name} each layer multiplies it by {factor:.3f} on the way back:"
            f" {ratios[name]:.2g} of it is left at layer 1 after {settings.depth - 1} such steps."
        )
    found.append("Vanishing and exploding mean a thousandfold here, a convention of ours.")
    fewest = min(len(signal.delta_rms_SL) for signal in signals.values())
    if fewest < settings.n_seeds:
        found.append(
            f"{fewest} of {settings.n_seeds} seeds are measured for the answer to stay quick; fewer"
            " activations, units or layers leave time for more."
        )
    return " ".join(found)


def experiment(settings: DepthSettings) -> ExperimentSpec:
    """As many layers, of at most 32 units, on spirals."""
    widths = [min(settings.width, 32)] * settings.depth
    weights = {"name": settings.initialization}
    return on("spirals", widths, settings.names[0], initialization=weights)


def lanes(settings: DepthSettings) -> ComparisonSpec:
    """The first four activations side by side."""
    names = list(dict.fromkeys([*settings.names, "relu", "sigmoid"]))
    names = names[: max(2, min(4, len(settings.names)))]
    chosen = [
        {"name": n.replace("_", " "), "overrides": [{"path": "network.activation", "value": n}]}
        for n in names
    ]
    return ComparisonSpec.model_validate({"base": experiment(settings), "lanes": chosen})


DEPTH = Exhibit(
    name="depth",
    title="Depth",
    lead="On the way back every layer multiplies the gradient with its weights and slopes: drag the"
    " depth and see whose gradient still arrives at layer 1.",
    settings=DepthSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=lambda settings: signal_code([settings.signal(name) for name in settings.names]),
    source="Hochreiter 1991 and Bengio et al. 1994 named the vanishing gradient, in the days of the"
    " sigmoid; Glorot & Bengio 2010 chose initial weights against it, Glorot et al. 2011 the ReLU."
    " Mean field: Schoenholz et al. 2017.",
    experiment=experiment,
    panels=panels,
    fields=lambda settings: ("depth", "width", "initialization", "n_seeds"),
    more=("n_seeds",),
    controls=lambda document, path: choose(document, "names", path),
    lanes=lanes,
)
