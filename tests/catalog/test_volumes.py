"""Balls, cubes and tori: told apart by their form and not by how much of them there is."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from nnviz import DataSpec
from nnviz.catalog.volumes import _outside, _solid
from nnviz.data import load

STEP = 0.1
GRID = np.stack(np.meshgrid(*[np.arange(-6 + STEP / 2, 6, STEP)] * 3, indexing="ij"))


@pytest.mark.parametrize("kind", [0, 1, 2])
@pytest.mark.parametrize("volume", [40.0, 100.0])
def test_a_solid_has_the_volume_that_was_asked_for(kind, volume):
    inside = (_outside(kind, volume, GRID) < 0).sum() * STEP**3
    # a cube's sides are counted in whole steps, each to one step at most
    assert inside == pytest.approx(volume, rel=3 * STEP / volume ** (1 / 3))


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_no_solid_is_cut_off_by_the_border(kind):
    rng = np.random.default_rng(0)
    direction = rng.standard_normal((3, 10_000))
    farthest = 4.5 * direction / np.linalg.norm(direction, axis=0)  # and 1.5 voxels of shift
    assert (_outside(kind, 100, farthest) >= 0).all()
    voxels = _solid(kind, rng)
    assert voxels.shape == (12, 12, 12)
    assert (voxels.min(), voxels.max()) == (0, 1)


def radial(x):
    """Share of the mass in shells around its centre, (N, shells): a ball's, a cube's, a torus's."""
    at = np.stack(np.meshgrid(*[np.arange(12.0)] * 3, indexing="ij"))
    mass = np.clip(x[:, 0], 0, None) ** 2  # squares, so that noise weighs little
    total = mass.sum(axis=(1, 2, 3))
    center = (mass[:, None] * at).sum(axis=(2, 3, 4)) / total[:, None]
    far = np.sqrt(((at - center[:, :, None, None, None]) ** 2).sum(axis=1))
    far = far / (total ** (1 / 3))[:, None, None, None]
    edges = np.linspace(0, 1.4, 12)
    shells = [mass * ((far >= a) & (far < b)) for a, b in pairwise(edges)]
    return np.stack([shell.sum(axis=(1, 2, 3)) for shell in shells], axis=1) / total[:, None]


def test_their_form_says_what_they_are_and_their_sum_does_not():
    data = load(DataSpec(name="volumes", n_samples=900, scaling="none"))
    train, test = data.train_x.numpy(), data.test_x.numpy()
    forest = RandomForestClassifier(200, random_state=0).fit(radial(train), data.train_y)
    assert (forest.predict(radial(test)) == data.test_y.numpy()).mean() > 0.8
    sums = (part.sum(axis=(1, 2, 3, 4))[:, None] for part in (train, test))
    tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(next(sums), data.train_y)
    right = (tree.predict(next(sums)) == data.test_y.numpy()).mean()
    assert abs(right - 1 / 3) < 3 * (2 / 9 / len(data.test_y)) ** 0.5


def test_classes_are_even_and_the_noise_is_what_was_asked_for():
    clean = load(DataSpec(name="volumes", noise=0.0, scaling="none"))
    noisy = load(DataSpec(name="volumes", noise=0.3, scaling="none"))
    assert torch.bincount(torch.cat([clean.train_y, clean.test_y])).tolist() == [134, 133, 133]
    added = noisy.train_x - clean.train_x
    n = added.numel()
    assert float(added.mean()) == pytest.approx(0, abs=4 * 0.3 / n**0.5)
    assert float(added.std()) == pytest.approx(0.3, rel=4 / (2 * n) ** 0.5)


def test_no_more_volumes_than_memory_is_kind_to():
    with pytest.raises(ValueError, match="at most 2000 for volumes; got 2001"):
        DataSpec(name="volumes", n_samples=2001)
