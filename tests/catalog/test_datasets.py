"""Every data set: shapes, sizes and classes as the catalog says, drawn from the seed alone."""

import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from sklearn import datasets as sklearn_datasets

from nnviz import DataSpec
from nnviz.catalog import datasets
from nnviz.catalog.datasets import DATASETS
from nnviz.data import load

ALL = pytest.mark.parametrize("name", sorted(DATASETS))
SIZES = {
    "digits": 1797, "mnist1d": 5000, "wine": 178, "breast_cancer": 569, "iris": 150,
    "diabetes": 442, "characters": 4099,
}  # fmt: skip
USUAL = {"adding": 2000, "reversal": 1000, "sorting": 1000, "brackets": 1000}
DOCUMENTED = (
    "xor circles moons spirals gaussians sinusoid polynomial digits mnist1d wine breast_cancer"
    " iris diabetes adding reversal sorting brackets characters volumes"
)


def test_all_documented_sets_are_there():
    assert set(DATASETS) == set(DOCUMENTED.split())


@ALL
def test_shapes_sizes_and_classes_are_the_catalogs(name):
    entry, spec = DATASETS[name], DataSpec(name=name)
    data = load(spec)
    n_test = round(0.25 * spec.size)
    assert spec.size == SIZES.get(name, USUAL.get(name, 400))
    assert data.train_x.shape == (spec.size - n_test, *entry.input_shape)
    assert data.test_x.shape == (n_test, *entry.input_shape)
    assert data.train_x.dtype == data.test_x.dtype == torch.float32
    if entry.n_classes:
        assert data.train_y.dtype == torch.int64
        assert data.train_y.shape[1:] == (entry.input_shape[1:] if entry.per_position else ())
        assert sorted(set(data.train_y.flatten().tolist())) == list(range(entry.n_classes))
        assert len(data.record.class_names) == entry.n_classes
    else:
        assert data.train_y.shape == (spec.size - n_test, 1)
    if len(entry.input_shape) == 1:
        assert len(entry.feature_names) == entry.input_shape[0]
    if entry.length is not None:
        assert entry.input_shape[1:] == (entry.length,)
    assert data.record.image_shape == (entry.input_shape[1:] if name == "digits" else None)


@ALL
def test_the_same_spec_gives_the_same_numbers_and_another_seed_others(name):
    spec = DataSpec(name=name)
    first = load(spec)
    load.cache_clear()
    again, other = load(spec), load(DataSpec(name=name, seed=1))
    for part in ("train_x", "train_y", "test_x", "test_y"):
        assert torch.equal(getattr(first, part), getattr(again, part))
    assert not torch.equal(first.train_x, other.train_x)


@pytest.mark.parametrize("name", sorted(SIZES.keys() - {"mnist1d", "characters"}))
def test_real_data_is_the_packages_every_point_once(name):
    data = load(DataSpec(name=name, scaling="none"))
    bunch = getattr(sklearn_datasets, f"load_{name}")()
    factor = 16 if name == "digits" else 1
    x = torch.cat([data.train_x, data.test_x]).flatten(1).numpy() * factor
    y = torch.cat([data.train_y, data.test_y]).flatten().tolist()
    ours = sorted((row.tobytes(), float(target)) for row, target in zip(x, y, strict=True))
    rows = bunch.data.astype(np.float32)
    theirs = ((row.tobytes(), float(t)) for row, t in zip(rows, bunch.target, strict=True))
    assert ours == sorted(theirs)


def test_mnist1d_is_made_once_for_all_readers_and_the_global_generators_stay(monkeypatch, tmp_path):
    made, make = [], datasets._make_mnist1d

    def counted():
        made.append(True)
        return make()

    def draw(_=None):
        return DATASETS["mnist1d"].draw(5000, 0.0, 10, np.random.default_rng(0))

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(datasets, "_make_mnist1d", counted)
    datasets._mnist1d_arrays.cache_clear()
    numpy_before, python_before = np.random.get_state(), random.getstate()  # noqa: NPY002
    with ThreadPoolExecutor(4) as readers:
        (x, y), *others = readers.map(draw, range(4))
    numpy_after, python_after = np.random.get_state(), random.getstate()  # noqa: NPY002
    assert python_before == python_after
    assert numpy_before[0] == numpy_after[0]
    assert np.array_equal(numpy_before[1], numpy_after[1])
    assert numpy_before[2:] == numpy_after[2:]
    assert x.shape == (5000, 1, 40)
    assert np.array_equal(np.bincount(y), [500] * 10)
    datasets._mnist1d_arrays.cache_clear()
    for other_x, other_y in (*others, draw()):  # the last one from the file
        assert np.array_equal(x, other_x)
        assert np.array_equal(y, other_y)
    assert len(made) == 1
    datasets._mnist1d_arrays.cache_clear()


@pytest.mark.parametrize("name", ["sinusoid", "polynomial"])
def test_targets_of_a_known_truth_scatter_around_it_by_the_noise(name):
    spec = DataSpec(name=name, n_samples=10_000, noise=0.25, scaling="none", test_fraction=0.05)
    data = load(spec)
    truth = DATASETS[name].truth(data.train_x.double().numpy())
    residual = data.train_y.double().numpy() - truth
    n = len(residual)
    assert abs(residual.mean()) < 4 * 0.25 / n**0.5
    assert residual.std() == pytest.approx(0.25, rel=4 / (2 * n) ** 0.5)


def test_without_noise_xor_is_the_sign_of_the_product():
    data = load(DataSpec(name="xor", noise=0.0, scaling="none"))
    assert torch.equal(data.train_y, (data.train_x.prod(dim=1) > 0).long())


@pytest.mark.parametrize("name", [n for n, e in DATASETS.items() if e.any_classes])
@pytest.mark.parametrize("n_classes", [2, 3, 7, 10])
def test_the_number_of_classes_can_be_chosen(name, n_classes):
    spec = DataSpec(name=name, n_samples=700, n_classes=n_classes)
    data = load(spec)
    counts = torch.bincount(torch.cat([data.train_y, data.test_y]))
    assert spec.n_outputs == len(counts) == n_classes
    assert int(counts.max() - counts.min()) <= 1
