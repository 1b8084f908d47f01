"""The drawing of the network: a tile a unit, a line a weight, nothing hidden in silence."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.figures import network_diagram
from nnviz.figures.network import tile_heatmap
from nnviz.figures.network_edges import MAX_EDGES, edge_traces, weight_edges
from nnviz.figures.network_layout import MAX_UNITS, WIDTH, network_layout

from .conftest import (
    CASES,
    bare_history,
    deep_history,
    image_data,
    image_history,
    linear_history,
    plane_data,
    plane_history,
    wide_history,
)


def notes(figure) -> str:
    return " ".join(words["text"] for words in figure["layout"]["annotations"])


def n_segments(traces) -> int:
    return int(sum(np.isnan(trace["x"]).sum() for trace in traces))


@pytest.mark.parametrize("name", CASES)
def test_every_drawn_unit_with_values_has_its_tile(name):
    history, data = CASES[name]()
    frame = network_layout(history[-1], data)
    z = tile_heatmap(frame)["z"]
    side = z.shape[0] // frame.n_rows - 1
    filled = np.isfinite(z).reshape(frame.n_rows, side + 1, len(frame.columns), side + 1)
    tiles = filled[:, :side, :, :side].all(axis=(1, 3)).sum()
    valued = [c for c in frame.columns if c.values_KGG is not None and not c.is_box]
    assert tiles == sum(len(column.y_K) for column in valued)
    assert not filled[:, side].any()
    assert not filled[:, :, :, side].any()


def test_a_tile_stands_where_its_unit_is_hovered():
    frame = network_layout(plane_history(5)[-1], plane_data())
    trace = tile_heatmap(frame)
    middle_x = (trace["x"][1:] + trace["x"][:-1]) / 2
    middle_y = (trace["y"][1:] + trace["y"][:-1]) / 2
    rows, columns = np.nonzero(np.isfinite(trace["z"]))
    cells = np.stack([middle_x[columns], middle_y[rows]], axis=1)
    for column in frame.columns:
        for y in column.y_K:
            inside = np.abs(cells - [column.x, y]).max(axis=1) <= frame.tile / 2
            assert inside.any()


def test_the_first_input_grows_to_the_right_and_the_second_upwards():
    frame = network_layout(plane_history(5)[-1], plane_data())
    first, second = frame.columns[0].values_KGG
    assert (np.diff(first, axis=1) > 0).all()
    assert (np.diff(first, axis=0) == 0).all()
    assert (np.diff(second, axis=0) > 0).all()


def test_tiles_keep_their_orientation_when_many_are_drawn():
    frame = network_layout(deep_history(3)[-1], plane_data())
    z = tile_heatmap(frame)["z"]
    side = z.shape[0] // frame.n_rows - 1
    slot = frame.columns[0].slots_K[0]
    bottom = (frame.n_rows - 1 - slot) * (side + 1)
    assert (np.diff(z[bottom : bottom + side, :side], axis=1) > 0).all()


def test_every_weight_between_drawn_units_is_a_line():
    frame = network_layout(plane_history(5)[-1], plane_data())
    edges = weight_edges(frame)
    assert len(edges.weight_E) == 2 * 8 + 8 * 6 + 6 * 4 + 4 * 2
    assert edges.n_hidden == 0
    assert n_segments(edge_traces(edges)) == len(edges.weight_E)


def test_blue_lines_are_positive_and_wide_lines_are_strong():
    edges = weight_edges(network_layout(plane_history(5)[-1], plane_data()))
    traces = edge_traces(edges)
    positive = [trace for trace in traces if "positive" in trace["line"]["color"]]
    assert n_segments(positive) == (edges.weight_E >= 0).sum()
    widest = max(trace["line"]["width"] for trace in traces)
    strongest = [trace for trace in traces if trace["line"]["width"] == widest]
    expected = np.abs(edges.weight_E) >= 0.65 * np.abs(edges.weight_E).max()
    assert n_segments(strongest) == expected.sum()


def test_only_the_strongest_lines_are_kept_and_the_rest_is_told():
    history = deep_history(3)
    frame = network_layout(history[-1], plane_data())
    edges = weight_edges(frame)
    weights = [
        np.abs(layer.weight_DF[:12, :12]).ravel()
        for layer in (*history[-1].layers, history[-1].output)
    ]
    every = np.sort(np.concatenate(weights))[::-1]
    assert len(edges.weight_E) == MAX_EDGES
    np.testing.assert_allclose(np.sort(np.abs(edges.weight_E))[::-1], every[:MAX_EDGES], rtol=1e-6)
    told = notes(network_diagram(history[-1], plane_data()))
    assert f"{len(every) - MAX_EDGES} weaker weights not drawn" in told


def test_units_beyond_the_limit_are_counted():
    figure = network_diagram(wide_history()[-1], image_data())
    labels = next(trace for trace in figure["data"] if trace.get("mode") == "text")
    assert f"+ {1024 - MAX_UNITS} more" in list(labels["text"])


def test_dead_units_are_crossed_out_and_named():
    last = plane_history(20)[-1]
    figure = network_diagram(last, plane_data())
    units = next(t for t in figure["data"] if t.get("mode") == "markers" and "text" in t)
    n_dead = sum(int(layer.dead_D[:MAX_UNITS].sum()) for layer in last.layers)
    assert n_dead > 0
    assert int(units["marker"]["opacity"].sum()) == n_dead
    assert sum(": dead" in words for words in units["text"]) == n_dead


def test_many_inputs_are_one_box_with_their_number():
    figure = network_diagram(image_history(5)[-1], image_data())
    assert "64 inputs" in notes(figure)
    assert "256 values" in notes(figure)
    assert len(figure["layout"]["shapes"]) == 2


def test_a_network_without_hidden_layers_joins_input_and_output():
    last = linear_history(5)[-1]
    frame = network_layout(last, plane_data())
    assert [column.name for column in frame.columns] == ["input", "output"]
    assert len(weight_edges(frame).weight_E) == 4


def test_unmeasured_tiles_are_said_to_be_so():
    assert "not measured" in notes(network_diagram(bare_history()[-1]))


@pytest.mark.parametrize("n_blocks", [1, 5, 20])
def test_columns_stay_inside_and_apart(n_blocks):
    frame = network_layout(plane_history(1, widths=(4,) * n_blocks)[0], plane_data())
    x = np.array([column.x for column in frame.columns])
    assert (np.diff(x) > frame.tile).all()
    assert x[0] - frame.tile / 2 > 0
    assert x[-1] + frame.tile / 2 < WIDTH
