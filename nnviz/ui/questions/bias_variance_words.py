"""What can be said of the curves, and no more."""

from __future__ import annotations

from nnviz.experiments.bias_variance.jackknife import AIM, LEAST_REPLICATES, PROMISE
from nnviz.experiments.complexity.axes import MODELS
from nnviz.experiments.complexity.records import UNITS, ComplexityRecord, ValueRecord
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.figures.complexity_curves import interval_words, part_name

HEAVY = 2.0
"""A mean risk this many times the median is called heavy-tailed."""
QUICK = 5.0
"""Seconds below which no guess of the work is given."""

DOMINGOS = (
    "Domingos' parts are plug-in estimates that move with the number of replicates R (on a case"
    " with a true bias of .25: .40 at R = 5, .32 at 20, .30 at 50), so they have no interval;"
    " the parts of Kohavi & Wolpert are without that bias."
)
LEAD = (
    "Train the same model again and again on **fresh training sets**. What all these replicates"
    " miss together is **bias**; how far they scatter around their mean is **variance**; what"
    " nobody can know is **noise**. The three add up to the risk."
)
NOTICING = f"""
- **The sum is exact**: risk = bias² + variance + noise at every point and every value. bias² is
  estimated without bias, so where the truth is 0 it comes out a little negative as often as not.
- **Bias** is what more data can't cure; **variance** is what averaging many models cures.
- Where parameters = training points, least squares has exactly one way through all points: look
  at the fits left of it, on it, and far to the right.
- **Bands and brackets** are intervals, made by leaving out one replicate at a time. They aim at
  {AIM:.0%} and hold the true value at least {100 * PROMISE:.0f} times in 100, as measured from
  {LEAST_REPLICATES} replicates on; fewer are too few for an interval. Where a few wild replicates
  rule the mean, or failures too rare to have been seen, no interval holds.
- On **real data** the noiseless truth is unknown: bias² and noise can't be told apart. With
  0-1 loss variance can *help* where the main prediction is wrong.
"""
SOURCE = (
    "Squared loss: Geman, Bienenstock & Doursat 1992. 0-1 loss: Domingos 2000; Kohavi & Wolpert"
    " 1996. Cross-entropy: Yang et al. 2020. Intervals: jackknife (Efron & Stein 1981)"
    " with the 99 % quantile of Student's t, on a logarithmic scale for variance and risk."
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
            " twice the median, and no interval holds."
        )
    diverged = sum(value.n_diverged for value in record.at if value is not None)
    if diverged:
        parts.append(f"{diverged} replicates diverged and are left out.")
    return " ".join(parts)


def sum_words(record: ComplexityRecord, place: int) -> str:
    """The sum at one value: bias² + variance + noise = risk, each with its interval."""
    value = record.at[place]
    if value is None:
        return f"Nothing has been measured at {record.title} {record.values[place]:g} yet."
    terms = [_term(record, value, part) for part in ("bias", "variance")]
    if value.noise > 0:
        terms.append(f"noise **{value.noise:.3g}**")
    lost = f", {value.n_diverged} diverged" if value.n_diverged else ""
    few = "" if _is_enough(value) else ": too few for an interval"
    spread = ""
    if value.loss == "domingos":
        spread = f" P(answer ≠ main) {value.spread:.3g};"
        spread += f" {value.tied_fraction:.0%} of the main predictions are ties. {DOMINGOS}"
    return (
        f"{' + '.join(terms)} = {_term(record, value, 'risk')} {UNITS[record.loss]}"
        f" ({value.n_replicates} replicates{lost}{few}).{spread}"
    )


def _term(record: ComplexityRecord, value: ValueRecord, part: str) -> str:
    words = interval_words(value, part)
    shown = f" {words}" if words.startswith("[") else ""
    return f"{part_name(record, part)} **{getattr(value, part):.3g}**{shown}"


def _is_enough(value: ValueRecord) -> bool:
    return value.n_replicates >= LEAST_REPLICATES


def _lowest(record: ComplexityRecord, place: int) -> str:
    """The lowest risk, and its neighbours whose intervals overlap with its own."""
    best = record.at[place]
    assert best is not None
    ends = [place, place]
    for side, step in ((0, -1), (1, 1)):
        while 0 <= ends[side] + step < len(record.at):
            value = record.at[ends[side] + step]
            if value is None or not value.risk_low <= best.risk_high:
                break
            ends[side] += step
    risk = _term(record, best, "risk").removeprefix("risk ")
    words = f"Lowest risk {risk} {UNITS[record.loss]} at {record.title} **{best.value:g}**"
    if not _is_enough(best):
        return f"{words}; {best.n_replicates} replicates can't tell it from its neighbours."
    if ends[0] < ends[1]:
        low, high = (record.values[end] for end in ends)
        return f"{words}; from {low:g} to {high:g} it can't be told apart from that."
    return f"{words}."


def _larger(record: ComplexityRecord, value: ValueRecord) -> str:
    return part_name(record, "bias" if value.bias > value.variance else "variance")
