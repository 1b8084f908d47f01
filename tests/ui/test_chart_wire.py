"""Figures become bytes and come back unharmed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnviz.ui.chart_wire import encode, pack

from .decoder import unpack


def sent(value: Any) -> Any:
    return unpack(pack({"value": encode(value)}))["value"]


@pytest.mark.parametrize(
    ("given_dtype", "sent_dtype"),
    [
        ("float64", "float32"),
        ("float32", "float32"),
        ("float16", "float32"),
        (">f8", "float32"),
        ("int64", "int32"),
        ("int8", "int32"),
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
