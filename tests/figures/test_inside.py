"""What is drawn of the inside of layers are the recorded numbers, each at its place."""

from __future__ import annotations

import numpy as np

from nnviz import figures
from nnviz.records import DataRecord, SeenRecord

from .conftest import image_data, image_history


def known(figure, trace: int = 0) -> np.ndarray:
    values = figure["data"][trace]["z"]
    return values[np.isfinite(values)]


def record(name: str, layer: int = 0) -> SeenRecord:
    return next(seen for seen in image_history(2)[-1].layers[layer].seen if seen.name == name)


def test_every_weight_of_every_kernel_is_drawn_once():
    drawn = known(figures.kernels(image_history(2)[-1], 0))
    assert sorted(drawn) == sorted(record("kernels").values.astype(np.float32).ravel())


def test_the_maps_are_those_of_the_chosen_test_point_beside_its_input():
    data = image_data()
    figure = figures.feature_maps(image_history(2)[-1], data, 0, 2)
    assert sorted(known(figure)) == sorted(record("maps").values[2].astype(np.float32).ravel())
    np.testing.assert_array_equal(figure["data"][1]["z"], data.test_x[2, 0].astype(np.float32))


def test_state_and_gates_stand_in_torch_s_order_from_top_to_bottom():
    figure = figures.states(image_history(2)[-1], 0, 1)
    names = figure["layout"]["yaxis"]["ticktext"]
    assert list(names) == ["state", "reset gate", "update gate", "candidate"]
    rows = figure["data"][0]["z"][:5]
    np.testing.assert_array_equal(rows, record("state").values[1].astype(np.float32))


def test_each_cell_of_an_attention_map_says_who_looks_at_whom():
    tokens = np.array([[[3, 1, 2, 0, 1, 2]]] * 4, float)
    data = DataRecord(
        "reversal", "classification", tokens, tokens[:, 0], tokens, tokens[:, 0], (), tuple("abcd"),
        token_names=tuple("abcd"),
    )  # fmt: skip
    trace = figures.attention(image_history(2)[-1], data, 0, 1)["data"][0]
    assert np.shape(trace["customdata"]) == trace["z"].shape
    assert trace["customdata"][0][1] == "1 “d” looks at 2 “b”"
    attention = record("attention").values[1].astype(np.float32)
    np.testing.assert_array_equal(trace["z"][:6, :6], attention[0, 0])
    np.testing.assert_array_equal(trace["z"][7:13, 14:20], attention[1, 2])


def test_what_a_network_does_not_have_is_said_in_words():
    last = image_history(2)[-1]
    bare = type(last)(**{**last.__dict__, "layers": last.layers[1:]})
    for figure in (figures.kernels(bare, 0), figures.step_gradients([bare], [""])):
        assert not figure["data"]
        assert "measured" in figure["layout"]["annotations"][0]["text"]
