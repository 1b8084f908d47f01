"""The views of the live page: of one lane in depth, of several beside each other, of both modes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from nnviz.feed.family_views import FAMILY_VIEWS
from nnviz.feed.lane_views import LANE_VIEWS
from nnviz.feed.mode_views import MODE_VIEWS
from nnviz.feed.panels import Panel
from nnviz.feed.run_views import RUN_VIEWS
from nnviz.feed.view import Asked, Part, Shown, View
from nnviz.figures.shared_axes import AxisLimits
from nnviz.spec import ExperimentSpec

OPENING = ("pipeline", "test_loss", "test_accuracy", "seeds")
"""What stands first where lanes are compared."""
N_FIRST = 5
"""Views of any network that stand before those of a family: the answer and the curves."""


def fitting_views(specs: Sequence[ExperimentSpec], part: Part = "views") -> list[View]:
    """The views that have something to show for these lanes, in the order of the page."""
    if part == "seeds":
        return []
    if part == "modes":
        views = MODE_VIEWS
    else:
        own = RUN_VIEWS if len(specs) == 1 else LANE_VIEWS
        views = (*own[:N_FIRST], *FAMILY_VIEWS, *own[N_FIRST:])
    return [view.worded(specs[0].data.entry.task) for view in views if view.applies(specs)]


def chosen_views(specs: Sequence[ExperimentSpec], asked: Asked) -> list[View]:
    """Those that the reader wants to see; of the modes always all."""
    views = fitting_views(specs, asked.part)
    return [view for view in views if asked.part == "modes" or view.name in asked.names]


def default_views(specs: Sequence[ExperimentSpec]) -> tuple[str, ...]:
    """Names of those that are shown before the reader has chosen.

    Of several lanes the first few tell the story; the others are `more_views`.
    """
    views = fitting_views(specs)
    if len(specs) > 1:
        return tuple(view.name for view in views if view.name in OPENING)
    return tuple(view.name for view in views if view.default)


def more_views(specs: Sequence[ExperimentSpec]) -> tuple[str, ...]:
    """Names of those that show the lanes in full."""
    return tuple(view.name for view in fitting_views(specs) if view.default)


def undrawn(specs: Sequence[ExperimentSpec], asked: Asked, names: Sequence[str]) -> list[Panel]:
    """The panels of the chosen views before anything is drawn, in the order of the page."""
    return [panel for view in chosen_views(specs, asked) for panel in view.frames(names, asked)]


def drawn(
    shown: Shown,
    kept: dict[str, AxisLimits] | None = None,
    wanted: Collection[str] | None = None,
) -> list[Panel]:
    """The chosen views as panels, those of these ids at least (None: all).

    `kept` holds frozen axes by view; where they are still to be found, a view is drawn, too.
    """
    views = [
        view
        for view in chosen_views(shown.specs, shown.asked)
        if wanted is None
        or view.is_wanted(shown, wanted)
        or (kept is not None and view.shared and view.name not in kept)
    ]
    return [panel for view in views for panel in view.panels(shown, kept)]


def learned_layers(specs: Sequence[ExperimentSpec]) -> list[str]:
    """Names of the blocks with weights or positions, for choosing one."""
    found = [
        layer.name
        for spec in specs
        for layer in spec.layer_shapes[:-1]
        if layer.core.learned or len(layer.output_shape) > 1
    ]
    return list(dict.fromkeys(found))
