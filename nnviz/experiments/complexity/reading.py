"""What can be said of the curves, and no more: sentences in plain words."""

from __future__ import annotations

from nnviz.experiments.bias_variance.jackknife import LEAST_REPLICATES
from nnviz.experiments.complexity.axes import MODELS
from nnviz.experiments.complexity.pieces import pieces_for, seconds_of
from nnviz.experiments.complexity.records import UNITS, ComplexityRecord
from nnviz.experiments.complexity.settings import ComplexitySettings

HEAVY = 2.0
"""A mean risk this many times the median is called heavy-tailed."""
QUICK = 5.0
"""Seconds below which no guess of the work is given."""
DOMINGOS = (
    "Domingos' parts are plug-in estimates that move with the number of replicates R (on a case"
    " with a true bias of .25: .40 at R = 5, .32 at 20, .30 at 50), so they have no interval;"
    " the parts of Kohavi & Wolpert are without that bias."
)


def question_words(settings: ComplexitySettings) -> str:
    """The question in one line, with a rough guess of the whole work."""
    experiment = settings.experiment
    if experiment is None:
        points = "" if settings.axis == "n_samples" else f", {settings.n_samples} training points"
        inputs = f", {settings.n_inputs} inputs" if settings.n_inputs > 1 else ""
        told = (
            f"{MODELS[settings.model]} on sin(πx) with noise σ = {settings.noise:g}{points}{inputs}"
        )
    else:
        depth, n_steps = experiment.network.depth, experiment.training.n_steps
        told = (
            f"your network ({depth} hidden layer{'' if depth == 1 else 's'}, {n_steps:,}"
            f" step{'' if n_steps == 1 else 's'}) on {experiment.data.name.replace('_', ' ')}"
        )
    frozen = {"none": "", "data": ", all on one training set",
              "initialization": ", all from the same initial weights"}[settings.freeze]  # fmt: skip
    seconds = seconds_of(settings, pieces_for(settings))
    work = "" if seconds < QUICK else f", about {seconds:,.0f} s of one core"
    n_values = len(settings.values)
    return f"{told}: {settings.n_replicates} replicates at {n_values} values{frozen}{work}"


def lowest(record: ComplexityRecord) -> str:
    """Where the risk is lowest, and from what it can't be told apart."""
    assert record.best is not None
    best = record.at[record.best]
    assert best is not None
    so_far = "" if all(value is not None for value in record.at) else " so far"
    words = f"The risk is lowest{so_far} at {record.title} **{best.value:g}**: {best.risk:.3g}"
    words += f" {UNITS[record.loss]}"
    if best.n_replicates < LEAST_REPLICATES:
        return f"{words}; {best.n_replicates} replicates can't tell it from its neighbours."
    low, high = _like(record, record.best)
    if low < high:
        return f"{words}; from {low:g} to {high:g} it can't be told apart from that."
    return f"{words}."


def _like(record: ComplexityRecord, place: int) -> tuple[float, float]:
    """The values around the best one whose intervals overlap with its own."""
    best, ends = record.at[place], [place, place]
    for side, step in ((0, -1), (1, 1)):
        while 0 <= ends[side] + step < len(record.at):
            value = record.at[ends[side] + step]
            if value is None or best is None or not value.risk_low <= best.risk_high:
                break
            ends[side] += step
    return record.values[ends[0]], record.values[ends[1]]


def larger_parts(record: ComplexityRecord) -> str:
    """What rules at the two ends of the axis."""
    known = [value for value in record.at if value is not None]
    if len(known) < 3:
        return ""
    left, right = (
        record.part_name("bias" if value.bias > value.variance else "variance")
        for value in (known[0], known[-1])
    )
    if left == right:
        return f"At both ends {left} is the larger part."
    return f"At the left end {left} is the larger part, at the right {right}."


def heavy_tails(record: ComplexityRecord) -> str:
    """Where a few replicates rule the mean."""
    places = [
        value.value for value in record.at
        if value is not None and value.median_risk > 0 and value.risk > HEAVY * value.median_risk
    ]  # fmt: skip
    if not places:
        return ""
    return (
        f"A few wild replicates rule the mean at {record.title} {_some(places)}: it is more than"
        " twice the median there, and no interval holds."
    )


def below_zero(record: ComplexityRecord) -> str:
    """Where bias² came out negative, and why that is right."""
    places = [value.value for value in record.at if value is not None and value.bias < 0]
    if not places or not record.bias_name.startswith("bias²"):
        return ""
    return (
        f"{record.bias_name} comes out below 0 at {record.title} {_some(places)} (a log axis leaves"
        " it out): right on average, near a true 0 it is negative about as often as not."
    )


def missing(record: ComplexityRecord, n_replicates: int) -> str:
    """How much of what was asked is not back."""
    back = [0 if v is None else v.n_replicates + v.n_diverged for v in record.at]
    if min(back) >= n_replicates:
        return ""
    n_known = sum(n > 0 for n in back)
    least, most = min(n for n in back if n > 0), max(back)
    counts = f"{most}" if least == most else f"{least} to {most}"
    return f"**So far: {counts} of {n_replicates} replicates, at {n_known} of {len(back)} values.**"


def diverged(record: ComplexityRecord) -> str:
    """How many replicates are left out."""
    n = sum(value.n_diverged for value in record.at if value is not None)
    return f"{n} replicate{' is' if n == 1 else 's are'} left out: diverged." if n else ""


def _some(places: list[float]) -> str:
    return ", ".join(f"{place:g}" for place in places[:4]) + (", …" if len(places) > 4 else "")
