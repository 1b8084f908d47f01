"""What normalization is said to do, measured: rates, small batches, sigmoid layers, the shift."""

import numpy as np
import pytest

from nnviz.experiments.normalization.shifting import LANES, train_shifting
from nnviz.experiments.normalization.trials import Trial, try_out

SEEDS = (0, 1, 2)


def accuracies(network, kind, rate, batch_size, n_steps, groups=2):
    trials = [Trial(network, kind, rate, batch_size, n_steps, seed, groups) for seed in SEEDS]
    return np.array([try_out(trial).test_accuracy for trial in trials])


def test_fact_12_batch_normalization_trains_at_a_tenfold_rate():
    """The page's grid: all seeds train at 0.2 without it and none at 1; with it all at 2."""
    assert accuracies("rates", "none", 0.2, 32, 150).min() > 0.5
    assert accuracies("rates", "none", 1.0, 32, 150).max() < 0.5
    assert accuracies("rates", "batch", 2.0, 32, 150).min() > 0.5


def test_fact_13_in_batches_of_two_batch_normalization_falls_far_below_the_others():
    batch, layer, group = (
        accuracies("dense", kind, 0.001, 2, 400).mean() for kind in ("batch", "layer", "group")
    )
    assert min(layer, group) > batch + 0.3


def test_groups_of_two_numbers_learn_nothing():
    assert accuracies("dense", "group", 0.001, 2, 400, groups=32).max() < 0.3
    assert accuracies("dense", "group", 0.001, 2, 400, groups=2).min() > 0.7


@pytest.fixture(scope="module")
def shifting():
    """Three networks, three seeds each, with the noise of Santurkar et al. 2018."""
    return {lane: [train_shifting(lane, 0.5, 0.3, 200, seed) for seed in SEEDS] for lane in LANES}


def over_seeds(records, value):
    return np.array([value(record) for record in records])


def test_noise_moves_the_distributions_more_than_no_normalization_does(shifting):
    moved = {k: over_seeds(rs, lambda r: np.median(r.shift_T)) for k, rs in shifting.items()}
    assert moved["noisy"].min() > moved["none"].max() > moved["batch"].max()


def test_and_still_it_trains_as_with_batch_normalization_and_better_than_without(shifting):
    half = {k: over_seeds(rs, lambda r: r.loss_T[10:].mean()) for k, rs in shifting.items()}
    assert half["noisy"].max() < half["none"].min() / 2
    assert half["noisy"].mean() < half["batch"].mean() + 0.1
    assert over_seeds(shifting["noisy"], lambda r: r.test_accuracy).min() > 0.85


def test_the_loss_along_the_gradient_varies_less_with_and_without_the_noise(shifting):
    rough = {
        k: over_seeds(rs, lambda r: np.median(r.high_T - r.low_T)) for k, rs in shifting.items()
    }
    assert rough["batch"].max() < rough["none"].min() / 3
    assert rough["noisy"].max() < rough["none"].min() / 3


def test_looking_changes_no_training(monkeypatch):
    from nnviz.experiments.normalization import shifting

    often = train_shifting("noisy", 0.5, 0.1, 41, 0)
    monkeypatch.setattr(shifting, "EVERY", 40)
    rarely = train_shifting("noisy", 0.5, 0.1, 41, 0)
    assert often.loss_T[-1] == rarely.loss_T[-1]
    assert often.test_accuracy == rarely.test_accuracy
