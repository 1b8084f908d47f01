"""The summary of a data set is what scikit-learn and plain counting say."""

import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from nnviz.data import load
from nnviz.recorders.data_summary import data_summary
from nnviz.spec import DataSpec


@pytest.mark.parametrize("name", ["moons", "wine", "iris", "breast_cancer"])
def test_neighbours_of_classes_are_those_of_scikit_learn(name):
    record = load(DataSpec(name=name)).record
    found, five = data_summary(record), KNeighborsClassifier(5)
    alone = cross_val_predict(five, record.train_x, record.train_y, cv=LeaveOneOut())
    test = five.fit(record.train_x, record.train_y).score(record.test_x, record.test_y)
    assert found.neighbour_train == pytest.approx((alone == record.train_y).mean(), abs=0.02)
    assert found.neighbour_test == pytest.approx(test, abs=0.02)  # ties are broken otherwise


def test_neighbours_of_values_are_those_of_scikit_learn():
    record = load(DataSpec(name="diabetes")).record
    model = KNeighborsRegressor(5).fit(record.train_x, record.train_y)
    expected = model.score(record.test_x, record.test_y)
    assert data_summary(record).neighbour_test == pytest.approx(expected)


def test_scaling_changes_the_scales_and_not_the_neighbours():
    raw, scaled = (
        data_summary(load(DataSpec(name="wine", scaling=scaling)).record)
        for scaling in ("none", "standard")
    )
    assert raw.neighbour_test == scaled.neighbour_test
    assert raw.widest[0] == "proline"
    assert raw.widest[1] / raw.narrowest[1] > 1000
    assert scaled.widest[1] == pytest.approx(scaled.narrowest[1])


def test_counts_and_constants_are_those_of_the_labels():
    record = load(DataSpec(name="iris", label_noise=0.1)).record
    found, counts = data_summary(record), np.bincount(record.train_y, minlength=3)
    assert found.n_per_class == tuple(counts)
    assert found.constant_train == pytest.approx(counts.max() / counts.sum())
    assert found.constant_test == pytest.approx((record.test_y == counts.argmax()).mean())
    assert found.replaced_labels == pytest.approx(record.flipped_N.mean())


def test_a_constant_explains_no_variance_of_values():
    record = load(DataSpec(name="sinusoid")).record
    found = data_summary(record)
    assert found.constant_train == pytest.approx(0, abs=1e-9)
    assert found.target_std == pytest.approx(record.train_y.std())
    assert {found.widest[0], found.narrowest[0]} == {"x", "the target"}


@pytest.mark.parametrize("name", ["sorting", "characters"])
def test_neighbours_of_rows_share_most_tokens(name):
    record = load(DataSpec(name=name, n_samples=400)).record
    five = KNeighborsClassifier(5).fit(one_hot(record.train_x), record.train_y)
    right = (five.predict(one_hot(record.test_x)) == record.test_y).mean()
    found = data_summary(record)
    assert found.neighbour_test == pytest.approx(right, abs=0.03)  # ties are broken otherwise
    assert sum(found.n_per_class) == record.train_y.size
    assert found.constant_train == pytest.approx(max(found.n_per_class) / record.train_y.size)
    assert found.widest is None


def one_hot(tokens):
    return np.eye(30)[tokens.astype(int)].reshape(len(tokens), -1)


def test_images_have_no_scale_of_a_feature():
    found = data_summary(load(DataSpec(name="digits", n_samples=200)).record)
    assert found.widest is found.narrowest is None
