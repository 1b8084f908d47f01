"""The data of the drawing of the network: a tile a unit, a number a weight, nothing hidden."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.figures import network_diagram
from nnviz.figures.network import MAX_CELLS, MAX_EDGES, MISSING, SCALE
from nnviz.figures.network_layout import MAX_UNITS, network_columns

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

CHANGING = {"tiles", "weights", "means", "stds", "dead"}


def drawn(snapshot, data=None, captions=()):
    """The one trace."""
    figure = network_diagram(snapshot, data, captions)
    (trace,) = figure["data"]
    assert figure["layout"] == {}
    return trace


def tiles_of(trace):
    return trace["tiles"].reshape(-1, trace["side"], trace["side"])


def n_tiles(trace):
    return sum(column["n_drawn"] for column in trace["columns"] if not column["is_box"])


@pytest.mark.parametrize("name", CASES)
def test_every_tiled_unit_has_one_place_in_every_array(name):
    history, data = CASES[name]()
    trace = drawn(history[-1], data)
    for entry in ("means", "stds", "dead"):
        assert trace[entry].shape == (n_tiles(trace),)
    assert len(tiles_of(trace)) == n_tiles(trace)
    lengths = {len(trace[entry]) for entry in ("weights", "edge_column", "edge_to", "edge_from")}
    assert len(lengths) == 1


@pytest.mark.parametrize("name", CASES)
def test_only_measured_entries_change_from_step_to_step(name):
    history, data = CASES[name]()
    first, last = (drawn(history[place], data) for place in (-min(2, len(history)), -1))
    assert {key for key in first if not np.array_equal(first[key], last[key])} <= CHANGING


@pytest.mark.parametrize("name", CASES)
def test_a_frame_is_small(name):
    history, data = CASES[name]()
    trace = drawn(history[-1], data)
    assert sum(trace[entry].nbytes for entry in CHANGING) < 90_000
    assert len(trace["tiles"]) <= MAX_CELLS


def test_a_tile_is_what_was_recorded(monkeypatch):
    monkeypatch.setattr("nnviz.figures.network.MAX_CELLS", 10**6)
    last = plane_history(5)[-1]
    trace = drawn(last, plane_data())
    columns = network_columns(last, plane_data())
    maps = np.concatenate([column.values_KGG for column in columns[1:]])
    shown = tiles_of(trace)[2:]
    assert trace["side"] == maps.shape[1]
    np.testing.assert_allclose(shown / SCALE, maps, atol=0.5 / SCALE + 1e-9)


def test_the_first_input_grows_to_the_right_and_the_second_upwards():
    tiles = tiles_of(drawn(plane_history(5)[-1], plane_data())).astype(int)
    first, second = tiles[:2]
    assert (first[:, -1] - first[:, 0] == 2 * SCALE).all()
    assert (np.diff(first, axis=0) == 0).all()
    assert (second[-1] - second[0] == 2 * SCALE).all()
    assert (np.diff(second, axis=1) == 0).all()


def test_tiles_keep_their_orientation_when_many_are_drawn():
    first = tiles_of(drawn(deep_history(3)[-1], plane_data())).astype(int)[0]
    assert (np.diff(first, axis=1) >= 0).all()
    assert (first[:, -1] > first[:, 0]).all()


def test_what_is_not_measured_is_flagged():
    trace = drawn(bare_history()[-1])
    assert (trace["tiles"] == MISSING).all()
    assert np.isnan(trace["means"]).all()
    assert "not measured" in trace["reading"][0]


def test_a_single_missing_cell_is_flagged_alone(monkeypatch):
    monkeypatch.setattr("nnviz.figures.network.MAX_CELLS", 10**6)
    last = plane_history(5)[-1]
    maps = last.layers[0].unit_maps_KGG.copy()
    maps[3, 5, 7] = np.inf
    broken = replace(last, layers=(replace(last.layers[0], unit_maps_KGG=maps), *last.layers[1:]))
    tiles = tiles_of(drawn(broken, plane_data()))
    assert np.argwhere(tiles == MISSING).tolist() == [[2 + 3, 5, 7]]


def test_every_weight_between_drawn_units_has_its_ends():
    last = plane_history(5)[-1]
    trace = drawn(last, plane_data())
    blocks = (*last.layers, last.output)
    assert len(trace["weights"]) == 2 * 8 + 8 * 6 + 6 * 4 + 4 * 2
    ends = zip(trace["edge_column"], trace["edge_to"], trace["edge_from"], strict=True)
    recorded = [blocks[column - 1].weight_DF[to, start] for column, to, start in ends]
    np.testing.assert_array_equal(trace["weights"], recorded)


def test_the_rest_of_very_many_weights_is_told():
    trace = drawn(deep_history(3)[-1], plane_data())
    told = f"{len(trace['weights']) - MAX_EDGES} weaker weights not drawn"
    assert told in trace["reading"]


def test_units_beyond_the_limit_are_counted():
    columns = drawn(wide_history()[-1], image_data())["columns"]
    assert columns[1]["n_drawn"] == MAX_UNITS
    assert columns[1]["n_hidden"] == 1024 - MAX_UNITS


def test_dead_units_are_flagged_in_their_place():
    last = plane_history(20)[-1]
    trace = drawn(last, plane_data())
    expected = np.concatenate([np.zeros(2), *[x.dead_D for x in last.layers], np.zeros(2)])
    assert expected.any()
    np.testing.assert_array_equal(trace["dead"], expected)


def test_many_inputs_are_one_box():
    columns = drawn(image_history(5)[-1], image_data())["columns"]
    boxes = [(column["kind"], column["n_units"]) for column in columns if column["is_box"]]
    assert boxes == [("input", 64), ("flatten", 256)]


def test_weights_that_are_not_drawn_are_told():
    trace = drawn(image_history(5)[-1], image_data())
    assert "grey bundle: weights not drawn one by one" in trace["reading"]
    joined = {int(column) for column in trace["edge_column"]}
    assert joined < set(range(1, len(trace["columns"])))


def test_a_network_without_hidden_layers_joins_input_and_output():
    trace = drawn(linear_history(5)[-1], plane_data())
    assert [column["name"] for column in trace["columns"]] == ["input", "output"]
    assert len(trace["weights"]) == 4


def test_blocks_have_their_captions_and_outputs_their_classes():
    trace = drawn(plane_history(5)[-1], plane_data(), ["relu → batch norm"])
    assert trace["columns"][1]["caption"] == "relu → batch norm"
    assert trace["columns"][-1]["unit_names"] == ["class 0", "class 1"]
