"""A signal forward and a gradient back through many layers, at the start."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.blocks.initialization import InitializationSpec
from nnviz.blocks.learned import ActivationName, Groups, NormalizationName, Placement
from nnviz.catalog.normalizations import NORMALIZATIONS, NormalizationOptions
from nnviz.experiments.initial_weights import (
    DepthRecord,
    misfit,
    scaled,
    start_for,
    through_depth,
)
from nnviz.experiments.signal_propagation import (
    NoTheory,
    SignalSpec,
    TheoryRecord,
    affordable_seeds,
)
from nnviz.feed import Grip, Panel
from nnviz.figures import initial_weights
from nnviz.figures.signal_depth import Quantity, signal_by_depth
from nnviz.figures.theme import FigureDict
from nnviz.spec import ExperimentSpec
from nnviz.ui.controls.network import initialization_controls
from nnviz.ui.document import Document
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.signal_code import signal_code
from nnviz.ui.exhibits.words import full

SECONDS = 0.05
"""Time that the measurement may take on one core."""
STEADY = 4
"""The axes end at multiples of so many powers of ten, so that they stay while a hand drags."""


class DepthSettings(Spec):
    """The untrained network that a signal is sent through."""

    initialization: InitializationSpec = InitializationSpec(name="kaiming_normal")
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
    n_seeds: Annotated[int, Field(ge=1, le=10)] = Field(5, title="Seeds at most")

    @model_validator(mode="after")
    def _fits(self) -> DepthSettings:
        options = NormalizationOptions(groups=self.groups)
        if refusal := NORMALIZATIONS[self.normalization].refuse((self.width,), options):
            raise ValueError(refusal)
        if refusal := misfit(self.initialization.name, 2):
            raise ValueError(f"{refusal} Choose another initializer")
        return self

    @property
    def signal(self) -> SignalSpec:
        """The network, with as many seeds as there is time for."""
        asked = SignalSpec.model_validate({**dict(self), "initialization": self.initialization})
        seeds = min(self.n_seeds, affordable_seeds(asked, SECONDS))
        return asked.model_copy(update={"n_seeds": seeds})


def picture(settings: DepthSettings, found: DepthRecord) -> Sequence[Panel]:
    """Forward, with the end to be dragged, and back."""
    draw = _drawing(found)
    return (
        Panel(
            "forward", "The signal going forward", draw("forward"),
            "Root mean square of the pre-activations z. Line: geometric mean over seeds; dashed:"
            " mean-field theory, with the band that width and number of seeds allow.", 400, 6,
            short=320, grips=_grips(settings, found),
        ),
        Panel(
            "backward", "The gradient going back", draw("backward"),
            "Root mean square of ∂L/∂z for a loss of random direction at the last layer. Read it"
            " from right to left.", 400, 6, short=320,
        ),
    )  # fmt: skip


def _drawing(found: DepthRecord) -> Callable[[Quantity], FigureDict]:
    signals, theories = {"measured": found.signal}, {"measured": found.theory}
    return partial(signal_by_depth, signals, theories=theories, steady=STEADY)


def _grips(settings: DepthSettings, found: DepthRecord) -> Sequence[Grip]:
    theory, start = found.theory, settings.initialization
    if isinstance(theory, NoTheory) or scaled(start, settings.activation, 1.0) is None:
        return ()
    with np.errstate(divide="ignore"):
        end = float(np.log10(theory.second_moment_L[-1]) / 2)
    if not math.isfinite(end):
        return ()
    return (
        Grip(
            "end", settings.depth, end, "y", low=end - 2 * STEADY, high=end + 2 * STEADY,
            step=0.05, label="drag",
        ),
    )  # fmt: skip


def grasp(settings: DepthSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """Weights so much larger or smaller that theory ends where the hand is."""
    start = start_for(settings.signal, float(sent["end"]))
    return {} if start is None else {"initialization": start.model_dump(mode="json")}


def panels(settings: DepthSettings, found: DepthRecord) -> Sequence[Panel]:
    """The activations, the weights' gradients, and the spectra."""
    draw = _drawing(found)
    more = [
        Panel(
            "activation", "Spread of the activations", draw("activation"),
            "Standard deviation of a = φ(z), over samples and units.", 300, 6,
        ),
        Panel(
            "weights", "Gradient of the weights", draw("weight_gradient"),
            "Norm of ∂L/∂W in each layer: forward signal times gradient.", 300, 6,
        ),
    ]  # fmt: skip
    if found.spectra:
        figure = initial_weights.singular_values(dict(found.spectra))
        about = (
            "Of the first layer's weights, and of ∂z_L/∂x through the whole stack at one input:"
            " how it stretches each direction. What is missing is 0 or rounding."
        )
        more.append(Panel("jacobian", "Singular values", figure, about, 300, 12))
    return more


def numbers(settings: DepthSettings, found: DepthRecord) -> Mapping[str, str]:
    """Growth forward and backward, and what theory expects."""
    signal, theory = found.signal, found.theory
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = float(np.exp(np.log(signal.growth_by_seed).mean()))
    told = {"E z² last / first": _number(signal.last_to_first)}
    if isinstance(theory, TheoryRecord):
        told["By theory"] = _number(theory.second_moment_L[-1] / theory.second_moment_L[0])
    told["Gradient², a layer back"] = _number(growth)
    if isinstance(theory, TheoryRecord):
        told["χ by theory"] = _number(theory.growth)
    return {**told, "Seeds": str(len(signal.second_moment_SL))}


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "–"


def notice(settings: DepthSettings, found: DepthRecord) -> str:
    """Whether signal and gradient survive, and whether theory knew."""
    signal, n_layers = found.signal, settings.depth
    if n_layers < 2:
        return "One layer has no depth to lose a signal in: take more layers."
    ratio, fate, back = signal.last_to_first, signal.fate, signal.first_to_last
    if not math.isfinite(ratio) or ratio == 0:
        forward = "does not come through as a number"
    elif 0.1 < ratio < 10:
        forward = f"keeps its size: E z² changes by a factor {ratio:.2g} over {n_layers} layers"
    else:
        way = "grows" if ratio > 1 else "shrinks"
        forward = f"{way}: E z² changes by a factor {ratio:.1e} over {n_layers} layers"
    size = f"at layer 1 it has {back:.2g} times its size at layer {n_layers}"
    return (
        f"With {settings.initialization.name.replace('_', ' ')} the signal {forward}. The gradient"
        f" **{fate}**: {'no gradient reaches any layer' if fate == 'is lost' else size}."
        f"{_about_theory(settings, found)}"
    )


def _about_theory(settings: DepthSettings, found: DepthRecord) -> str:
    if isinstance(found.theory, NoTheory):
        return f" No theory is drawn: {found.theory.reason}."
    if settings.normalization == "batch" and settings.placement == "before":
        return (
            " BatchNorm keeps the forward signal whatever the weights' size, but the gradient still"
            " grows by E[φ′²]/Var[φ] a layer on its way back: it does not depend on the weights."
        )
    match found.theory.holds(found.signal):
        case None:
            return " Weights with a mean add m²(Σh)² to E z²; samples differ, so no band is drawn."
        case True:
            return full(
                " The measurement stays within the band around theory that this width and number"
                " of seeds allow."
            )
        case False:
            return full(
                " The measurement leaves the band around theory: at this width its assumption of"
                " many independent units is strained."
            )


def fields(settings: DepthSettings) -> Sequence[str]:
    """What a normalization asks for only where there is one."""
    placed = ["placement"] if settings.normalization != "none" else []
    groups = ["groups"] if settings.normalization == "group" else []
    return ["activation", "depth", "width", "normalization", *placed, *groups, "n_seeds"]


def experiment(settings: DepthSettings) -> ExperimentSpec:
    """As many layers on digits."""
    s = settings
    network = {"activation": s.activation, "initialization": s.initialization}
    network |= {"normalization": s.normalization, "placement": s.placement}
    if s.normalization == "group":
        network["groups"] = s.groups
    network["blocks"] = [{"kind": "dense", "width": min(s.width, 32)}] * s.depth
    return ExperimentSpec.model_validate({"data": {"name": "digits"}, "network": network})


def controls(document: Document, path: str) -> None:
    """The initializer and its arguments."""
    initialization_controls(document["initialization"], f"{path}.initialization")


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
    fields=fields,
    more=("n_seeds",),
    controls=controls,
    grasp=grasp,
)
