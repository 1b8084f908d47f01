"""One unit: each activation, its slope, and what it makes of the inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.nonlinearity import (
    CurveRecord,
    ResponseRecord,
    activation_at,
    activation_curves,
    activation_responses,
    draw_inputs,
)
from nnviz.experiments.nonlinearity.response import N_DRAWN, Distribution
from nnviz.feed import Grip, Panel
from nnviz.figures.activation_shapes import activation_lines, response_rows
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.activations.chosen import Names, choose, listed
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.signal_code import module_code

REACH = 5.0


class ShapeSettings(Spec):
    """Which activations, where on them the reader looks, and what comes in."""

    z: Annotated[float, Field(ge=-REACH, le=REACH)] = 2.0
    distribution: Distribution = Field("normal", title="Inputs are drawn from")
    mean: Annotated[float, Field(ge=-5, le=5)] = Field(
        0.0, title="Mean of the inputs", json_schema_extra={"step": 0.1}
    )
    std: Annotated[float, Field(ge=0.05, le=5)] = Field(
        1.0,
        title="Deviation of the inputs",
        description="Standard deviation; a uniform distribution reaches √3 times as far.",
    )
    names: Names = ("relu", "tanh", "sigmoid", "gelu")


@dataclass(frozen=True)
class Shapes:
    """The curves, value and slope of each at z, and each one's answer to the inputs."""

    curves: Sequence[CurveRecord]
    at_z: Sequence[tuple[float, float]]
    responses: Sequence[ResponseRecord]


def measure(settings: ShapeSettings) -> Shapes:
    """All of them by autograd."""
    s = settings
    responses = activation_responses(s.names, draw_inputs(s.distribution, s.mean, s.std))
    return Shapes(activation_curves(s.names, REACH), activation_at(s.names, s.z), responses)


def picture(settings: ShapeSettings, shown: Shapes) -> Sequence[Panel]:
    """Activations and slopes, with one z to be moved through both."""
    draw = partial(activation_lines, shown.curves, at=(settings.z, shown.at_z))
    handle = Grip("z", settings.z, None, "x", -REACH, REACH, 0.05, "z = {}")
    return (
        Panel(
            "value", "Activation φ(z)", draw("value"),
            "What a unit passes on for each pre-activation z, with its tangent where you look.",
            360, 6, short=270, grips=(handle,),
        ),
        Panel(
            "slope", "Slope φ′(z)", draw("slope"),
            "What the unit multiplies the gradient with on its way back.", 360, 6, short=270,
            grips=(handle,),
        ),
    )  # fmt: skip


def panels(settings: ShapeSettings, shown: Shapes) -> Sequence[Panel]:
    """The same inputs, before and after."""
    return (
        Panel(
            "rows", "The same inputs, before and after", response_rows(shown.responses),
            "20,000 evenly spread quantiles of the chosen distribution. Heights are square roots"
            " of shares, so that a peak of zeros leaves the rest visible.",
            150 + 46 * len(shown.responses), 12,
        ),
    )  # fmt: skip


def table(settings: ShapeSettings, shown: Shapes) -> Sequence[Mapping[str, str]]:
    """Each activation where the reader looks and over all inputs; "–" where there is nothing."""
    return [
        {
            "activation": r.name.replace("_", " "),
            f"φ({settings.z:.2f})": f"{value:z.3f}",
            f"φ′({settings.z:.2f})": f"{slope:z.3f}",
            "mean slope on the inputs": f"{r.mean_slope:z.3f}",
            "saturated": f"{r.saturated_share:.1%}" if math.isfinite(r.saturated_share) else "–",
            "zero": f"{r.zero_share:.1%}",
            "mean after": f"{r.mean:z.3f}",
            "deviation after": f"{r.std:.3f}",
        }
        for r, (value, slope) in zip(shown.responses, shown.at_z, strict=True)
    ]


def notice(settings: ShapeSettings, shown: Shapes) -> str:
    """Who passes how much gradient, who saturates, who outputs zeros."""
    responses = shown.responses
    best, least = (pick(responses, key=lambda r: r.mean_slope) for pick in (max, min))
    text = f"On these inputs the gradient keeps {best.mean_slope:.0%} of its size through" \
        f" {listed([best.name])} on average"  # fmt: skip
    if best != least:
        text += f", {least.mean_slope:.0%} through {listed([least.name])}"
    full = [r for r in responses if r.saturated_share > 0.05]
    if full:
        worst = max(full, key=lambda r: r.saturated_share)
        text += (
            f". {listed([worst.name]).capitalize()} is saturated for {worst.saturated_share:.0%} of"
            " them: there it is flat, and hardly any gradient passes"
        )
    elif settings.std < 2 and any(math.isfinite(r.saturated_share) for r in responses):
        text += ". Widen the inputs or move their mean to see the flat ends at work"
    zeros = max(responses, key=lambda r: r.zero_share)
    if zeros.zero_share <= 0.005:
        return text + ". None of them turns a noticeable share into exact zeros."
    return text + (
        f". {listed([zeros.name]).capitalize()} turns {zeros.zero_share:.0%} of the inputs into"
        " exact zeros. A zero is no dead unit: another input may pass."
    )


CODE = """\
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
share = (torch.arange({n}) + 0.5) / {n}  # evenly spread quantiles
inputs = {mean!r} + {drawn}
mean_slope, zero_share, at_z = {{}}, {{}}, {{}}
for name, phi in {modules}.items():
    z = torch.cat([inputs, torch.tensor([{z!r}])]).requires_grad_()
    a = phi(z)
    (slope,) = torch.autograd.grad(a.sum(), z)
    mean_slope[name] = slope[:-1].mean().item()
    zero_share[name] = (a[:-1] == 0).double().mean().item()
    at_z[name] = a[-1].item(), slope[-1].item()
    print(f"{{name}}: mean slope {{mean_slope[name]:.3f}}, zeros {{zero_share[name]:.1%}}")
    print("    at z = {z!r}: value {{:.3f}}, slope {{:.3f}}".format(*at_z[name]))
"""


def code(settings: ShapeSettings) -> str:
    """The same inputs through the same activations."""
    is_uniform = settings.distribution == "uniform"
    drawn = "3**0.5 * (2 * share - 1)" if is_uniform else "torch.special.ndtri(share)"
    return CODE.format(
        n=N_DRAWN, mean=settings.mean, drawn=f"{settings.std!r} * {drawn}", z=settings.z,
        modules="{" + ", ".join(f"{n!r}: {module_code(n)}" for n in settings.names) + "}",
    )  # fmt: skip


def experiment(settings: ShapeSettings) -> ExperimentSpec:
    """Two small layers with the first activation on spirals."""
    blocks = [{"kind": "dense", "width": 8}] * 2
    network = {"blocks": blocks, "activation": settings.names[0]}
    return ExperimentSpec.model_validate({"data": {"name": "spirals"}, "network": network})


SHAPE = Exhibit(
    name="shape",
    title="One unit",
    lead="An activation bends what a unit computes, and its slope is what the gradient is"
    " multiplied with: drag z along the curves to where they are flat.",
    settings=ShapeSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="torch.nn's activations; the limits of saturation are conventions of ours.",
    experiment=experiment,
    panels=panels,
    table=table,
    fields=lambda settings: ("distribution", "mean", "std"),
    controls=lambda document, path: choose(document, "names", path),
)
