"""A signal forward and a gradient back through many layers, at the start."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from nnviz.blocks.learned import ActivationName, Groups, NormalizationName, Placement
from nnviz.experiments.initial_weights import DepthRecord, misfit, scaled, start_for, through_depth
from nnviz.experiments.signal_propagation import SignalSpec, TheoryRecord, affordable_seeds
from nnviz.feed import Grip, Panel
from nnviz.figures.initial_weights import singular_values
from nnviz.figures.layout import plain_number
from nnviz.figures.signal_depth import signal_by_depth
from nnviz.spec import ExperimentSpec
from nnviz.ui.controls.network import initialization_controls
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.signal_code import signal_code
from nnviz.ui.exhibits.words import full

SECONDS = 0.05
"""Time that the measurement may take on one core."""
STEADY = 4
"""The axes end at multiples of so many powers of ten, so that they stay while a hand drags."""


class DepthSettings(SignalSpec):
    """The untrained network that a signal is sent through, with as many seeds as time allows."""

    activation: ActivationName = Field("relu", title="Activation")
    depth: Annotated[int, Field(ge=1, le=60)] = Field(30, title="Layers")
    width: Annotated[int, Field(ge=8, le=128)] = Field(
        64, title="Units a layer", json_schema_extra={"step": 8}
    )
    normalization: NormalizationName = Field("none", title="Normalization")
    placement: Placement = Field(
        "before", title="It stands", description="Before or after the activation."
    )
    groups: Groups = Field(4, title="Groups")
    n_samples: Literal[64] = 64
    n_seeds: Annotated[int, Field(ge=1, le=10)] = 5

    @model_validator(mode="after")
    def _fits(self) -> DepthSettings:
        if refusal := misfit(self.initialization.name, 2):
            raise ValueError(f"{refusal} Choose another initializer")
        return self

    @property
    def signal(self) -> SignalSpec:
        """The network with the seeds that there is time for."""
        seeds = min(self.n_seeds, affordable_seeds(self, SECONDS))
        return SignalSpec.model_validate({**dict(self), "n_seeds": seeds})


def picture(settings: DepthSettings, found: DepthRecord) -> Sequence[Panel]:
    """Forward, with the end to be dragged, and back."""
    forward, backward = (
        signal_by_depth({"measured": found.signal}, way, {"measured": found.theory}, STEADY)
        for way in ("forward", "backward")
    )
    return (
        Panel(
            "forward", "The signal going forward", forward,
            "Root mean square of the pre-activations z. Dots: single seeds; line: their geometric"
            " mean; dashed: mean-field theory, with the band (3 σ) that width and seeds allow.",
            400, 6, short=320, grips=_grips(settings, found),
        ),
        Panel(
            "backward", "The gradient going back", backward,
            "Root mean square of ∂L/∂z for a loss of random direction at the last layer. Read it"
            " from right to left.", 400, 6, short=320,
        ),
    )  # fmt: skip


def _grips(settings: DepthSettings, found: DepthRecord) -> Sequence[Grip]:
    last = found.theory.second_moment_L[-1] if isinstance(found.theory, TheoryRecord) else 0.0
    is_fixed = scaled(settings.initialization, settings.activation, 1.0) is None
    if is_fixed or not 0 < last < math.inf:
        return ()
    end = math.log10(last) / 2
    low, high = end - 2 * STEADY, end + 2 * STEADY
    return (Grip("end", settings.depth, end, "y", low, high, 0.05, "drag"),)


def grasp(settings: DepthSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Weights so much larger or smaller that theory ends where the hand is."""
    start = start_for(settings.signal, float(sent["end"]))
    return {} if start is None else {"initialization": start.model_dump(mode="json")}


def panels(settings: DepthSettings, found: DepthRecord) -> Sequence[Panel]:
    if not found.spectra:
        return ()
    about = (
        "Of the first layer's weights, and of ∂z_L/∂x through the whole stack at one input:"
        " how it stretches each direction. What is missing is 0 or rounding."
    )
    return (Panel("jacobian", "Singular values", singular_values(found.spectra), about, 300, 12),)


def numbers(settings: DepthSettings, found: DepthRecord) -> Mapping[str, str]:
    """Growth forward and backward, and what theory expects."""
    signal, theory = found.signal, found.theory
    forward, backward = math.nan, math.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = float(np.exp(np.log(signal.growth_by_seed).mean()))
        if isinstance(theory, TheoryRecord):
            forward = theory.second_moment_L[-1] / theory.second_moment_L[0]
            backward = theory.growth
    told = {
        "E z², last layer / first": signal.last_to_first, "By theory": forward,
        "Gradient², a layer back": growth, "By theory, χ": backward,
    }  # fmt: skip
    return {name: plain_number(v) if math.isfinite(v) else "–" for name, v in told.items()}


def notice(settings: DepthSettings, found: DepthRecord) -> str:
    """Whether signal and gradient survive, and whether theory knew."""
    signal, n_layers = found.signal, settings.depth
    if n_layers < 2:
        return "One layer has no depth to lose a signal in: take more layers."
    ratio, fate, back = signal.last_to_first, signal.fate, signal.first_to_last
    changes = f"E z² changes by a factor {plain_number(ratio)} over {n_layers} layers"
    if not math.isfinite(ratio) or ratio == 0:
        forward = "does not come through as a number"
    elif 0.1 < ratio < 10:
        forward = f"keeps its size: {changes}"
    else:
        forward = f"{'grows' if ratio > 1 else 'shrinks'}: {changes}"
    size = f"at layer 1 it has {plain_number(back)} times its size at layer {n_layers}"
    return (
        f"With {settings.initialization.name.replace('_', ' ')} the signal {forward}. The gradient"
        f" **{fate}**: {'no gradient reaches any layer' if fate == 'is lost' else size}."
        f" {_about_theory(settings, found)}"
    )


def _about_theory(settings: DepthSettings, found: DepthRecord) -> str:
    if not isinstance(found.theory, TheoryRecord):
        return f"No theory is drawn: {found.theory.reason}."
    if settings.normalization == "batch" and settings.placement == "before":
        return (
            "BatchNorm keeps the forward signal whatever the weights' size, but the gradient still"
            " grows by E[φ′²]/Var[φ] a layer on its way back: it does not depend on the weights."
        )
    holds = found.theory.holds(found.signal)
    if holds is None:
        return "Weights with a mean add m²(Σh)² to E z²; samples differ, so no band is drawn."
    return full(
        "The measurement stays within the band around theory."
        if holds
        else "The measurement leaves the band around theory: at this width its assumption of many"
        " independent units is strained."
    )


def experiment(settings: DepthSettings) -> ExperimentSpec:
    shared = ("activation", "initialization", "normalization", "placement", "groups")
    network = settings.model_dump(include=set(shared))
    network["blocks"] = [{"kind": "dense", "width": min(settings.width, 32)}] * settings.depth
    return ExperimentSpec.model_validate({"data": {"name": "digits"}, "network": network})


DEPTH = Exhibit(
    name="depth",
    title="Depth",
    lead="The weights' size decides whether a signal survives many layers: **drag the end** of the"
    " dashed line up or down.",
    settings=DepthSettings,
    measure=lambda settings: through_depth(settings.signal),
    picture=picture,
    notice=notice,
    code=lambda settings: signal_code([settings.signal]),
    source="He et al. 2015; Poole et al. 2016 and Schoenholz et al. 2017 (mean field), Yang et al."
    " 2019 (BatchNorm).",
    experiment=experiment,
    panels=panels,
    numbers=numbers,
    fields=lambda settings: (
        "activation", "depth", "width", "normalization",
        *["placement"] * (settings.normalization != "none"),
        *["groups"] * (settings.normalization == "group"),
    ),
    controls=lambda document, path: initialization_controls(
        document["initialization"], f"{path}.initialization"
    ),
    grasp=grasp,
)  # fmt: skip
