"""Small inputs for a gliding window: pictures, a signal, a volume, a photograph.

Shapes: (C, L), (C, H, W) or (C, D, H, W), in round numbers, so that sums can be followed by eye.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnviz.catalog.datasets import DATASETS
from nnviz.randomness import numpy_generator
from nnviz.records import FloatArray

InputName = Literal["digit", "photograph", "colour", "signal", "volume"]
PhotographName = Literal["temple", "flower"]
N_SAMPLES = 10
PHOTOGRAPHS: dict[str, str] = {"temple": "china.jpg", "flower": "flower.jpg"}
CROP, CROP_PARTS = 16, 5
CROPS: tuple[tuple[PhotographName, int, int], ...] = (
    ("temple", 24, 12),
    ("flower", 20, 76),
    ("temple", 12, 44),
    ("flower", 16, 36),
    ("temple", 32, 108),
    ("flower", 12, 52),
    ("temple", 12, 28),
    ("flower", 36, 80),
    ("temple", 48, 104),
    ("flower", 52, 76),
)
"""Photograph, top and left of each crop, in pixels of a fifth of the size."""


def sample(name: InputName, number: int) -> FloatArray:
    """One input of each kind: pixels 0 … 16 or 0 … 255, samples to .01, shares of a voxel to .1."""
    match name:
        case "digit":
            return _digit(number)
        case "signal":
            return np.round(_drawn("mnist1d", number), 2)
        case "volume":
            return np.round(_drawn("volumes", number), 1)
        case "photograph":
            grey: FloatArray = np.round(_crop(number).mean(axis=0, keepdims=True))
            return grey
        case "colour":
            return _crop(number)


@lru_cache(maxsize=16)
def photograph(name: PhotographName, parts: int = 2) -> FloatArray:
    """One of scikit-learn's two photographs, (3, H, W), 0 … 255, made smaller by an average."""
    from sklearn.datasets import load_sample_image

    image: NDArray[np.uint8] = load_sample_image(PHOTOGRAPHS[name])
    high, wide = (size // parts for size in image.shape[:2])
    blocks = image[: high * parts, : wide * parts].reshape(high, parts, wide, parts, 3)
    small: FloatArray = np.round(blocks.mean(axis=(1, 3))).transpose(2, 0, 1)
    return small


def _crop(number: int) -> FloatArray:
    name, top, left = CROPS[number]
    return photograph(name, CROP_PARTS)[:, top : top + CROP, left : left + CROP]


def _digit(number: int) -> FloatArray:
    """The first of scikit-learn's digits with this name."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    image: FloatArray = digits.images[digits.target == number][:1]
    return image


@lru_cache(maxsize=2)
def _some(name: str) -> tuple[FloatArray, NDArray[np.int64]]:
    entry = DATASETS[name]
    return entry.draw(entry.size or 30, 0.0, entry.n_classes, numpy_generator(0))


def _drawn(name: str, number: int) -> FloatArray:
    """The first sample of class `number`; of fewer classes, the next ones of each."""
    x, y = _some(name)
    n_classes = DATASETS[name].n_classes
    found = np.flatnonzero(y == number % n_classes)[number // n_classes]
    return np.asarray(x[found], dtype=np.float64)
