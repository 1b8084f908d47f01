"""Data sets: points of the plane, curves, tables and images, and the list of all.

Shapes: N points, F features; images are (N, 1, height, width), signals (N, 1, length).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from nnviz.catalog.calls import Call
from nnviz.catalog.dataset_entry import Arrays, DatasetEntry, chosen
from nnviz.catalog.prose import PROSE
from nnviz.catalog.sequences import SEQUENCES
from nnviz.catalog.volumes import VOLUMES
from nnviz.randomness import kept_for_library
from nnviz.records import FloatArray

__all__ = ["DATASETS", "DatasetEntry"]


def _xor(n: int, noise: float, n_classes: int, rng: np.random.Generator) -> Arrays:
    quadrant_N = np.arange(n) % 4
    sign_N2 = np.stack([2 * (quadrant_N // 2) - 1, 2 * (quadrant_N % 2) - 1], axis=1)
    x = sign_N2 * rng.uniform(0.15, 1.0, (n, 2)) + noise * rng.standard_normal((n, 2))
    return x, (sign_N2[:, 0] * sign_N2[:, 1] > 0).astype(np.int64)


def _circles(n: int, noise: float, n_classes: int, rng: np.random.Generator) -> Arrays:
    y = np.arange(n) % 2
    angle_N = rng.uniform(0, 2 * math.pi, n)
    radius_N = np.where(y == 0, 1.0, 0.45)
    x = radius_N[:, None] * np.stack([np.cos(angle_N), np.sin(angle_N)], axis=1)
    return x + noise * rng.standard_normal((n, 2)), y


def _moons(n: int, noise: float, n_classes: int, rng: np.random.Generator) -> Arrays:
    y = np.arange(n) % 2
    angle_N = rng.uniform(0, math.pi, n)
    upper = np.stack([np.cos(angle_N), np.sin(angle_N)], axis=1)
    x = np.where((y == 0)[:, None], upper, np.array([1.0, 0.5]) - upper)
    return x + noise * rng.standard_normal((n, 2)), y


def _spirals(n: int, noise: float, n_classes: int, rng: np.random.Generator) -> Arrays:
    y = np.arange(n) % n_classes
    along_N = np.sqrt(rng.uniform(0.01, 1.0, n))
    angle_N = 1.75 * 2 * math.pi * along_N + y * 2 * math.pi / n_classes
    x = along_N[:, None] * np.stack([np.cos(angle_N), np.sin(angle_N)], axis=1)
    return x + 0.3 * noise * rng.standard_normal((n, 2)), y


def _gaussians(n: int, noise: float, n_classes: int, rng: np.random.Generator) -> Arrays:
    y = np.arange(n) % n_classes
    angle_N = 2 * math.pi * y / n_classes + math.pi / 4
    center = np.stack([np.cos(angle_N), np.sin(angle_N)], axis=1)
    return center + noise * rng.standard_normal((n, 2)), y


def _sine(x: FloatArray) -> FloatArray:
    return np.asarray(np.sin(math.pi * x))


def _cubic(x: FloatArray) -> FloatArray:
    return np.asarray(2 * x**3 - 1.2 * x + 0.2)


def _noisy(
    n: int,
    noise: float,
    n_classes: int,
    rng: np.random.Generator,
    truth: Callable[[FloatArray], FloatArray],
) -> Arrays:
    x = rng.uniform(-1, 1, (n, 1))
    return x, truth(x) + noise * rng.standard_normal((n, 1))


def _table(n: int, noise: float, n_classes: int, rng: np.random.Generator, loader: str) -> Arrays:
    bunch = _from_sklearn(loader)
    return chosen(bunch.data, bunch.target.astype(np.int64), n, rng)


def _digits(n: int, noise: float, n_classes: int, rng: np.random.Generator) -> Arrays:
    bunch = _from_sklearn("load_digits")
    return chosen(bunch.images[:, None] / 16.0, bunch.target.astype(np.int64), n, rng)


def _diabetes(n: int, noise: float, n_classes: int, rng: np.random.Generator) -> Arrays:
    bunch = _from_sklearn("load_diabetes")
    return chosen(bunch.data, bunch.target[:, None], n, rng)


@lru_cache
def _from_sklearn(loader: str) -> Any:
    from sklearn import datasets

    return getattr(datasets, loader)()


def _mnist1d(n: int, noise: float, n_classes: int, rng: np.random.Generator) -> Arrays:
    with kept_for_library():  # one thread makes the set, the others find it made
        arrays = _mnist1d_arrays()
    return chosen(*arrays, n, rng)


def _new_mnist1d(n: int, noise: float, n_classes: int, rng: np.random.Generator) -> Arrays:
    return chosen(*_make_mnist1d(), n, rng)


@lru_cache
def _mnist1d_arrays() -> Arrays:
    """MNIST-1D (Greydanus & Kobak 2020), 4000 + 1000 signals of 40 samples, made once and kept."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nnviz"
    file = home / "mnist1d-0.0.2.npz"
    if file.is_file():
        with np.load(file, allow_pickle=False) as arrays:
            return arrays["x"], arrays["y"]
    x, y = _make_mnist1d()
    try:
        home.mkdir(parents=True, exist_ok=True)
        unfinished = home / f"{os.getpid()}.npz"
        np.savez(unfinished, x=x, y=y)
        unfinished.replace(file)
    except OSError:
        pass  # a read-only home costs only the seconds of making the set again
    return x, y


def _make_mnist1d() -> Arrays:
    from mnist1d.data import get_dataset_args, make_dataset

    made = make_dataset(get_dataset_args())
    x = np.concatenate([made["x"], made["x_test"]])[:, None]
    return x, np.concatenate([made["y"], made["y_test"]]).astype(np.int64)


_DIGIT_NAMES = tuple("0123456789")
_WINE = (
    "alcohol", "malic acid", "ash", "alcalinity", "magnesium", "phenols", "flavanoids",
    "nonflavanoid phenols", "proanthocyanins", "colour", "hue", "OD280/OD315", "proline",
)  # fmt: skip
_CANCER = tuple(
    f"{statistic} {quantity}"
    for statistic in ("mean", "error of", "worst")
    for quantity in (
        "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
        "concave points", "symmetry", "fractal dimension",
    )
)  # fmt: skip

DATASETS: dict[str, DatasetEntry] = {
    entry.name: entry
    for entry in (
        DatasetEntry("xor", _xor, (2,), 2, "four quadrants, opposite ones alike", noise=0.05),
        DatasetEntry("circles", _circles, (2,), 2, "a ring around a ring", noise=0.08),
        DatasetEntry("moons", _moons, (2,), 2, "two interleaved half-circles", noise=0.12),
        DatasetEntry(
            "spirals", _spirals, (2,), 2, "interleaved spiral arms", noise=0.1, any_classes=True
        ),
        DatasetEntry(
            "gaussians", _gaussians, (2,), 2, "clouds on a circle", noise=0.35, any_classes=True
        ),
        DatasetEntry(
            "sinusoid", Call(_noisy, truth=_sine), (1,), 0, "sin(πx) with noise", noise=0.3,
            truth=_sine, feature_names=("x",),
        ),
        DatasetEntry(
            "polynomial", Call(_noisy, truth=_cubic), (1,), 0, "2x³ - 1.2x + 0.2 with noise",
            noise=0.2, truth=_cubic, feature_names=("x",),
        ),
        DatasetEntry(
            "digits", _digits, (1, 8, 8), 10, "handwritten digits, 8 by 8 pixels",
            size=1797, feature_names=(), class_names=_DIGIT_NAMES,
        ),
        DatasetEntry(
            "mnist1d", _mnist1d, (1, 40), 10, "digits as signals of 40 samples",
            size=5000, feature_names=(), class_names=_DIGIT_NAMES, in_scripts=_new_mnist1d,
        ),
        DatasetEntry(
            "wine", Call(_table, loader="load_wine"), (13,), 3, "chemistry of three cultivars",
            size=178, feature_names=_WINE,
            class_names=("cultivar 1", "cultivar 2", "cultivar 3"),
        ),
        DatasetEntry(
            "breast_cancer", Call(_table, loader="load_breast_cancer"), (30,), 2,
            "cell nuclei of tumours", size=569, feature_names=_CANCER,
            class_names=("malignant", "benign"),
        ),
        DatasetEntry(
            "iris", Call(_table, loader="load_iris"), (4,), 3,
            "petals and sepals of three species", size=150,
            feature_names=("sepal length", "sepal width", "petal length", "petal width"),
            class_names=("setosa", "versicolor", "virginica"),
        ),
        DatasetEntry(
            "diabetes", _diabetes, (10,), 0, "disease progression after a year",
            size=442, scale_target=True,
            feature_names=("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
        ),
        *SEQUENCES,
        *PROSE,
        *VOLUMES,
    )
}  # fmt: skip
