"""The data of the drawing of the network: a tile a unit, a number a weight, nothing hidden."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.figures import network_diagram
from nnviz.figures.network import MAX_CELLS, MAX_EDGES, MISSING, SCALE
from nnviz.figures.network_layout import MAX_KERNEL, MAX_UNITS, network_columns
from nnviz.records import SeenRecord

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

CHANGING = {"tiles", "weights", "means", "stds", "dead", "kernels"}


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


def seen(name, axes, values):
    return SeenRecord(name, axes, np.asarray(values, np.float16))


def with_seen(*found):
    """A digits run whose first block has something to show."""
    last = image_history(5)[-1]
    first = replace(last.layers[0], seen=found)
    return replace(last, layers=(first, *last.layers[1:]))


def test_a_channel_is_drawn_as_its_map_of_the_example_the_first_row_at_the_top(monkeypatch):
    monkeypatch.setattr("nnviz.figures.network.MAX_CELLS", 10**6)
    maps = np.random.default_rng(0).normal(size=(4, 8, 6, 6))
    axes = ("example", "channel", "row", "column")
    last = with_seen(seen("maps", axes, maps))
    figure = network_diagram(last, image_data(), example=2)
    trace = figure["data"][0]
    assert trace["columns"][1]["shows"] == "positions"
    shown = tiles_of(trace)[:8, ::-1].astype(float) / SCALE
    known = maps[2].astype(np.float16) / np.abs(maps[2].astype(np.float16)).max()
    assert trace["side"] == 6
    np.testing.assert_allclose(shown, known, atol=0.6 / SCALE)
    assert "map for test point 3" in trace["reading"][0]


def test_a_signals_channel_is_a_strip_along_its_steps(monkeypatch):
    monkeypatch.setattr("nnviz.figures.network.MAX_CELLS", 10**6)
    maps = np.random.default_rng(0).normal(size=(4, 8, 10))
    last = with_seen(seen("maps", ("example", "channel", "step"), maps))
    tiles = tiles_of(drawn(last, image_data()))[:8]
    assert (tiles == tiles[:, :1]).all()
    assert np.array_equal(np.argmax(tiles[:, 0], axis=1), np.argmax(maps[0], axis=1))


def test_kernels_stand_in_order_on_the_scale_of_their_layer():
    kernels = np.random.default_rng(1).normal(size=(8, 2, 3, 3))
    last = with_seen(seen("kernels", ("channel", "input channel", "row", "column"), kernels))
    trace = drawn(last, image_data())
    assert trace["columns"][1]["kernel"] == [2, 3, 3]
    shown = trace["kernels"].reshape(8, 2, 3, 3) / SCALE
    np.testing.assert_allclose(shown, kernels / np.abs(kernels).max(), atol=0.01)
    assert "beside it: its kernel" in trace["reading"]


def test_of_very_deep_kernels_only_the_first_slices_are_sent():
    kernels = np.ones((8, 64, 5, 5))
    last = with_seen(seen("kernels", ("channel", "input channel", "row", "column"), kernels))
    assert drawn(last, image_data())["columns"][1]["kernel"] == [MAX_KERNEL // 25, 5, 5]


def test_the_image_that_is_fed_in_is_drawn():
    data = image_data()
    trace = network_diagram(image_history(5)[-1], data, example=1)["data"][0]
    assert trace["columns"][0]["picture"] == [8, 8]
    low, high = data.test_x.min(), data.test_x.max()
    known = (data.test_x[1, 0] - low) / (high - low)
    np.testing.assert_allclose(trace["picture"].reshape(8, 8) / SCALE, known, atol=0.01)
    assert drawn(plane_history(5)[-1], plane_data())["picture"].size == 0
