"""Figures become bytes and come back unharmed, whole or as what has changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnviz.feed.wire import WirePanel, change, encode, encode_figure, pack, panel_change
from tests.feed.screen import Screen, changed, plain, unpack


def sent(value: Any) -> Any:
    return unpack(pack({"value": encode(value)}))["value"]


@pytest.mark.parametrize(
    ("given_dtype", "sent_dtype"),
    [
        ("float64", "float32"),
        ("float32", "float32"),
        ("float16", "float16"),
        (">f8", "float32"),
        ("int64", "int32"),
        ("int8", "int8"),
        ("uint8", "uint8"),
        ("bool", "uint8"),
    ],
)
@pytest.mark.parametrize("shape", [(0,), (1,), (7,), (3, 5), (2, 0)])
def test_arrays_arrive_with_their_values_and_shape(
    given_dtype: str, sent_dtype: str, shape: tuple[int, ...]
) -> None:
    array = np.arange(np.prod(shape)).reshape(shape).astype(given_dtype)
    received = sent(array)
    assert received.dtype == sent_dtype
    np.testing.assert_array_equal(received, array)


@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=1, max_dims=2, max_side=9)))
def test_any_float32_array_survives_bit_for_bit(array: np.ndarray) -> None:
    assert sent(array).tobytes() == array.tobytes()


@given(st.lists(st.lists(st.integers(0, 255), max_size=40).map(np.uint8), max_size=6))
def test_several_arrays_do_not_overlap(arrays: list[np.ndarray]) -> None:
    for received, array in zip(sent(arrays), arrays, strict=True):
        np.testing.assert_array_equal(received, array)


def test_transposed_and_strided_arrays_arrive_in_reading_order() -> None:
    array = np.arange(24.0).reshape(4, 6)
    np.testing.assert_array_equal(sent(array.T), array.T)
    np.testing.assert_array_equal(sent(array[::2, ::-3]), array[::2, ::-3])


def test_integers_beyond_int32_stay_exact() -> None:
    array = np.array([2**40, -(2**33)])
    np.testing.assert_array_equal(sent(array), array)


def test_values_too_large_for_float32_arrive_as_infinite_without_a_warning() -> None:
    assert np.isinf(sent(np.array([1e300]))).all()


def test_numbers_that_are_not_finite_become_null_in_json() -> None:
    assert sent([float("nan"), 1.5, float("inf"), np.float64("nan"), np.int64(3)]) == [
        None,
        1.5,
        None,
        None,
        3,
    ]


def test_words_and_nested_values_are_kept() -> None:
    value = {"colorscale": [[0, "var(--nnviz-train)"], [1.0, "red"]], "names": np.array(["a", "b"])}
    assert sent(value) == {**value, "names": ["a", "b"]}


def test_a_long_list_of_numbers_travels_as_an_array() -> None:
    assert isinstance(sent(list(range(100))), np.ndarray)
    assert isinstance(sent([*range(100), None]), list)


def test_a_value_that_json_cannot_say_is_refused_by_type() -> None:
    with pytest.raises(TypeError, match="got <class 'object'>"):
        encode(object())


def test_equal_arrays_travel_once() -> None:
    steps = np.arange(1000.0)
    assert len(pack({"x": encode([steps, steps.copy()])})) < 2 * 4 * 1000


def test_go_figures_and_plain_figures_are_encoded_alike_and_without_a_template() -> None:
    plain_figure = {"data": [{"type": "scatter", "y": np.zeros(40)}], "layout": {"title": "loss"}}
    figure = go.Figure({**plain_figure, "layout": {"title": {"text": "loss"}}})
    assert encode_figure(figure)[0] == encode_figure(plain_figure)[0]
    assert "template" not in encode_figure(go.Figure())[1]


arrays = hnp.arrays(np.float32, hnp.array_shapes(min_dims=1, max_dims=2, max_side=6))
leaves = st.none() | st.integers(-9, 9) | st.text(max_size=3) | arrays
values = st.recursive(leaves, lambda inner: st.dictionaries(st.sampled_from("abc"), inner))
objects = st.dictionaries(st.sampled_from("abcdef"), values)


def without_nulls(value: Any) -> Any:
    """A missing entry and null are the same to plotly.js, and to a change."""
    if not isinstance(value, dict):
        return value
    return {key: without_nulls(item) for key, item in value.items() if item is not None}


@given(objects, objects)
def test_a_change_makes_the_new_object_of_the_old(old: Any, new: Any) -> None:
    before, after = without_nulls(encode(old)), without_nulls(encode(new))
    received = unpack(pack({"old": before, "new": after, "change": change(before, after)}))
    assert plain(changed(received["old"], received["change"])) == plain(received["new"])


@given(arrays, st.integers(0, 5))
def test_rows_that_have_grown_send_only_their_ends(array: np.ndarray, n_more: int) -> None:
    more = np.ones((*array.shape[:-1], n_more), np.float32)
    grown = np.concatenate([array, more], axis=-1)
    found = change({"y": encode(array)}, {"y": encode(grown)})
    assert found == ({"y": {"$append": encode(more)}} if n_more else {})


def test_an_array_that_differs_in_the_middle_is_sent_whole() -> None:
    old, new = np.arange(5.0), np.arange(6.0)
    new[2] = 9
    found = change({"y": encode(old)}, {"y": encode(new)})
    assert found == {"y": encode(new)}


def panel(name: str, y: Any, **layout: Any) -> WirePanel:
    figure = {"data": [{"type": "scatter", "y": np.asarray(y, float)}], "layout": layout}
    return WirePanel(name, *reversed(encode_figure(figure)))


def test_of_a_panel_that_stays_the_same_nothing_is_sent() -> None:
    assert panel_change(panel("a", [1, 2]), panel("a", [1, 2])) is None


@pytest.mark.parametrize(
    "after",
    [
        WirePanel("a", {}, []),
        WirePanel("a", {}, [{"type": "bar", "y": [1]}]),
        panel("a", [5]),
        panel("a", [1, 2, 3], title="new"),
    ],
)
def test_other_data_and_other_traces_arrive(after: WirePanel) -> None:
    screen, before = Screen(), panel("a", [1, 2])
    for old, new in ((None, before), (before, after)):
        sent = [panel_change(old, new)]
        screen.merge(pack({"facts": {}, "heads": [{"id": "a"}], "panels": sent}))
    assert plain(screen.panels["a"]) == plain(unpack(pack(after.whole)))
