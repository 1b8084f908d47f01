"""Cross-entropy by hand, in four steps: logits, softmax, −log, and the reduction of the batch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import streamlit as st
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.objectives import CrossEntropyRecord, Reduction, cross_entropy_by_hand
from nnviz.feed import Grip, Panel
from nnviz.figures import cross_entropy
from nnviz.figures.cross_entropy import NEAR_LOGITS
from nnviz.records import FloatArray
from nnviz.spec import ExperimentSpec
from nnviz.ui.controls.fields import choice
from nnviz.ui.document import Document, widget_key
from nnviz.ui.exhibits.exhibit import Exhibit

N_CLASSES, N_SAMPLES = 3, 4
IGNORED: Literal[-100] = -100
"""torch's default `ignore_index`."""

Logit = Annotated[float, Field(ge=-10, le=10)]
ClassWeight = Annotated[float, Field(ge=0, le=20)]
Target = Literal[0, 1, 2, -100]


class StepSettings(Spec):
    """A batch of four samples of three classes, and how it becomes one number."""

    logits: tuple[tuple[Logit, Logit, Logit], ...] = Field(
        ((2.0, 0.5, -1.0), (0.2, 0.3, 0.1), (3.0, -1.0, 1.0), (-0.5, 1.5, 0.5)),
        min_length=N_SAMPLES, max_length=N_SAMPLES,
    )  # fmt: skip
    targets: tuple[Target, Target, Target, Target] = (0, 1, 2, 1)
    sample: Annotated[int, Field(ge=1, le=N_SAMPLES)] = Field(1, title="Sample of the batch")
    weights: tuple[ClassWeight, ClassWeight, ClassWeight] = (1.0, 1.0, 1.0)
    reduction: Reduction = Field("mean", title="reduction")
    label_smoothing: Annotated[float, Field(ge=0, le=0.9)] = Field(0.0, title="label_smoothing")
    ignore_index: Target = IGNORED

    @model_validator(mode="after")
    def _fits(self) -> StepSettings:
        if IGNORED in self.targets and self.ignore_index != IGNORED:
            raise ValueError(
                f"a target of {IGNORED} is refused by torch unless ignore_index is {IGNORED}; got"
                f" ignore_index {self.ignore_index}"
            )
        return self


def measure(settings: StepSettings) -> CrossEntropyRecord:
    s = settings
    return cross_entropy_by_hand(
        s.logits, s.targets, s.weights, s.reduction, s.label_smoothing, s.ignore_index
    )


def picture(settings: StepSettings, record: CrossEntropyRecord) -> Sequence[Panel]:
    """Four steps from left to right; the chosen sample's logits are dragged."""
    n = settings.sample - 1
    grips = [
        Grip(f"z{c}", c, z, "y", -NEAR_LOGITS, NEAR_LOGITS, 0.1, "{}", color=f"class_{c}")
        for c, z in enumerate(settings.logits[n])
    ]
    return (
        Panel(
            "start", "1. Logits: drag them. 2. Softmax",
            cross_entropy.two_steps(record, n, "logits"),
            "What the network's last layer gives, any numbers; and p = exp(z) / Σ exp(z), positive"
            " and 1 together. The target is outlined; lines are what p should be.", 330, 6,
            short=290, grips=grips,
        ),
        Panel(
            "end", "3. −log, pick. 4. Weigh, reduce",
            cross_entropy.two_steps(record, n, "log"),
            "−log p of each class; × is the label's share that picks it. Each sample's loss with"
            " its weight, in its target's colour; dashed: what reduction makes of the batch.",
            330, 6, short=290,
        ),
    )  # fmt: skip


def grasp(settings: StepSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sample's logits with those that were dragged."""
    rows = [list(row) for row in settings.logits]
    for name, value in sent.items():
        rows[settings.sample - 1][int(name.removeprefix("z"))] = value
    return {"logits": rows}


def panels(settings: StepSettings, record: CrossEntropyRecord) -> Sequence[Panel]:
    figure = cross_entropy.class_bars(record, settings.sample - 1, "gradient")
    title = f"What it teaches: gradient of sample {settings.sample}"
    about = "∂L/∂z = (softmax − label), with this sample's weight and share of the batch."
    return (Panel("gradient", title, figure, about, 270, 12),)


def numbers(settings: StepSettings, record: CrossEntropyRecord) -> Mapping[str, str]:
    """The reduced loss by hand and by torch."""
    if len(record.reference_N) > 1:
        return {"By hand": _list(record.loss_N), "By torch": _list(record.reference_N)}
    both = {"Loss by hand": record.loss, "By torch's cross_entropy": record.reference_N[0]}
    return {
        "Sum of weight × loss": f"{record.loss_N.sum():.4f}",
        "Sum of the targets' weights": f"{record.divisor:.4g}",
        **{k: f"{v:.6f}" if math.isfinite(v) else "not a number" for k, v in both.items()},
    }


def _list(values: FloatArray) -> str:
    return ", ".join(f"{value:z.3g}" for value in values).replace("-", "−")


def notice(settings: StepSettings, record: CrossEntropyRecord) -> str:
    """The chosen sample, the divisor, smoothing."""
    n, target = settings.sample - 1, int(record.target_N[settings.sample - 1])
    sentence = f"Sample {n + 1} is ignored: it adds nothing, and its gradient is 0."
    if not record.ignored_N[n]:
        sentence = (
            f"Sample {n + 1} gives its target, class {target}, p ="
            f" {record.softmax_NC[n, target]:.3f}, so −log p ="
            f" {-record.log_softmax_NC[n, target]:.3f} nats: nothing for a sure right"
            " answer, ln 3 = 1.099 for guessing among three."
        )
    if settings.reduction == "mean":
        sentence += _about_mean(record)
    if share := settings.label_smoothing:
        sentence += (
            f" Smoothing with ε = {share:g} asks for {1 - share * 2 / 3:.2f} at the target and"
            f" {share / 3:.2f} elsewhere: every class's −log p counts, with that class's weight,"
            " and being surer than that costs again."
        )
    return sentence


def _about_mean(record: CrossEntropyRecord) -> str:
    counted = int((~record.ignored_N).sum())
    if not record.divisor:
        return (
            ' With "mean" there is nothing to divide by: the weights of the counted targets sum to'
            " 0, and torch has no number to answer."
        )
    if abs(record.divisor - counted) < 1e-9:
        return f' "mean" divides by {counted}, the number of samples that count.'
    return (
        f' "mean" divides by {record.divisor:g}, the summed weights of the targets, and not by the'
        f" {counted} samples that count."
    )


_SCRIPT = """\
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
logits = torch.tensor({logits}, requires_grad=True)
loss = F.cross_entropy(
    logits, torch.tensor({targets}), weight=torch.tensor({weights}), reduction={reduction!r},
    label_smoothing={label_smoothing!r}, ignore_index={ignore_index},
)
(gradient,) = torch.autograd.grad(loss.sum(), logits)
print("loss", loss.tolist())
print("gradient", gradient)
"""


def code(settings: StepSettings) -> str:
    return _SCRIPT.format(**settings.model_dump(mode="json"))


def experiment(settings: StepSettings) -> ExperimentSpec:
    training: dict[str, Any] = {"label_smoothing": settings.label_smoothing}
    if set(settings.weights) != {1.0} and min(settings.weights) > 0:
        training["class_weights"] = list(settings.weights)
    data = {"name": "gaussians", "n_classes": N_CLASSES, "noise": 0.5}
    return ExperimentSpec.model_validate({"data": data, "training": training})


def controls(document: Document, path: str) -> None:
    n = document["sample"] - 1
    one = {"target": document["targets"][n]}
    choice(
        one, "target", f"Target of sample {n + 1}", [0, 1, 2, IGNORED], f"{path}.{n}",
        show=lambda c: f"{IGNORED}: to be ignored" if c == IGNORED else f"class {c}",
    )  # fmt: skip
    document["targets"][n] = one["target"]
    for c in range(N_CLASSES):
        document["weights"][c] = st.slider(
            f"Weight of class {c}", 0.0, 20.0, float(document["weights"][c]), 0.1,
            key=widget_key(f"{path}.weight.{c}"),
        )  # fmt: skip


STEPS = Exhibit(
    name="steps",
    title="By hand",
    lead="From what a network says to one number in four steps: **drag the logits** and follow them"
    " from left to right.",
    settings=StepSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="torch.nn.functional.cross_entropy; label smoothing: Szegedy et al. 2016.",
    experiment=experiment,
    panels=panels,
    numbers=numbers,
    fields=lambda settings: ("sample", "reduction", "label_smoothing"),
    controls=controls,
    grasp=grasp,
)
