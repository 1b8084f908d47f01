"""What can be said of the curves, and no more."""

from __future__ import annotations

import math

from nnviz.experiments.complexity.axes import MODELS
from nnviz.experiments.complexity.records import UNITS, ComplexityRecord, ValueRecord
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.figures.complexity_curves import part_name

HEAVY = 2.0
"""A mean risk this many times the median is called heavy-tailed."""
CLEAR = 2.0
"""Differences are told from this many standard errors on."""

LEAD = (
    "Train the same model again and again, each time on a **fresh training set** from fresh initial"
    " weights. What all of these replicates get wrong together is **bias**; how far they"
    " scatter around their mean is **variance**; what nobody can know is **noise**."
    " The three add up to the risk."
)
NOTICING = """
- **The sum is exact**: risk = bias² + variance + noise at every point and every value. bias² is
  estimated without bias, so where the truth is 0 it comes out a little negative as often as not.
- **Bias** is what more data can't cure; **variance** is what averaging many models cures.
- Where parameters = training points, least squares has exactly one way through all points: look
  at the fits left of it, on it, and far to the right.
- On **real data** the noiseless truth is unknown: bias² and noise can't be told apart. With
  0-1 loss variance can *help* where the main prediction is wrong.
"""
SOURCE = (
    "Squared loss: Geman, Bienenstock & Doursat 1992. 0-1 loss: Domingos 2000; Kohavi & Wolpert"
    " 1996. Cross-entropy: Yang et al. 2020. Standard errors: bootstrap over replicates."
)


def settings_words(settings: ComplexitySettings) -> str:
    """The question in one line."""
    experiment = settings.experiment
    if experiment is None:
        what = MODELS[settings.model]
        data = f"sin(πx) with noise σ = {settings.noise:g}"
        points = "" if settings.axis == "n_samples" else f", {settings.n_samples} training points"
        inputs = f", {settings.n_inputs} inputs" if settings.n_inputs > 1 else ""
        told = f"{what} on {data}{points}{inputs}"
    else:
        told = (
            f"your network ({experiment.network.depth} hidden layers,"
            f" {experiment.training.n_steps:,} steps) on {experiment.data.name.replace('_', ' ')}"
        )
    frozen = {"none": "", "data": ", all on one training set",
              "initialization": ", all from the same initial weights"}[settings.freeze]  # fmt: skip
    return f"{told}; {settings.n_replicates} replicates at {len(settings.values)} values{frozen}."


def reading(record: ComplexityRecord) -> str:
    """Where the risk is lowest, what rules at the ends, and whether means can be trusted."""
    if record.best is None:
        return "No curve yet."
    best = record.at[record.best]
    known = [value for value in record.at if value is not None]
    assert best is not None
    parts = [_lowest(record, best, known)]
    parts += [
        _end(record, value, side)
        for value, side in ((known[0], "smallest"), (known[-1], "largest"))
        if len(known) > 2
    ]
    heavy = [v for v in known if v.median_risk > 0 and v.risk > HEAVY * v.median_risk]
    if heavy:
        parts.append(
            f"From {record.title} {heavy[0].value:g} a few replicates are so far off that the mean"
            " is theirs alone: compare the medians."
        )
    diverged = sum(value.n_diverged for value in record.at if value is not None)
    if diverged:
        parts.append(f"{diverged} replicates diverged and are left out.")
    return " ".join(parts)


def _lowest(record: ComplexityRecord, best: ValueRecord, known: list[ValueRecord]) -> str:
    tied = [v for v in known if v is not best and _gap(v, best) < CLEAR]
    words = (
        f"Lowest risk **{best.risk:.3g} ± {best.risk_se:.1g}** {UNITS[record.loss]} at"
        f" {record.title} **{best.value:g}**"
    )
    if tied:
        low, high = min(v.value for v in [*tied, best]), max(v.value for v in [*tied, best])
        return f"{words} (from {low:g} to {high:g} it can't be told apart from that)."
    return f"{words}."


def _gap(value: ValueRecord, best: ValueRecord) -> float:
    error = math.hypot(value.risk_se, best.risk_se)
    return (value.risk - best.risk) / error if error > 0 else math.inf


def _end(record: ComplexityRecord, value: ValueRecord, side: str) -> str:
    bias, variance = part_name(record, "bias"), part_name(record, "variance")
    larger, smaller = (bias, variance) if value.bias > value.variance else (variance, bias)
    return f"At the {side} value {larger} outweighs {smaller}."
