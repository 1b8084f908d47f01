"""What holds for every figure of every kind of run."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

from nnviz import figures
from nnviz.figures.layout import log_ticks

from .conftest import plane_data, plane_history
from .gallery import gallery, questions

MAX_TRACES = 16


def arrays(value):
    """Every NumPy array inside a figure."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from arrays(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from arrays(item)


def test_every_figure_is_valid_plotly(drawn):
    for figure in drawn.values():
        figures.to_plotly(figure)


def test_every_visible_axis_has_a_name(drawn):
    for name, figure in drawn.items():
        axes = {key: ax for key, ax in figure["layout"].items() if re.match(r"[xy]axis", key)}
        assert len(axes) >= 2, name
        for key, ax in axes.items():
            if ax.get("visible", True):
                assert ax["title"]["text"].strip(), (name, key)


def test_every_trace_says_what_it_shows(drawn):
    for name, figure in drawn.items():
        for trace in figure["data"]:
            if trace.get("hoverinfo") != "skip":
                assert trace["hovertemplate"].endswith("<extra></extra>"), (name, trace["type"])


def test_a_figure_shows_data_or_says_why_not(drawn):
    for name, figure in drawn.items():
        if not figure["data"]:
            texts = [words["text"] for words in figure["layout"]["annotations"]]
            assert any(len(text) > 8 for text in texts), name


def test_text_is_large_enough(drawn):
    def sizes(value):
        if isinstance(value, dict):
            for key, item in value.items():
                if key in ("font", "tickfont", "textfont"):
                    yield item["size"]
                yield from sizes(item)
        elif isinstance(value, list):
            for item in value:
                yield from sizes(item)

    for name, figure in drawn.items():
        assert min(sizes(figure), default=12) >= 11, name


def test_figures_travel_light(drawn):
    for name, figure in drawn.items():
        assert len(figure["data"]) <= MAX_TRACES, name
        for array in arrays(figure):
            assert array.dtype.itemsize <= 4, (name, array.dtype)
        assert sum(array.nbytes for array in arrays(figure)) < 400_000, name


def test_the_user_keeps_the_zoom(drawn):
    assert {figure["layout"]["uirevision"] for figure in drawn.values()} == {"nnviz"}


def test_the_cursor_is_drawn_at_the_current_step():
    history = plane_history(30)
    series = figures.Series(history)
    for make in (figures.loss_curve, figures.accuracy_curve, figures.update_ratios):
        shapes = make(series, 24)["layout"]["shapes"]
        assert any(shape["type"] == "line" and shape["x0"] == 24 for shape in shapes)
        assert all(shape["x0"] != 24 for shape in make(series)["layout"]["shapes"])


def test_a_snapshot_of_an_empty_history_is_explained():
    series = figures.Series()
    for make in (figures.loss_curve, figures.gradient_heatmap, figures.dead_timeline):
        assert make(series)["layout"]["annotations"][0]["text"]


def n_calls(make):
    """How many functions, Python's and C's, a drawing calls when all is warm."""
    found = 0

    def count(frame, event, function):
        nonlocal found
        found += event in ("call", "c_call")

    make()
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        make()
    finally:
        sys.setprofile(before)
    return found


def work_of_drawing(n_snapshots):
    """Calls of each figure that shows a whole history, or its last snapshot."""
    history, data = plane_history(n_snapshots), plane_data()
    series, last = figures.Series(history), history[-1]
    return [
        n_calls(make)
        for make in (
            lambda: figures.network_diagram(last, data),
            lambda: figures.decision_surface(last, data),
            lambda: figures.loss_curve(series),
            lambda: figures.ridgeline(series, 0, "weight"),
            lambda: figures.histogram_heatmap(series, 0, "weight"),
            lambda: figures.gradient_heatmap(series),
            lambda: figures.dead_timeline(series),
        )
    ]


def test_a_long_history_takes_no_more_work_to_draw_than_a_short_one():
    """No loop runs over snapshots: what grows with them are arrays."""
    short, long = work_of_drawing(30), work_of_drawing(300)
    assert short == long
    assert max(long) < 2500


def test_the_gallery_holds_every_public_figure():
    history = plane_history(6)
    drawn = gallery(history, plane_data())
    not_figures = {"axis", "layout", "resolved", "to_plotly", "token", "empty_figure"}
    not_figures |= {"network_diagram", "pipeline", "note", "is_painted"}  # drawn without Plotly
    makers = {
        name
        for name in figures.__all__
        if callable(getattr(figures, name)) and name.islower() and name not in not_figures
    }
    source = {name for made in (gallery, questions) for name in made.__code__.co_names}
    assert makers <= source, makers - source
    assert drawn


@pytest.mark.parametrize("limits", [[-1.0, -0.7], [-4.2, -3.1], [-0.1, 0.1], [-6.0, 2.0]])
def test_a_logarithmic_axis_has_ticks_that_name_their_power(limits):
    ticks = log_ticks(limits)
    if "dtick" in ticks:
        assert limits[1] - limits[0] >= ticks["dtick"]
        return
    assert len(ticks["tickvals"]) >= 1
    assert [float(text) for text in ticks["ticktext"]] == pytest.approx(ticks["tickvals"])
    assert all(limits[0] <= np.log10(value) <= limits[1] for value in ticks["tickvals"])
