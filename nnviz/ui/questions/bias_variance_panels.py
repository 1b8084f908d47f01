"""The bias-variance page's charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nnviz.experiments.bias_variance.jackknife import AIM, LEAST_REPLICATES
from nnviz.experiments.complexity.records import ComplexityRecord
from nnviz.feed import Panel
from nnviz.figures.complexity_curves import complexity_curves
from nnviz.figures.decomposed_classes import decomposition_by_class, replicate_borders
from nnviz.figures.expected_shapes import expected_shape
from nnviz.figures.fit_cloud import errors_along, fit_cloud
from nnviz.figures.layout import empty_figure
from nnviz.figures.variable_points import variable_points
from nnviz.ui.questions.bias_variance import Asked
from nnviz.ui.questions.measuring import waiting_words


def panels(
    asked: Asked,
    record: ComplexityRecord,
    place: int,
    guess: Mapping[str, str] | None,
    hidden: bool,
) -> list[Panel]:
    """The curves, and below them the fits at one value; nothing measured while it is `hidden`."""
    settings, n_values = asked.settings, len(record.values)
    guesses = {part: expected_shape(name, n_values) for part, name in (guess or {}).items()}
    shown = _emptied(record) if hidden else record
    waiting = "Choose what you expect above." if hidden else waiting_words(asked.found)
    curves = empty_figure(waiting)
    if guesses or not (hidden or record.best is None):
        curves = complexity_curves(
            shown, None if hidden else place, settings.log_risk, settings.robust, guesses
        )
    drawn = [
        Panel(
            "curves", f"Bias, variance and risk against {record.title}", curves,
            f"Bands: intervals that aim at {AIM:.0%}, from {LEAST_REPLICATES} replicates on."
            " Click a point to see the fits there.", 360, 12,
        )
    ]  # fmt: skip
    if hidden or record.best is None:
        return drawn
    at = f"at {record.title} {record.values[place]:g}"
    if record.evaluation.line_x_G is not None:
        return [
            *drawn,
            Panel("cloud", f"The fits {at}", fit_cloud(record, place),
                  "Each thin line is one replicate: its own training set, its own weights.",
                  310, 6),
            Panel("errors", "Where the error is", errors_along(record, place),
                  "noise, variance and bias² one above the other.", 310, 6),
        ]  # fmt: skip
    if record.evaluation.labels_N is None:
        return drawn
    return [*drawn, *_class_panels(record, place, at)]


def _class_panels(record: ComplexityRecord, place: int, at: str) -> list[Panel]:
    plane = record.evaluation.grid_x_H is not None
    drawn = [
        Panel("classes", f"By class {at}", decomposition_by_class(record, place),
              "Means over the test points of each class; whiskers: ± 1 standard error over these"
              " points, not over replicates.",
              310, 4 if plane else 5),
        Panel("points", "The test points that vary most", variable_points(record, place),
              "Where the replicates disagree.", 310, 4 if plane else 7),
    ]  # fmt: skip
    if plane:
        drawn.append(
            Panel("borders", "Borders of six replicates", replicate_borders(record, place),
                  "Each line is one replicate's border between the classes.", 310, 4)
        )  # fmt: skip
    return drawn


def _emptied(record: ComplexityRecord) -> ComplexityRecord:
    """The same axis with nothing measured."""
    return replace(record, at=(None,) * len(record.values))
