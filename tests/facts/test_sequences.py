"""What is known of memory over time: gates, forget bias, fading (science facts 18 and 28)."""

import numpy as np
import pytest

from nnviz.experiments.sequences import (
    BASELINE,
    fade,
    gradient_through_time,
    new_memory,
    probe_loss,
    probe_rows,
    updates,
)

SEEDS = (0, 1, 2)
LENGTH, UNITS = 30, 16


def trained_loss(
    cell: str, units: int, rate: float, n_updates: int, seed: int, forget_bias: float | None = None
) -> float:
    memory = new_memory(cell, units, forget_bias, seed)
    for _ in updates(memory, LENGTH, n_updates, seed, rate=rate):
        pass
    return probe_loss(memory, probe_rows(LENGTH, seed))


def left_at_the_first_step(cell: str, forget_bias: float | None = None) -> float:
    """Median over seeds of ‖∂L/∂h_1‖ / ‖∂L/∂h_T‖ at the start."""
    found = []
    for seed in range(5):
        memory = new_memory(cell, UNITS, forget_bias, seed)
        norm_T, _ = gradient_through_time(memory, probe_rows(LENGTH, seed))
        found.append(norm_T[0] / norm_T[-1])
    return float(np.median(found))


def test_a_plain_rnn_stays_at_the_baseline_of_the_adding_problem():
    losses = [trained_loss("rnn", 32, 0.01, 700, seed) for seed in SEEDS]
    assert np.mean(losses) == pytest.approx(BASELINE, rel=0.2)


def test_a_gru_learns_to_add_thirty_steps():
    assert np.mean([trained_loss("gru", 16, 0.02, 200, seed) for seed in SEEDS]) < 0.03


def test_an_lstm_that_starts_by_keeping_learns_to_add_thirty_steps():
    assert np.mean([trained_loss("lstm", 32, 0.01, 700, seed, 1.0) for seed in SEEDS]) < 0.03


def test_at_torchs_start_an_lstms_gradient_fades_like_an_rnns():
    lstm, rnn = left_at_the_first_step("lstm"), left_at_the_first_step("rnn")
    assert lstm < 1e-5
    assert rnn < 1e-5


def test_forget_bias_one_brings_the_gradient_back():
    kept, default = left_at_the_first_step("lstm", 1.0), left_at_the_first_step("lstm")
    assert kept > 100 * default


@pytest.mark.parametrize("gain", [0.8, 1.0, 1.2])
def test_linear_units_hand_back_the_gain_to_the_power_of_the_steps(gain):
    found = fade(gain, units=16, length=30, linear=True)
    np.testing.assert_allclose(found.largest_T, gain**found.distance_T, rtol=1e-9)
    np.testing.assert_allclose(found.smallest_T, gain**found.distance_T, rtol=1e-9)


def test_tanh_units_follow_the_rule_while_they_are_small_and_not_beyond():
    small = fade(0.9, 16, 30, linear=False, input_size=0.001)
    np.testing.assert_allclose(small.largest_T, 0.9**small.distance_T, rtol=1e-3)
    large = fade(1.2, 16, 30, linear=False, input_size=2.0)
    assert large.largest_T[-1] < 0.01 * 1.2**29
