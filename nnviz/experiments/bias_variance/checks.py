"""What a decomposition refuses, in the reader's words.

Shapes: R replicates, N test points, C classes; `axes` spells a shape as "RN" or "RNC".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnviz.records import FloatArray, IntArray

AXIS_NAMES = {
    "R": "replicates",
    "N": "points",
    "C": "classes",
    "D": "data sets",
    "I": "initializations",
}


def _shaped(values: ArrayLike, name: str, axes: str) -> NDArray[np.generic]:
    array = np.asarray(values)
    wanted = ", ".join(AXIS_NAMES[axis] for axis in axes)
    if array.ndim != len(axes):
        raise ValueError(f"{name} must have shape ({wanted}); got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty; got shape {array.shape}")
    return array


def real_array(values: ArrayLike, name: str, axes: str) -> FloatArray:
    """The values as float64 of the asked shape; refuses other dtypes and non-finite numbers."""
    array = _shaped(values, name, axes)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers; got dtype {array.dtype}")
    finite = np.isfinite(array)
    if not finite.all():
        first = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ValueError(
            f"{name} must be finite; got {np.count_nonzero(~finite)} non-finite values, "
            f"the first at {first} is {array[first]}"
        )
    return array.astype(np.float64)


def class_array(values: ArrayLike, name: str, axes: str, n_classes: int) -> IntArray:
    """The values as class indices 0 … n_classes - 1 of the asked shape."""
    array = _shaped(values, name, axes)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold class indices (integers); got dtype {array.dtype}")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= n_classes:
        outside = low if low < 0 else high
        raise ValueError(f"{name} must be between 0 and {n_classes - 1}; got {outside}")
    return array.astype(np.int64)


def require_at_least(n: int, least: int, name: str, axis: str) -> None:
    """Refuse an axis too short for an estimate of variance."""
    if n < least:
        raise ValueError(f"{name} needs at least {least} {AXIS_NAMES[axis]}; got {n}")


def require_same_points(n_points: int, n_given: int, name: str) -> None:
    """Refuse a truth or labels array that does not match the test points."""
    if n_given != n_points:
        raise ValueError(f"{name} must have one entry for each of {n_points} points; got {n_given}")


def whole_number(value: int, name: str, least: int, most: int | None = None) -> int:
    """A count within its bounds."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an integer; got {value!r}")
    if value < least or (most is not None and value > most):
        bounds = f"at least {least}" if most is None else f"between {least} and {most}"
        raise ValueError(f"{name} must be {bounds}; got {value}")
    return int(value)


def noise_level(value: float) -> float:
    """A known noise variance, finite and not negative."""
    if not np.isfinite(value) or value < 0:
        raise ValueError(f"noise_variance must be finite and at least 0; got {value}")
    return float(value)
