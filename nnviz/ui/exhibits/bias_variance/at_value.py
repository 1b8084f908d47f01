"""What is seen at one value of the axis: the fits or borders there, and where the error is."""

from __future__ import annotations

from nnviz.experiments.complexity.records import ComplexityRecord
from nnviz.feed import Panel
from nnviz.figures.decomposed_classes import decomposition_by_class, replicate_borders
from nnviz.figures.fit_cloud import errors_along, fit_cloud
from nnviz.figures.variable_points import variable_points


def at_value(shown: ComplexityRecord, place: int) -> list[Panel]:
    """The pictures of one place, the one that stands beside the curves first."""
    at, asked = f"at {shown.title} {shown.values[place]:g}", shown.evaluation
    if asked.line_x_G is not None:
        return [
            Panel("cloud", f"The fits {at}", fit_cloud(shown, place),
                  "Each thin line is one replicate: its own training set, its own weights."),
            Panel("errors", f"Where the error is {at}", errors_along(shown, place),
                  "Noise, variance and bias² one above the other.", 310, 12),
        ]  # fmt: skip
    if asked.labels_N is None:
        return []
    borders = Panel("borders", f"Borders of replicates {at}", replicate_borders(shown, place),
                    "Each line is one replicate's border between the classes.")  # fmt: skip
    by_class = Panel("classes", f"By class {at}", decomposition_by_class(shown, place),
                     "Means over the test points of each class; whiskers: ± 1 standard error over"
                     " these points, not over replicates.", 310)  # fmt: skip
    points = Panel("points", f"The test points that vary most {at}", variable_points(shown, place),
                   "Where the replicates disagree.", 310)  # fmt: skip
    return [borders, by_class, points] if asked.grid_x_H is not None else [points, by_class]
