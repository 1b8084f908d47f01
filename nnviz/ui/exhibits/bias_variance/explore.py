"""Bias and variance of any model against any of its settings, measured on fresh training sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nnviz.experiments.bias_variance.jackknife import AIM, LEAST_REPLICATES, PROMISE
from nnviz.experiments.complexity import reading
from nnviz.experiments.complexity.collecting import collected
from nnviz.experiments.complexity.measured import measure_piece
from nnviz.experiments.complexity.pieces import missing_pieces
from nnviz.experiments.complexity.records import ComplexityRecord
from nnviz.experiments.complexity.settings import ROUNDS, ComplexitySettings
from nnviz.feed import Grip, Panel
from nnviz.figures.complexity_curves import complexity_curves
from nnviz.figures.expected_shapes import expected_shape
from nnviz.figures.layout import plain_number
from nnviz.ui.charts import ChartClick
from nnviz.ui.exhibits.bias_variance.at_value import at_value
from nnviz.ui.exhibits.bias_variance.explore_code import explore_code
from nnviz.ui.exhibits.bias_variance.question import model_controls
from nnviz.ui.exhibits.bias_variance.trial import training_of
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.exhibits.words import full

HELP = (
    f"Bands: intervals that aim at {AIM:.0%} and hold the true value at least {100 * PROMISE:.0f}"
    f" times in 100, from {LEAST_REPLICATES} replicates on. Drag the line, or click a point."
)


def picture(settings: ComplexitySettings, shown: ComplexityRecord) -> Sequence[Panel]:
    """The curves, and beside them the fits at one value; only guesses while they are hidden."""
    place, hidden = shown.nearest(settings.place), settings.is_hidden
    n_values = len(shown.values)
    guesses = {part: expected_shape(name, n_values) for part, name in settings.guesses.items()}
    drawn = replace(shown, at=(None,) * n_values) if hidden else shown
    grip = Grip(
        "place", x=shown.values[place], low=shown.values[0], high=shown.values[-1],
        step=1 if settings.axis_entry.whole else 0, label=f"at {shown.values[place]:g}",
    )  # fmt: skip
    beside = [] if hidden else at_value(shown, place)[:1]
    curves = Panel(
        "curves", f"Missed, by {shown.title}",
        complexity_curves(drawn, settings.log_risk, settings.robust, guesses),
        HELP, 430, 6 if beside else 12, short=320, grips=() if hidden else (grip,),
    )  # fmt: skip
    return [curves, *(replace(panel, height=430, short=320, span=6) for panel in beside)]


def panels(settings: ComplexitySettings, shown: ComplexityRecord) -> Sequence[Panel]:
    """Where at that value the error is."""
    return [] if settings.is_hidden else at_value(shown, shown.nearest(settings.place))[1:]


def numbers(settings: ComplexitySettings, shown: ComplexityRecord) -> Mapping[str, str]:
    """The sum at the value that is looked at."""
    value = shown.at[shown.nearest(settings.place)]
    if value is None or settings.is_hidden:
        return {}
    told = {}
    for sign, part in (("", "bias"), ("+ ", "variance"), ("+ ", "noise"), ("= ", "risk")):
        ends = "" if part == "noise" else value.interval_words(part)
        interval = full(f" {ends}") if ends.startswith("[") else ""
        told[sign + shown.part_name(part)] = plain_number(getattr(value, part)) + interval
    if value.noise == 0:
        del told["+ noise"]
    if value.loss == "domingos":
        told["P(answer ≠ main)"] = plain_number(value.spread)
    return told | {"replicates": f"{value.n_replicates}"}


def notice(settings: ComplexitySettings, shown: ComplexityRecord) -> str:
    """How much is back, where the risk is lowest, what rules, and what to beware of."""
    if settings.is_hidden:
        return "Choose in the sidebar what you expect of each part, then show what was measured."
    value = shown.at[shown.nearest(settings.place)]
    told = [
        reading.missing(shown, settings.n_replicates), reading.lowest(shown),
        reading.larger_parts(shown), reading.heavy_tails(shown), reading.below_zero(shown),
        reading.diverged(shown),
    ]  # fmt: skip
    if value is None:
        told.insert(1, f"Nothing is back yet at {shown.title} {settings.place:g}.")
    elif value.loss == "domingos":
        ties = f"{value.tied_fraction:.0%} of the main predictions are ties."
        told += [f"{ties} {reading.DOMINGOS}"]
    if shown.evaluation.truth_is_noisy:
        told += ["Real data have no noiseless truth: bias² and noise can't be told apart."]
    return " ".join(filter(None, told))


def actions(settings: ComplexitySettings, shown: ComplexityRecord) -> Sequence[Action]:
    """More replicates; the way back to the lowest risk; what was measured."""
    more = next((n for n in ROUNDS if n > settings.n_replicates), None)
    lowest = Action(
        "Lowest risk", {"place": None}, ":material/star:", disabled=settings.place is None
    )
    adds = Action(
        f"To {more} replicates", {"n_replicates": more}, ":material/add:",
        help="Added to those measured: the bands get narrower.",
    )  # fmt: skip
    reveals = Action(
        f"{'Hide' if settings.revealed else 'Show'} what was measured",
        {"revealed": not settings.revealed}, ":material/visibility:",
        disabled=not settings.guesses, primary=not settings.revealed,
    )  # fmt: skip
    return [*([reveals] if settings.predict else []), lowest, *([adds] if more else [])]


def click(settings: ComplexitySettings, at: ChartClick) -> Mapping[str, Any]:
    """A click on a curve looks at that value."""
    is_value = at.panel == "curves" and isinstance(at.x, int | float)
    return {"place": settings.nearest(float(at.x))} if is_value else {}


EXPLORE = Exhibit(
    name="explore",
    title="Other models",
    lead="Change **one setting of a model** and train it on many fresh training sets at each value:"
    " see which part of the risk falls, and which rises.",
    settings=ComplexitySettings,
    measure=Pieces(
        lambda settings, known: [
            (measure_piece, (settings.question, piece)) for piece in missing_pieces(settings, known)
        ],
        collected,
        lambda settings: settings.question,
        starts=lambda settings: settings.experiment is None,
        about=reading.question_words,
    ),
    picture=picture,
    notice=notice,
    code=explore_code,
    source="Squared loss: Geman, Bienenstock & Doursat 1992. 0-1 loss: Domingos 2000; Kohavi &"
    " Wolpert 1996. Cross-entropy: Yang et al. 2020. Intervals: jackknife (Efron & Stein 1981),"
    " 99 % quantile of Student's t, on a logarithmic scale for variance and risk.",
    experiment=training_of,
    panels=panels,
    numbers=numbers,
    fields=lambda settings: (),
    controls=model_controls,
    actions=actions,
    grasp=lambda settings, sent: {"place": settings.nearest(float(sent["place"]))},
    click=click,
)
