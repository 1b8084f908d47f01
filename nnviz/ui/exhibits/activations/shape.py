"""One unit: each activation, its slope, and what it makes of the inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, NamedTuple

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.nonlinearity.records import CurveRecord, ResponseRecord
from nnviz.experiments.nonlinearity.response import (
    N_DRAWN,
    Distribution,
    activation_at,
    activation_curves,
    activation_responses,
    draw_inputs,
)
from nnviz.feed import Grip, Panel
from nnviz.figures.activation_shapes import activation_lines, response_rows
from nnviz.ui.exhibits.activations.chosen import Names, choose, modules_code, on
from nnviz.ui.exhibits.exhibit import Exhibit

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


class Shapes(NamedTuple):
    """The curves, value and slope of each at z, and each one's answer to the inputs."""

    curves: Sequence[CurveRecord]
    at_z: Sequence[tuple[float, float]]
    responses: Sequence[ResponseRecord]


def measure(s: ShapeSettings) -> Shapes:
    """All of them by autograd."""
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
            "Heights are square roots of shares, so that a peak of zeros leaves the rest visible.",
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
        }
        for r, (value, slope) in zip(shown.responses, shown.at_z, strict=True)
    ]


def notice(settings: ShapeSettings, shown: Shapes) -> str:
    """Who passes how much gradient, who saturates, who outputs zeros."""
    named = [(r.name.replace("_", " "), r) for r in shown.responses]
    best, least = (pick(named, key=lambda pair: pair[1].mean_slope) for pick in (max, min))
    text = f"On these inputs the gradient keeps {best[1].mean_slope:.0%} of its size through"
    text += f" {best[0]} on average"
    if best != least:
        text += f", {least[1].mean_slope:.0%} through {least[0]}"
    flat = [pair for pair in named if pair[1].saturated_share > 0.05]
    for name, worst in sorted(flat, key=lambda pair: pair[1].saturated_share)[-1:]:
        text += (
            f". {name.capitalize()} is saturated for {worst.saturated_share:.0%} of them: there it"
            " is flat, and hardly any gradient passes"
        )
    name, zeros = max(named, key=lambda pair: pair[1].zero_share)
    if zeros.zero_share > 0.005:
        text += (
            f". {name.capitalize()} turns {zeros.zero_share:.0%} of the inputs into exact zeros;"
            " that is no dead unit, as another input may pass"
        )
    return text + "."


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
        modules=modules_code(settings.names),
    )  # fmt: skip


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
    experiment=lambda s: on("spirals", [8] * 2, s.names[0]),
    panels=panels,
    table=table,
    fields=lambda settings: ("distribution", "mean", "std"),
    controls=lambda document, path: choose(document, "names", path),
)
