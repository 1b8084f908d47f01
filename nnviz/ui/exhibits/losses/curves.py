"""Losses of one sample as curves, and how hard each pulls at the output."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import streamlit as st
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.objectives import LossCurveRecord, loss_curves
from nnviz.feed import Grip, Panel
from nnviz.figures.loss_curves import LOSS_NAMES, loss_lines
from nnviz.spec import ExperimentSpec
from nnviz.ui.document import Document, widget_key
from nnviz.ui.exhibits.exhibit import Exhibit

FARTHEST, SMALLEST, LARGEST = 3.0, 0.1, 5.0
LossName = Literal["mse", "l1", "huber", "bce_with_logits"]


class CurveSettings(Spec):
    """Which losses, and of which target."""

    losses: Annotated[tuple[LossName, ...], Field(max_length=4)] = (
        "mse", "l1", "huber", "bce_with_logits",
    )  # fmt: skip
    target: Annotated[float, Field(ge=-FARTHEST, le=FARTHEST)] = Field(
        1.0, title="Target", json_schema_extra={"step": 0.1},
        description="For binary cross-entropy it is a probability and clipped to 0…1.",
    )  # fmt: skip
    huber_delta: Annotated[float, Field(ge=SMALLEST, le=LARGEST)] = Field(
        1.0, title="Huber's δ", json_schema_extra={"step": 0.1},
        description="Errors up to δ count squared, larger ones linearly.",
    )  # fmt: skip

    @model_validator(mode="after")
    def _some(self) -> CurveSettings:
        if not self.losses:
            raise ValueError("choose at least one loss")
        return self


def measure(settings: CurveSettings) -> Sequence[LossCurveRecord]:
    return loss_curves(settings.losses, settings.target, settings.huber_delta)


def picture(settings: CurveSettings, curves: Sequence[LossCurveRecord]) -> Sequence[Panel]:
    """Losses and gradients; the target is dragged in both, δ in the first."""
    target = settings.target
    aim = Grip("target", target, low=-FARTHEST, high=FARTHEST, step=0.1, label="target {}")
    side = -1 if target > 0 else 1
    low, high = sorted((target + side * SMALLEST, target + side * LARGEST))
    at = target + side * settings.huber_delta
    edge = Grip("edge", at, 0.0, "x", low, high, 0.1, "δ", color="lane_2")
    grips = (aim, edge) if "huber" in settings.losses else (aim,)
    return (
        Panel(
            "loss", "Loss of one sample", loss_lines(curves, "loss", target),
            "Over the network's output.", 430, 6, short=330, grips=grips,
        ),
        Panel(
            "gradient", "Its gradient", loss_lines(curves, "gradient", target),
            "How hard the sample pulls at the output, and in which direction.", 430, 6, short=330,
            grips=(aim,),
        ),
    )  # fmt: skip


def grasp(settings: CurveSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """δ is the distance of its handle from the target."""
    asked = dict(sent)
    if "edge" in asked:
        asked["huber_delta"] = round(abs(asked.pop("edge") - settings.target), 2)
    return asked


def notice(settings: CurveSettings, curves: Sequence[LossCurveRecord]) -> str:
    """What each shown loss does far from the target."""
    delta, aim = settings.huber_delta, min(max(settings.target, 0.0), 1.0)
    turn = "it never turns, the surer the better, and its size never exceeds 1."
    if 0 < aim < 1:
        turn = f"it is 0 at the logit {math.log(aim / (1 - aim)):.2f}, and the least loss is not 0."
    about = {
        "mse": "The squared error pulls in proportion to the error: one outlier can outweigh many"
        " good samples.",
        "l1": "The absolute error pulls with the same strength everywhere, even right beside the"
        " target, where it jumps.",
        "huber": f"Huber is squared up to an error of δ = {delta:g} and linear beyond: it never"
        f" pulls harder than {delta:g}.",
        "bce_with_logits": f"Binary cross-entropy with target {aim:g} has the gradient"
        f" σ(z) − {aim:g}: {turn}",
    }
    return " ".join(text for name, text in about.items() if name in settings.losses)


_SCRIPT = """\
import torch
import torch.nn.functional as F

losses = {{
{rows}}}
output = torch.linspace(-6, 6, 401, dtype=torch.float64, requires_grad=True)
values, gradients = {{}}, {{}}
for name, compute in losses.items():
    target = {target!r}
    if name == "bce_with_logits":
        target = min(max(target, 0.0), 1.0)
    loss = compute(output, torch.full_like(output, target), reduction="none")
    (gradient,) = torch.autograd.grad(loss.sum(), output)
    values[name], gradients[name] = loss.detach(), gradient
    print(f"{{name}}: largest pull {{gradient.abs().max():.3f}} for outputs from -6 to 6")
"""


def code(settings: CurveSettings) -> str:
    functions = {
        "mse": "F.mse_loss",
        "l1": "F.l1_loss",
        "huber": f"lambda *a, **k: F.huber_loss(*a, delta={settings.huber_delta!r}, **k)",
        "bce_with_logits": "F.binary_cross_entropy_with_logits",
    }
    rows = "".join(f"    {name!r}: {functions[name]},\n" for name in settings.losses)
    return _SCRIPT.format(rows=rows, target=settings.target)


def experiment(settings: CurveSettings) -> ExperimentSpec:
    training: dict[str, Any] = {"loss": "mse"}
    if "huber" in settings.losses:
        training = {"loss": "huber", "huber_delta": settings.huber_delta}
    return ExperimentSpec.model_validate({"data": {"name": "sinusoid"}, "training": training})


def controls(document: Document, path: str) -> None:
    document["losses"] = st.multiselect(
        "Losses", list(LOSS_NAMES), document["losses"], LOSS_NAMES.__getitem__,
        key=widget_key(f"{path}.losses"), placeholder="Choose losses",
    )  # fmt: skip


CURVES = Exhibit(
    name="curves",
    title="Curves",
    lead="How loudly one sample complains, and how hard it pulls: **drag the target** and δ, and"
    " compare the losses far from it.",
    settings=CurveSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="torch.nn.functional's losses; Huber 1964, Robust Estimation of a Location Parameter.",
    experiment=experiment,
    fields=lambda settings: ("target", *["huber_delta"] * ("huber" in settings.losses)),
    controls=controls,
    grasp=grasp,
)
