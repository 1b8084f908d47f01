"""The verdict never names a winner that seed noise explains, and names the one it does not.

Shapes: L lanes, S seeds, T checkpoints.
"""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest
from scipy import stats

from nnviz.experiments.paired_intervals import least_seeds, level_of_pair, simultaneous_intervals
from nnviz.experiments.seed_bands import SeedBandsRecord
from nnviz.experiments.stability import shared_levels, sign_test
from nnviz.experiments.verdict import ASSUMPTION, verdict
from nnviz.experiments.verdict_words import NO_DIFFERENCE, SMALLER
from nnviz.records import Task

T = 6
N_REPETITIONS = 200
DRAWS = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "heavy tails": lambda rng, shape: rng.standard_t(1.5, shape),
    "skewed": lambda rng, shape: rng.exponential(1.0, shape),
    "ties": lambda rng, shape: rng.integers(0, 2, shape).astype(float),
}


NOTHING = f"{SMALLER} {NO_DIFFERENCE}"


def bands_of(
    accuracy_LST: np.ndarray, loss_LST: np.ndarray | None = None, task: Task = "classification"
) -> SeedBandsRecord:
    loss_LST = -accuracy_LST if loss_LST is None else loss_LST
    L, S, _ = accuracy_LST.shape
    return SeedBandsRecord(
        seeds=tuple(range(S)),
        checkpoints=tuple(100 * (k + 1) for k in range(accuracy_LST.shape[2])),
        data="fixed",
        task=task,
        train_loss_LST=loss_LST,
        test_loss_LST=loss_LST,
        train_accuracy_LST=accuracy_LST,
        test_accuracy_LST=accuracy_LST,
        diverged_LST=np.isnan(accuracy_LST),
        batched=(True,) * L,
        reasons=(None,) * L,
    )


def names(L: int) -> list[str]:
    return [f"lane {k}" for k in range(L)]


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize(("L", "S"), [(2, 7), (2, 8), (3, 8)])
def test_identical_lanes_are_called_seed_noise(draw: str, L: int, S: int) -> None:
    rng = np.random.default_rng(12)
    wrong = 0
    for _ in range(N_REPETITIONS):
        accuracy_LST, loss_LST = DRAWS[draw](rng, (2, L, S, T)).cumsum(axis=3)
        told = verdict(bands_of(accuracy_LST, loss_LST), names(L))
        wrong += any(pair.sentence != NOTHING for pair in told.pairs)
    most = 0.05 * N_REPETITIONS if L == 2 else stats.binom.ppf(0.999, N_REPETITIONS, 0.05)
    assert wrong <= most


@pytest.mark.parametrize("S", [6, 9, 14])
def test_intervals_hold_a_shift_as_often_as_they_say(S: int) -> None:
    rng, missed, n = np.random.default_rng(3), 0, 300
    for _ in range(n):
        values_SJ = rng.standard_normal((S, 5)).cumsum(axis=1) + 3.0
        mean_J, half_J = simultaneous_intervals(values_SJ, 0.05)
        missed += bool((np.abs(mean_J - 3.0) > half_J).any())
    assert missed <= stats.binom.ppf(0.999, n, 0.08)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_planted_difference_names_the_right_lane_metric_and_steps(sign: int) -> None:
    rng = np.random.default_rng(0)
    accuracy_LST = 0.9 + 0.002 * rng.standard_normal((2, 10, T))
    loss_LST = 0.3 + 0.01 * rng.standard_normal((2, 10, T))
    accuracy_LST[0, :, 3:] += sign * 0.05
    [pair] = verdict(bands_of(accuracy_LST, loss_LST), ["A", "B"]).pairs
    ahead, behind = ("A", "B") if sign == 1 else ("B", "A")
    assert pair.sentence.startswith(
        f"{ahead} is ahead of {behind} on test accuracy at steps 400–600. At the end, {ahead}'s"
    )
    difference = pair.differences["test_accuracy"]
    assert difference.ahead_T.tolist() == [0, 0, 0, sign, sign, sign]
    assert (np.sign(difference.low_T[3:]) == np.sign(difference.high_T[3:])).all()


def test_a_lower_loss_is_ahead() -> None:
    rng = np.random.default_rng(0)
    accuracy_LST = rng.standard_normal((2, 8, T))
    loss_LST = 0.001 * rng.standard_normal((2, 8, T))
    loss_LST[1, :, 0] -= 1.0
    [pair] = verdict(bands_of(accuracy_LST, loss_LST), ["A", "B"]).pairs
    assert pair.sentence == f"B is ahead of A on test loss at step 100. {NO_DIFFERENCE}"


def test_lanes_that_overtake_each_other_are_both_named() -> None:
    noise_LST = 0.001 * np.random.default_rng(0).standard_normal((2, 8, T))
    noise_LST[0, :, :2] += 0.1
    noise_LST[1, :, 4:] += 0.1
    [pair] = verdict(bands_of(noise_LST, 0 * noise_LST), ["A", "B"]).pairs
    assert pair.sentence.startswith(
        "A is ahead of B on test accuracy at steps 100–200;"
        " B is ahead of A on test accuracy at steps 500–600. At the end, B's test accuracy"
    )


def test_equal_numbers_are_no_difference() -> None:
    [pair] = verdict(bands_of(np.ones((2, 8, T))), ["A", "B"]).pairs
    assert pair.sentence == NOTHING
    assert (pair.differences["test_loss"].low_T == 0).all()
    assert (pair.differences["test_loss"].high_T == 0).all()


def test_one_seed_that_differs_is_no_difference() -> None:
    accuracy_LST = np.ones((2, 8, T))
    accuracy_LST[0, 3] += 1.0
    assert verdict(bands_of(accuracy_LST), ["A", "B"]).pairs[0].sentence == NOTHING


def test_the_same_gap_on_every_seed_is_a_difference() -> None:
    accuracy_LST = np.ones((2, 8, T))
    accuracy_LST[0, :, 2] += 0.25
    sentence = verdict(bands_of(accuracy_LST), ["A", "B"]).pairs[0].sentence
    assert sentence.startswith("A is ahead of B on test accuracy at step 300")


@pytest.mark.parametrize("S", [1, 2, 3, 6])
def test_few_seeds_tell_nothing(S: int) -> None:
    accuracy_LST = np.zeros((2, S, T))
    accuracy_LST[0] = 1.0
    [pair] = verdict(bands_of(accuracy_LST), ["A", "B"]).pairs
    assert pair.sentence == f"Too few seeds to tell: {S} of at least 7. {NO_DIFFERENCE}"


@pytest.mark.parametrize("n_pairs", [1, 3, 6])
def test_least_seeds_is_where_a_clear_gap_can_first_be_told(n_pairs: int) -> None:
    least = least_seeds(level_of_pair(n_pairs))
    for S, told in ((least - 1, False), (least, True)):
        gap_S1 = 5 + np.linspace(-1, 1, S)[:, None]
        mean_J, half_J = simultaneous_intervals(gap_S1, level_of_pair(n_pairs))
        assert bool(mean_J[0] > half_J[0]) is told


def test_one_difference_alone_is_the_sign_flip_test() -> None:
    values_S = np.random.default_rng(5).standard_normal(8) + 0.8
    p = stats.permutation_test(
        (values_S,), lambda v, axis: np.abs(v.mean(axis=axis)), permutation_type="samples",
        alternative="greater", n_resamples=math.inf,
    ).pvalue  # fmt: skip
    for level in (0.9 * p, 1.1 * p):
        mean_J, half_J = simultaneous_intervals(values_S[:, None], level)
        if level < p:
            assert abs(mean_J[0]) <= half_J[0]


def test_diverged_seeds_are_named_first_and_left_out_of_the_curves() -> None:
    rng = np.random.default_rng(0)
    accuracy_LST = 0.9 + 0.001 * rng.standard_normal((2, 10, T))
    accuracy_LST[1] -= 0.2
    accuracy_LST[1, :2, 4:] = np.nan
    [pair] = verdict(bands_of(accuracy_LST), ["A", "B"]).pairs
    assert pair.n_seeds == 8
    assert pair.n_diverged == (0, 2)
    assert pair.sentence.startswith(
        "B diverged on 2 of 10 seeds, A on none: no difference in stability is supported."
        " On the 8 seeds on which neither diverged: A is ahead of B on test accuracy at steps"
        " 100–600"
    )
    assert re.search(r"At the end, A's test accuracy .* where neither diverged\.$", pair.sentence)


def diverging(first: set[int], second: set[int], S: int = 16) -> SeedBandsRecord:
    """Two lanes that differ by noise alone, apart from the seeds on which they diverge."""
    accuracy_LST = 0.9 + 0.01 * np.random.default_rng(4).standard_normal((2, S, T))
    for lane, seeds in enumerate((first, second)):
        accuracy_LST[lane, sorted(seeds), 3:] = np.nan
    return bands_of(accuracy_LST)


def test_a_lane_that_always_diverges_has_lost() -> None:
    [pair] = verdict(diverging(set(), set(range(16))), ["A", "B"]).pairs
    assert pair.stability.ahead == 1
    assert pair.stability.p_value == pytest.approx(2 / 2**16)
    assert pair.sentence == (
        "B diverged on 16 of 16 seeds, A on none: A is ahead on stability (sign test, p = 3.1e-05)."
        " Too few seeds are left to compare the curves: 0."
        " At the end, A is ahead on stability and no other difference is supported."
    )


def test_a_lane_that_diverges_on_half_of_the_seeds_has_lost_there() -> None:
    [pair] = verdict(diverging(set(range(8)), set()), ["A", "B"]).pairs
    assert pair.stability.ahead == -1
    assert pair.sentence == (
        "A diverged on 8 of 16 seeds, B on none: B is ahead on stability (sign test, p = 0.0078)."
        f" On the 8 seeds on which neither diverged: {SMALLER}"
        " At the end, B is ahead on stability and no other difference is supported."
    )


def test_lanes_that_diverge_on_the_same_seeds_are_equally_stable() -> None:
    [pair] = verdict(diverging(set(range(8)), set(range(8))), ["A", "B"]).pairs
    assert pair.stability.n_alone == (0, 0)
    assert pair.sentence == (
        "B diverged on 8 of 16 seeds, A on 8: no difference in stability is supported."
        f" On the 8 seeds on which neither diverged: {NOTHING}"
    )


def test_a_few_seeds_on_which_both_stay_finite_are_too_few_for_their_curves() -> None:
    [pair] = verdict(diverging(set(), set(range(12))), ["A", "B"]).pairs
    assert pair.stability.ahead == 1
    assert pair.level == 0
    assert "Too few seeds are left to compare the curves: 4." in pair.sentence
    assert not any(found.ahead_T.any() for found in pair.differences.values())


@pytest.mark.parametrize("counts", [(0, 0), (0, 5), (3, 9), (7, 7), (20, 2)])
def test_the_sign_test_is_the_exact_binomial_test(counts: tuple[int, int]) -> None:
    n = sum(counts)
    expected = stats.binomtest(counts[0], n, 0.5).pvalue if n else 1.0
    assert sign_test(*counts) == pytest.approx(expected)


@pytest.mark.parametrize("level", [0.025, 0.05 / 3, 0.05 / 6])
def test_a_pair_spends_its_error_rate_once(level: float) -> None:
    for n_alone, n_left in itertools.product(range(20), repeat=2):
        own, rest = shared_levels(level, n_alone, n_left)
        assert own + rest == pytest.approx(level)
        assert own == 0 or own >= 2.0 ** (1 - n_alone)
    assert shared_levels(level, 0, 8) == (0, level)
    assert shared_levels(level, 16, 0) == (level, 0)
    assert shared_levels(level, 16, 16) == (level / 2, level / 2)


@pytest.mark.parametrize(("L", "S"), [(2, 16), (3, 20)])
@pytest.mark.parametrize("chance", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("shared", [0.0, 0.5])
def test_equal_lanes_that_both_diverge_are_told_apart_too_seldom_to_matter(
    L: int, S: int, chance: float, shared: float
) -> None:
    """`shared` of the seeds decide for all lanes alike, as hard data would."""
    rng, wrong = np.random.default_rng(8), 0
    for _ in range(N_REPETITIONS):
        accuracy_LST = rng.standard_normal((L, S, T)).cumsum(axis=2)
        dice_LS = rng.random((L, S))
        dice_LS = np.where(rng.random(S) < shared, dice_LS[0], dice_LS)
        accuracy_LST[dice_LS < chance, 3:] = np.nan
        pairs = verdict(bands_of(accuracy_LST), names(L)).pairs
        claims = [pair.at_end != NO_DIFFERENCE or "is ahead" in pair.sentence for pair in pairs]
        wrong += any(claims)
    assert wrong <= stats.binom.ppf(0.99, N_REPETITIONS, 0.05)


def test_the_last_sentence_is_of_the_last_checkpoint() -> None:
    rng = np.random.default_rng(0)
    accuracy_LST = 0.9 + 0.002 * rng.standard_normal((2, 10, T))
    loss_LST = 0.3 + 0.001 * rng.standard_normal((2, 10, T))
    accuracy_LST[0, :, :3] += 0.05
    loss_LST[1] -= 0.02
    [pair] = verdict(bands_of(accuracy_LST, loss_LST), ["A", "B"]).pairs
    found = pair.differences["test_loss"]
    gap, low, high = found.mean_T[-1], found.low_T[-1], found.high_T[-1]
    said = f"At the end, B's test loss is lower by {gap:.2g} [{low:.2g}, {high:.2g}]."
    assert pair.at_end == said
    assert pair.sentence.endswith(said)
    assert "A is ahead of B on test accuracy at steps 100–300" in pair.sentence


def test_a_regression_is_told_in_r_squared() -> None:
    rng = np.random.default_rng(0)
    quality_LST = 0.5 + 0.002 * rng.standard_normal((2, 10, T))
    quality_LST[0] += 0.2
    [pair] = verdict(bands_of(quality_LST, task="regression"), ["A", "B"]).pairs
    assert "A is ahead of B on test R² at steps 100–600" in pair.sentence
    assert "A's test R² is higher by 0.2" in pair.at_end
    assert "accuracy" not in pair.sentence


def test_every_pair_is_compared_and_needs_its_name() -> None:
    told = verdict(bands_of(np.ones((4, 8, T))), names(4))
    assert len(told.pairs) == 6
    assert "Westfall" in told.method
    assert told.assumption == ASSUMPTION
    assert "exchangeable" in told.assumption
    with pytest.raises(ValueError, match="one for each"):
        verdict(bands_of(np.ones((2, 8, T))), ["A"])
