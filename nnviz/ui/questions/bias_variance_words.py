"""What can be said of the curves, and no more."""

from __future__ import annotations

import math

from nnviz.experiments.complexity.axes import MODELS
from nnviz.experiments.complexity.records import UNITS, ComplexityRecord, ValueRecord
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.figures.complexity_curves import part_name

HEAVY = 2.0
"""A mean risk this many times the median is called heavy-tailed."""
QUICK = 5.0
"""Seconds below which no guess of the work is given."""
CLEAR = 2.0
"""Differences are told from this many standard errors on."""

LEAD = (
    "Train the same model again and again on **fresh training sets**. What all these replicates"
    " miss together is **bias**; how far they scatter around their mean is **variance**; what"
    " nobody can know is **noise**. The three add up to the risk."
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


def settings_words(settings: ComplexitySettings, seconds: float = 0.0) -> str:
    """The question in one line, with a rough guess of the work that is left."""
    experiment = settings.experiment
    if experiment is None:
        what = MODELS[settings.model]
        data = f"sin(πx) with noise σ = {settings.noise:g}"
        points = "" if settings.axis == "n_samples" else f", {settings.n_samples} training points"
        inputs = f", {settings.n_inputs} inputs" if settings.n_inputs > 1 else ""
        told = f"{what} on {data}{points}{inputs}"
    else:
        depth = experiment.network.depth
        told = (
            f"your network ({depth} hidden layer{'' if depth == 1 else 's'},"
            f" {experiment.training.n_steps:,} steps) on {experiment.data.name.replace('_', ' ')}"
        )
    frozen = {"none": "", "data": ", all on one training set",
              "initialization": ", all from the same initial weights"}[settings.freeze]  # fmt: skip
    work = "" if seconds < QUICK else f" About {seconds:,.0f} s of work on one core are left."
    n_values = len(settings.values)
    return f"{told}; {settings.n_replicates} replicates at {n_values} values{frozen}.{work}"


def reading(record: ComplexityRecord) -> str:
    """Where the risk is lowest, what rules at the ends, and whether means can be trusted."""
    if record.best is None:
        return ""
    best = record.at[record.best]
    known = [value for value in record.at if value is not None]
    assert best is not None
    parts = [_lowest(record, record.best)]
    if len(known) > 2:
        left, right = (_larger(record, value) for value in (known[0], known[-1]))
        where = "both ends" if left == right else f"the left end, {right} at the right"
        parts.append(f"The larger part is {left} at {where}.")
    heavy = [v for v in known if v.median_risk > 0 and v.risk > HEAVY * v.median_risk]
    if heavy:
        places = ", ".join(f"{v.value:g}" for v in heavy[:4]) + (", …" if len(heavy) > 4 else "")
        parts.append(
            f"A few wild replicates rule the mean at {record.title} {places}: there it is more than"
            " twice the median."
        )
    diverged = sum(value.n_diverged for value in record.at if value is not None)
    if diverged:
        parts.append(f"{diverged} replicates diverged and are left out.")
    return " ".join(parts)


def sum_words(record: ComplexityRecord, place: int) -> str:
    """The sum at one value: bias² + variance + noise = risk, each with its standard error."""
    value = record.at[place]
    if value is None:
        return f"Nothing has been measured at {record.title} {record.values[place]:g} yet."
    terms = [_term(record, value, part) for part in ("bias", "variance")]
    if value.noise > 0:
        terms.append(f"noise **{value.noise:.3g}**")
    lost = f", {value.n_diverged} diverged" if value.n_diverged else ""
    spread = ""
    if value.loss == "domingos":
        spread = f" P(answer ≠ main) {value.spread:.3g} ± {value.spread_se:.1g};"
        spread += f" {value.tied_fraction:.0%} of the main predictions are ties."
    return (
        f"{' + '.join(terms)} = {_term(record, value, 'risk')} {UNITS[record.loss]}"
        f" ({value.n_replicates} replicates{lost}).{spread}"
    )


def _term(record: ComplexityRecord, value: ValueRecord, part: str) -> str:
    error = getattr(value, f"{part}_se")
    return f"{part_name(record, part)} **{getattr(value, part):.3g}** ± {error:.1g}"


def _lowest(record: ComplexityRecord, place: int) -> str:
    """The lowest risk, and its neighbours that can't be told apart from it."""
    best = record.at[place]
    assert best is not None
    ends = [place, place]
    for side, step in ((0, -1), (1, 1)):
        while 0 <= ends[side] + step < len(record.at):
            value = record.at[ends[side] + step]
            if value is None or _gap(value, best) >= CLEAR:
                break
            ends[side] += step
    words = (
        f"Lowest risk **{best.risk:.3g} ± {best.risk_se:.1g}** {UNITS[record.loss]} at"
        f" {record.title} **{best.value:g}**"
    )
    if ends[0] < ends[1]:
        low, high = (record.values[end] for end in ends)
        return f"{words}; from {low:g} to {high:g} it can't be told apart from that."
    return f"{words}."


def _gap(value: ValueRecord, best: ValueRecord) -> float:
    error = math.hypot(value.risk_se, best.risk_se)
    return (value.risk - best.risk) / error if error > 0 else math.inf


def _larger(record: ComplexityRecord, value: ValueRecord) -> str:
    return part_name(record, "bias" if value.bias > value.variance else "variance")
