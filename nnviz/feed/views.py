"""The views of the live page: of one lane in depth, of several beside each other, of both modes."""

from __future__ import annotations

from collections.abc import Sequence

from nnviz.feed.lane_views import LANE_VIEWS
from nnviz.feed.mode_views import MODE_VIEWS
from nnviz.feed.panels import Panel
from nnviz.feed.run_views import RUN_VIEWS
from nnviz.feed.view import Asked, Part, Shown, View
from nnviz.figures.shared_axes import AxisLimits
from nnviz.spec import ExperimentSpec


def fitting_views(specs: Sequence[ExperimentSpec], part: Part = "views") -> list[View]:
    """The views that have something to show for these lanes, in the order of the page."""
    if part == "seeds":
        return []
    views = MODE_VIEWS if part == "modes" else RUN_VIEWS if len(specs) == 1 else LANE_VIEWS
    return [view.worded(specs[0].data.entry.task) for view in views if view.applies(specs)]


def chosen_views(specs: Sequence[ExperimentSpec], asked: Asked) -> list[View]:
    """Those that the reader wants to see; of the modes always all."""
    views = fitting_views(specs, asked.part)
    return [view for view in views if asked.part == "modes" or view.name in asked.names]


def default_views(specs: Sequence[ExperimentSpec]) -> tuple[str, ...]:
    """Names of those that are shown before the reader has chosen."""
    return tuple(view.name for view in fitting_views(specs) if view.default)


def drawn(shown: Shown, kept: dict[str, AxisLimits] | None = None) -> list[Panel]:
    """The chosen views as panels; `kept` holds frozen axes, by view."""
    views = chosen_views(shown.specs, shown.asked)
    return [panel for view in views for panel in view.panels(shown, kept)]


def learned_layers(specs: Sequence[ExperimentSpec]) -> list[str]:
    """Names of the blocks with weights, for choosing one."""
    found = [layer.name for spec in specs for layer in spec.layer_shapes[:-1] if layer.settings]
    return list(dict.fromkeys(found))
