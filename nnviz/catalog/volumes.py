"""Solids in three dimensions, of one distribution of sizes.

Shapes: 12 × 12 × 12 voxels, each the share of it that the solid fills, about.
"""

from __future__ import annotations

import math

import numpy as np

from nnviz.catalog.dataset_entry import Arrays, DatasetEntry
from nnviz.records import FloatArray

_SIDE = 12
_TUBE = 2.2
"""Radius of a torus from its centre to the middle of its tube, over the tube's own."""


def _outside(kind: int, volume: float, at: FloatArray) -> FloatArray:
    """Distance of each place from the surface of a solid around 0, negative within it."""
    if kind == 0:
        radius = (3 * volume / (4 * math.pi)) ** (1 / 3)
        return np.asarray(np.sqrt((at**2).sum(axis=0)) - radius)
    if kind == 1:
        return np.asarray(np.abs(at).max(axis=0) - volume ** (1 / 3) / 2)
    tube = (volume / (2 * math.pi**2 * _TUBE)) ** (1 / 3)
    from_ring = np.hypot(at[0], at[1]) - _TUBE * tube
    return np.asarray(np.hypot(from_ring, at[2]) - tube)


def _solid(kind: int, rng: np.random.Generator) -> FloatArray:
    """A ball, a cube or a torus, shifted by up to 1.5 voxels, turned about one of the axes."""
    volume, angle = rng.uniform(40, 100), rng.integers(0, 6) * math.pi / 12
    axis = np.arange(_SIDE) - (_SIDE - 1) / 2
    at = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"))
    at = at[rng.permutation(3)] - rng.uniform(-1.5, 1.5, (3, 1, 1, 1))
    turned = math.cos(angle) * at[1] - math.sin(angle) * at[2]
    at[2] = math.sin(angle) * at[1] + math.cos(angle) * at[2]
    at[1] = turned
    return np.asarray(np.clip(0.5 - _outside(kind, volume, at), 0, 1))


def _volumes(n: int, noise: float, n_classes: int, rng: np.random.Generator) -> Arrays:
    y = np.arange(n) % n_classes
    x = np.stack([_solid(kind, rng) for kind in y.tolist()])[:, None]
    return x + noise * rng.standard_normal(x.shape), y


VOLUMES = (
    DatasetEntry(
        "volumes", _volumes, (1, _SIDE, _SIDE, _SIDE), 3,
        "balls, cubes and tori of the same sizes, 12 by 12 by 12 voxels",
        noise=0.1, feature_names=(), class_names=("ball", "cube", "torus"), most=2000,
    ),
)  # fmt: skip
