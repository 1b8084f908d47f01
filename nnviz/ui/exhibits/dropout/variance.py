"""Variances: the mean stays under dropout, the variance does not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.dropout.records import VarianceRecord
from nnviz.experiments.dropout.variance import N_SAMPLES, measure_variance
from nnviz.feed import Grip, Panel
from nnviz.figures.distributions import Bell, distribution_lines
from nnviz.figures.dropout_moments import variance_bars, variance_over_mean
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.words import full

HIGHEST = 5.0


class VarianceSettings(Spec):
    """The numbers that come in, and the probability of dropping them."""

    q: Annotated[float, Field(ge=0, le=0.9)] = Field(0.5, title="Probability of dropping q")
    mean: Annotated[float, Field(ge=-HIGHEST, le=HIGHEST)] = Field(
        1.0, title="Mean c of what comes in", json_schema_extra={"step": 0.1}
    )
    std: Annotated[float, Field(ge=0, le=5)] = Field(
        0.5, title="Deviation √v of what comes in", json_schema_extra={"step": 0.1}
    )
    n_inputs: Annotated[int, Field(ge=1, le=32)] = Field(16, title="Inputs of the linear unit")
    seed: Annotated[int, Field(ge=0, le=9999)] = 0


def measure(settings: VarianceSettings) -> VarianceRecord:
    """Numbers through dropout, and on through a linear unit."""
    s = settings
    return measure_variance(s.q, s.mean, s.std, s.n_inputs, s.seed)


def picture(settings: VarianceSettings, shown: VarianceRecord) -> Sequence[Panel]:
    """The numbers in both modes, and their variance over the mean of what comes in."""
    pair, keep = [shown.evaluation, shown.training], 1 - shown.q
    mean, std = shown.evaluation.mean, math.sqrt(shown.evaluation.variance)
    bell = Bell("survivors, theory", mean / keep, std / keep, keep)
    handle = Grip(
        "mean", settings.mean, shown.training.variance, "x", -HIGHEST, HIGHEST, 0.1, "c = {}"
    )
    return (
        Panel(
            "numbers", "The numbers before and after",
            distribution_lines(pair, ["test", "train"], "number", [bell], spikes=True),
            "Dropped numbers are 0, the others are divided by 1 - q: the mean stays, the variance"
            " grows.", 430, 6, short=330,
        ),
        Panel(
            "variance", "Variance after dropout",
            variance_over_mean(shown, settings.mean, settings.std**2, HIGHEST),
            "(v + q c²)/(1 - q): one part comes from the spread of the numbers, the other from"
            " their mean.", 430, 6, short=330, grips=(handle,),
        ),
    )  # fmt: skip


def panels(settings: VarianceSettings, shown: VarianceRecord) -> Sequence[Panel]:
    """What a linear unit makes of it."""
    linear = [shown.linear_evaluation, shown.linear_training]
    return (
        Panel(
            "linear", "After a linear unit",
            distribution_lines(linear, ["test", "train"], "output of the unit"),
            "A weighted sum of the numbers in both modes.", 300, 6,
        ),
        Panel(
            "bars", "Variances: measured and in theory", variance_bars(shown),
            "(v + q c²)/(1 - q) after dropout; after the linear unit the difference is"
            " q/(1 - q) · Σ w² E[x²].", 300, 6,
        ),
    )  # fmt: skip


def numbers(settings: VarianceSettings, shown: VarianceRecord) -> dict[str, str]:
    """Both modes of the numbers, and the theory."""
    plain, dropped = shown.evaluation, shown.training
    return {
        "Mean without dropout": f"{plain.mean:.3f}",
        "Mean with it": f"{dropped.mean:.3f}" + full(f" ± {dropped.mean_error:.1g}"),
        "Variance without dropout": f"{plain.variance:.3g}",
        "Variance with it": f"{dropped.variance:.3g}" + full(f" ± {dropped.variance_error:.1g}"),
        "In theory": f"{shown.expected_training:.3g}",
    }


def notice(settings: VarianceSettings, shown: VarianceRecord) -> str:
    """What stays and what grows."""
    plain, dropped, added = shown.evaluation, shown.training, shown.linear_difference
    expected, of_linear = shown.expected_training, shown.expected_linear_difference
    ratio = dropped.variance / plain.variance if plain.variance > 1e-12 else math.nan
    grows = f", {ratio:.3g} times the input's" if np.isfinite(ratio) else ""
    return (
        f"The mean stays ({plain.mean:.3f} without and {dropped.mean:.3f} with dropout): that is"
        " what dividing the survivors by 1 - q is for. The variance becomes"
        f" {dropped.variance:.3g}{grows}; theory says {expected:.3g}"
        f"{_away(dropped.variance - expected, dropped.variance_error)}. A mean far from 0 makes it"
        f" grow most. After a linear unit training adds {added:.3g} of variance; theory says"
        f" {of_linear:.3g}{_away(added - of_linear, shown.linear_difference_error)}."
    )


def _away(distance: float, error: float) -> str:
    return full(f", {abs(distance) / error if error else 0:.1f} standard errors away")


CODE = """\
import torch
from torch import nn

torch.manual_seed({seed})
x = {mean} + {std} * torch.randn({n_samples}, {n_inputs}, dtype=torch.float64)
linear = nn.Linear({n_inputs}, 1).double()
with torch.no_grad():
    dropped = nn.Dropout({q})(x)
    evaluation, training = linear(x), linear(dropped)

q, c, v = {q}, {mean}, {std}**2
squares = (linear.weight.detach() ** 2).sum()
print("after dropout", dropped.var(correction=0).item(), "theory", (v + q * c**2) / (1 - q))
difference = training.var(correction=0) - evaluation.var(correction=0)
theory = q / (1 - q) * squares * (v + c**2)
print("linear, training - evaluation", difference.item(), "theory", theory.item())
"""


def code(settings: VarianceSettings) -> str:
    """The same numbers, measured and in theory."""
    own = settings.model_dump(exclude={"seed"})
    return CODE.format(**own, seed=derived_seed(settings.seed, "variance"), n_samples=N_SAMPLES)


def experiment(settings: VarianceSettings) -> ExperimentSpec:
    """Two layers on moons with this q."""
    data = {"name": "moons", "noise": 0.3, "n_samples": 200}
    network = {"blocks": [{"kind": "dense", "width": 32}] * 2, "dropout": settings.q}
    return ExperimentSpec.model_validate({"data": data, "network": network})


VARIANCE = Exhibit(
    name="variance",
    title="Variances",
    lead="Dropout keeps the mean of what comes in and changes its variance: drag the mean c away"
    " from 0 and see how much more.",
    settings=VarianceSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Srivastava et al. 2014 (dropout); the variance by calculation.",
    experiment=experiment,
    panels=panels,
    numbers=numbers,
    fields=lambda settings: ("q", "mean", "std", "n_inputs"),
    more=("n_inputs",),
    actions=lambda settings, shown: (
        Action("Other numbers", {"seed": (settings.seed + 1) % 10_000}, shortcut="n"),
    ),
)
