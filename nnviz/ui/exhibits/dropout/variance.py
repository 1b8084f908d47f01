"""Variances: the mean stays under dropout, the variance does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from nnviz.experiments.dropout.records import VarianceRecord
from nnviz.experiments.dropout.variance import N_SAMPLES, measure_variance
from nnviz.feed import Grip, Panel
from nnviz.figures.distributions import Bell, distribution_lines
from nnviz.figures.dropout_moments import variance_over_mean
from nnviz.seeds import derived_seed
from nnviz.ui.exhibits.dropout.dropping import Dropping, on_moons, other_numbers
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.words import full

HIGHEST = 5.0


class VarianceSettings(Dropping):
    """The numbers that come in."""

    mean: Annotated[float, Field(ge=-HIGHEST, le=HIGHEST)] = Field(
        1.0, title="Mean c of what comes in", json_schema_extra={"step": 0.1}
    )
    std: Annotated[float, Field(ge=0, le=5)] = Field(
        0.5, title="Deviation √v of what comes in", json_schema_extra={"step": 0.1}
    )
    n_inputs: Annotated[int, Field(ge=1, le=32)] = Field(16, title="Inputs of the linear unit")


def picture(settings: VarianceSettings, shown: VarianceRecord) -> Sequence[Panel]:
    """The numbers in both modes, and their variance over the mean of what comes in."""
    s, pair, keep = settings, [shown.evaluation, shown.training], 1 - shown.q
    bell = Bell("survivors, theory", s.mean / keep, s.std / keep, keep)
    handle = Grip("mean", s.mean, shown.training.variance, "x", -HIGHEST, HIGHEST, 0.1, "c = {}")
    return (
        Panel(
            "numbers", "The numbers before and after",
            distribution_lines(pair, ["test", "train"], "number", [bell], spikes=True),
            "Dropped numbers are 0, the others are divided by 1 - q: the mean stays, the variance"
            " grows.", 430, 6, short=330,
        ),
        Panel(
            "variance", "Variance after dropout",
            variance_over_mean(shown, s.mean, s.std**2, HIGHEST),
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
            "A weighted sum of the numbers in both modes; theory: training adds"
            " q/(1 - q) · Σ w² E[x²] of variance.", 300, 12,
        ),
    )  # fmt: skip


def numbers(settings: VarianceSettings, shown: VarianceRecord) -> dict[str, str]:
    """Before and after dropout, and the theory."""
    plain, dropped = shown.evaluation, shown.training
    return {
        "Mean before": f"{plain.mean:.3f}",
        "Mean after": f"{dropped.mean:.3f}" + full(f" ± {dropped.mean_error:.1g}"),
        "Variance before": f"{plain.variance:.3g}",
        "Variance after": f"{dropped.variance:.3g}" + full(f" ± {dropped.variance_error:.1g}"),
        "Variance after, in theory": f"{shown.expected_training:.3g}",
    }


def notice(settings: VarianceSettings, shown: VarianceRecord) -> str:
    """What stays and what grows."""
    plain, dropped, added = shown.evaluation, shown.training, shown.linear_difference
    expected, of_linear = shown.expected_training, shown.expected_linear_difference
    spread = plain.variance > 1e-12
    times = f", {dropped.variance / plain.variance:.3g} times what came in" if spread else ""
    away, of_sum = (
        full(f" ({abs(distance) / error if error else 0:.1f} standard errors from theory)")
        for distance, error in (
            (dropped.variance - expected, dropped.variance_error),
            (added - of_linear, shown.linear_difference_error),
        )
    )
    return (
        "The mean stays: that is what dividing the survivors by 1 - q is for. The variance becomes"
        f" {dropped.variance:.3g}{times}{away}; a mean far from 0 makes it grow most. After a"
        f" linear unit training adds {added:.3g} of variance{of_sum}; theory says {of_linear:.3g}."
    )


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


VARIANCE = Exhibit(
    name="variance",
    title="Variances",
    lead="Dropout keeps the mean of what comes in and changes its variance: drag the mean c away"
    " from 0 and see how much more.",
    settings=VarianceSettings,
    measure=lambda s: measure_variance(s.q, s.mean, s.std, s.n_inputs, s.seed),
    picture=picture,
    notice=notice,
    code=code,
    source="Srivastava et al. 2014 (dropout); the variance by calculation.",
    experiment=lambda s: on_moons([32] * 2, dropout=s.q),
    panels=panels,
    numbers=numbers,
    fields=lambda settings: ("q", "mean", "std", "n_inputs"),
    more=("n_inputs",),
    actions=other_numbers,
)
