"""Data as a network gets it: drawn, split, scaled on the training part, as tensors.

Scaling is fitted on the training points: per feature for tables and planes, with one mean and
one deviation for images, signals and volumes; tokens and marks stay as they are. Label noise
touches training labels only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, assert_never

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nnviz.randomness import numpy_generator
from nnviz.records import BoolArray, DataRecord, FloatArray, has_classes
from nnviz.seeds import derived_seed
from nnviz.spec import DataSpec
from nnviz.spec.data import ScalingName

GRID_MARGIN = 0.15


@dataclass(frozen=True)
class Dataset:
    """Training and test tensors: inputs float32 (N, …), targets float32 (N, 1) or int64 classes.

    Classes are (N,), or (N, T) where each place of a row has one.
    """

    train_x: Tensor
    train_y: Tensor
    test_x: Tensor
    test_y: Tensor
    record: DataRecord

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return tuple(self.train_x.shape[1:])


@dataclass(frozen=True)
class Scaling:
    """Subtract `shift`, divide by `factor`; arrays that broadcast over the points."""

    shift: FloatArray
    factor: FloatArray

    def __call__(self, values: FloatArray) -> FloatArray:
        return np.asarray((values - self.shift) / self.factor)


@lru_cache(maxsize=16)
def load(spec: DataSpec) -> Dataset:
    """The data set of a spec; the same spec gives the same numbers."""
    x, y = spec.drawn(generator_for(spec, "draw"))
    order_N = spec.split_order(generator_for(spec, "split"))
    train_N, test_N = order_N[spec.n_test :], order_N[: spec.n_test]
    scale_x = fitted_scaling(spec.input_scaling, x[train_N])
    scale_y = fitted_scaling(spec.scaling if spec.entry.scale_target else "none", y[train_N])
    classes = has_classes(spec.entry.task)
    train_y, test_y = (
        y[i] if classes else scale_y(np.asarray(y[i], float)) for i in (train_N, test_N)
    )
    train_y, flipped_N = with_label_noise(spec, train_y)
    record = _record(
        spec, scale_x, scale_x(x[train_N]), train_y, scale_x(x[test_N]), test_y, flipped_N
    )
    target = torch.int64 if classes else torch.float32
    return Dataset(
        torch.as_tensor(record.train_x, dtype=torch.float32),
        torch.as_tensor(record.train_y, dtype=target),
        torch.as_tensor(record.test_x, dtype=torch.float32),
        torch.as_tensor(record.test_y, dtype=target),
        record,
    )


def input_grid(record: DataRecord, n_points: int) -> tuple[FloatArray, ...] | None:
    """Evenly spaced coordinates along each input, a margin beyond the data; None above two."""
    if record.train_x.ndim != 2 or record.train_x.shape[1] > 2:
        return None
    points = np.concatenate([record.train_x, record.test_x])
    low, high = points.min(axis=0), points.max(axis=0)
    margin = GRID_MARGIN * (high - low)
    return tuple(
        np.linspace(a, b, n_points, dtype=np.float32)
        for a, b in zip(low - margin, high + margin, strict=True)
    )


def generator_for(spec: DataSpec, purpose: str) -> np.random.Generator:
    """The random numbers of one purpose: "draw", "split" or "label noise"."""
    return numpy_generator(derived_seed(spec.name, spec.seed, purpose))


def fitted_scaling(scaling: ScalingName, train: FloatArray) -> Scaling:
    """The scaling of these training values, (N, …); a constant feature is only shifted."""
    axes: tuple[int, ...] | None = (0,) if train.ndim == 2 else None
    match scaling:
        case "none":
            return Scaling(np.zeros(()), np.ones(()))
        case "standard":
            shift, factor = train.mean(axis=axes), train.std(axis=axes)
        case "minmax":
            low, high = train.min(axis=axes), train.max(axis=axes)
            shift, factor = (low + high) / 2, (high - low) / 2
        case _:
            assert_never(scaling)
    return Scaling(np.asarray(shift), np.where(factor > 0, factor, 1.0))


def with_label_noise(
    spec: DataSpec, train_y: NDArray[Any]
) -> tuple[NDArray[Any], BoolArray | None]:
    """Targets with the spec's share of labels replaced by another class, and which were."""
    if not spec.label_noise:
        return train_y, None
    rng = generator_for(spec, "label noise")
    flipped_N = np.zeros(len(train_y), dtype=bool)
    flipped_N[rng.permutation(len(train_y))[: round(spec.label_noise * len(train_y))]] = True
    other_N = rng.integers(1, spec.classes, len(train_y))
    return np.where(flipped_N, (train_y + other_N) % spec.classes, train_y), flipped_N


def _record(
    spec: DataSpec,
    scale_x: Scaling,
    train_x: FloatArray,
    train_y: NDArray[Any],
    test_x: FloatArray,
    test_y: NDArray[Any],
    flipped_N: BoolArray | None,
) -> DataRecord:
    entry, truth_x_G, truth_y_G = spec.entry, None, None
    if entry.truth is not None:
        raw_G = np.linspace(-1, 1, 200)
        truth_x_G, truth_y_G = scale_x(raw_G[:, None])[:, 0], entry.truth(raw_G)
    shape = entry.input_shape
    return DataRecord(
        name=spec.name,
        task=entry.task,
        train_x=train_x,
        train_y=train_y,
        test_x=test_x,
        test_y=test_y,
        feature_names=entry.feature_names,
        class_names=entry.class_names or tuple(f"class {c}" for c in range(spec.classes)),
        image_shape=(shape[1], shape[2]) if len(shape) == 3 else None,
        truth_x_G=truth_x_G,
        truth_y_G=truth_y_G,
        flipped_N=flipped_N,
        token_names=entry.token_names,
        follows_exactly=entry.follows_exactly,
    )
