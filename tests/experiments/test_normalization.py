"""Groups, means, outputs and running statistics are torch's own, on blocks of every shape."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from nnviz.experiments.normalization.groups import (
    WORKED_EXAMPLE,
    changes_on_removal,
    drawn_block,
    find_trap,
    group_numbers,
    normalize,
)
from nnviz.experiments.normalization.records import KINDS
from nnviz.experiments.normalization.running import BatchStream, compare_modes, follow_running

WORKED_OUTPUT = [
    [-1.3246, -1.3492, -0.3756],
    [1.0912, 0.3077, 1.3685],
    [0.2334, 1.0415, -0.9930],
]


@st.composite
def blocks(draw, lowest_rank=2):
    rank = draw(st.integers(lowest_rank, 4))
    shape = tuple(draw(st.integers(1, 6)) for _ in range(rank))
    scale = draw(st.sampled_from([1e-3, 1.0, 1e3]))
    values = np.random.default_rng(draw(st.integers(0, 2**32))).normal(size=shape)
    return scale * values + draw(st.sampled_from([-10.0, 0.0, 0.5]))


def divisors(number):
    return [g for g in range(1, number + 1) if number % g == 0]


def accepted(values, kind, groups, *options):
    """The record, or None where torch refuses or the lab does."""
    trap = find_trap(values, kind, groups)
    return None if trap and trap.refused else normalize(values, kind, groups, *options)


def test_the_worked_example_comes_out():
    """Fact 1."""
    record = normalize(np.array(WORKED_EXAMPLE), "batch")
    np.testing.assert_allclose(record.outputs, WORKED_OUTPUT, atol=1e-4)


@given(blocks(), st.sampled_from(KINDS), st.data())
def test_every_cell_follows_from_its_group_as_in_torch(values, kind, data):
    groups = data.draw(st.sampled_from(divisors(values.shape[1])))
    gamma, beta = data.draw(st.sampled_from([(1.0, 0.0), (-2.5, 0.75)]))
    epsilon = data.draw(st.sampled_from([1e-5, 1e-2, 1.0]))
    record = accepted(values, kind, groups, gamma, beta, epsilon)
    if record is None:
        return
    for index in np.ndindex(*values.shape):
        cell = record.cell(index)
        assert cell.y == pytest.approx(cell.torch_y, rel=1e-6, abs=1e-6)
        assert cell.mean == pytest.approx(cell.members_M.mean(), rel=1e-9, abs=1e-9)
        assert cell.variance == pytest.approx(cell.members_M.var(), rel=1e-9, abs=1e-12)
        assert cell.x in cell.members_M
        assert len(cell.members_M) == record.group_size


@given(blocks(), st.data())
def test_group_means_are_those_of_the_axes_that_the_papers_name(values, data):
    groups = data.draw(st.sampled_from(divisors(values.shape[1])))
    space = tuple(range(2, values.ndim))
    split = values.reshape(len(values), groups, -1)
    means = {
        "batch": values.mean(axis=(0, *space)),
        "layer": values.mean(axis=(1, *space)),
        "instance": values.mean(axis=space) if space else values,
        "group": split.mean(axis=2),
    }
    for kind, expected in means.items():
        record = accepted(values, kind, groups)
        if record is not None:
            np.testing.assert_allclose(record.mean_K, np.ravel(expected), rtol=1e-6, atol=1e-9)


@given(blocks(), st.data())
def test_outputs_agree_with_the_functional_forms(values, data):
    groups = data.draw(st.sampled_from(divisors(values.shape[1])))
    x = torch.from_numpy(values)
    oracles = {
        "batch": lambda: nn.functional.batch_norm(x, None, None, training=True),
        "layer": lambda: nn.functional.layer_norm(x, x.shape[1:]),
        "instance": lambda: nn.functional.instance_norm(x),
        "group": lambda: nn.functional.group_norm(x, groups),
    }
    for kind, oracle in oracles.items():
        record = accepted(values, kind, groups)
        if record is not None:
            np.testing.assert_allclose(record.outputs, oracle().numpy(), atol=1e-6)


def largest_difference(values, n_groups, kind):
    return np.abs(
        normalize(values, "group", n_groups).outputs - normalize(values, kind).outputs
    ).max()


@given(blocks(3))
def test_one_group_is_layer_and_one_per_channel_is_instance_normalization(values):
    if values.size // values.shape[0] > 1:
        assert largest_difference(values, 1, "layer") < 1e-6
    if np.prod(values.shape[2:]) > 1:
        assert largest_difference(values, values.shape[1], "instance") < 1e-6


@given(blocks(), st.data())
def test_only_batch_normalization_feels_that_samples_leave(values, data):
    """Fact 2."""
    kept = data.draw(st.integers(1, len(values)))
    groups = data.draw(st.sampled_from(divisors(values.shape[1])))
    for kind, change in changes_on_removal(values, kept, groups).items():
        assert kind == "batch" or change < 1e-9
        assert kept < len(values) or change == 0


def test_batch_normalization_does_feel_it():
    changes = changes_on_removal(drawn_block((4, 4, 3, 3), 0), 3, 2)
    assert changes.pop("batch") > 0.1
    assert changes == {"layer": 0, "instance": 0, "group": 0}


def test_instance_normalization_of_a_table_is_refused_and_explained():
    trap = find_trap(np.array(WORKED_EXAMPLE), "instance")
    assert trap is not None
    assert trap.refused
    assert "layer normalization" in trap.sentence
    table = torch.tensor(WORKED_EXAMPLE, dtype=torch.float64)
    torch.testing.assert_close(
        nn.InstanceNorm1d(3)(table), nn.functional.layer_norm(table, (3,)), rtol=0, atol=1e-12
    )


def test_a_group_for_each_feature_gives_zero_and_says_so():
    values = drawn_block((5, 4), 0)
    trap = find_trap(values, "group", 4)
    assert trap is not None
    assert not trap.refused
    assert np.abs(normalize(values, "group", 4).outputs).max() < 1e-6


def test_groups_of_two_and_batches_of_two_give_plus_and_minus_one():
    table, pair = drawn_block((5, 4), 0), drawn_block((2, 3), 0)
    for values, kind, groups in ((table, "group", 2), (pair, "batch", 1)):
        trap = find_trap(values, kind, groups)
        assert trap is not None
        assert not trap.refused
        outputs = normalize(values, kind, groups, epsilon=1e-12).outputs
        np.testing.assert_allclose(np.abs(outputs), 1, atol=1e-3)


def test_a_single_sample_is_refused_in_torchs_own_words():
    trap = find_trap(drawn_block((1, 3), 0), "batch")
    assert trap is not None
    assert trap.refused
    assert trap.torch_says is not None
    with pytest.raises(ValueError, match="more than 1 value per channel") as said:
        nn.BatchNorm1d(3)(torch.zeros(1, 3))
    assert trap.torch_says == f"ValueError: {said.value}"


def test_ordinary_blocks_have_no_trap():
    for shape in ((4, 4), (4, 4, 5), (4, 4, 3, 3)):
        for kind in KINDS:
            trap = find_trap(drawn_block(shape, 1), kind, 1)
            assert (trap is None) == (kind != "instance" or len(shape) > 2)


def test_the_group_numbers_count_every_group_once():
    for kind in KINDS:
        numbers = group_numbers((3, 4, 2), kind, 2)
        assert set(numbers.ravel()) == set(range(int(numbers.max()) + 1))


@given(st.floats(0.01, 1), st.integers(1, 60), st.sampled_from([1, 2, 16]), st.integers(0, 1000))
def test_the_share_of_the_start_that_remains_is_a_power(momentum, n_steps, batch_size, seed):
    record = follow_running(
        BatchStream(batch_size=batch_size, momentum=momentum, n_steps=n_steps, seed=seed)
    )
    expected = 0 if record.torch_says else momentum
    np.testing.assert_allclose(record.remaining_T, (1 - expected) ** record.step_T, atol=1e-9)


def test_running_statistics_follow_the_definition_with_the_unbiased_variance():
    record = follow_running(BatchStream(n_steps=30, momentum=0.2))
    mean, variance = 0.0, 1.0
    for step in range(1, 31):
        mean = 0.8 * mean + 0.2 * record.batch_mean_T[step]
        variance = 0.8 * variance + 0.2 * record.unbiased_T[step]
        assert record.running_mean_T[step] == pytest.approx(mean, abs=1e-9)
        assert record.running_variance_T[step] == pytest.approx(variance, abs=1e-9)
    np.testing.assert_allclose(record.biased_T[1:], record.unbiased_T[1:] * 15 / 16)


def test_without_momentum_the_running_mean_is_the_average_of_all_batches():
    record = follow_running(BatchStream(n_steps=20, momentum=None))
    averages = np.cumsum(record.batch_mean_T[1:]) / np.arange(1, 21)
    np.testing.assert_allclose(record.running_mean_T[1:], averages)
    assert record.remaining_T[0] == 1
    np.testing.assert_allclose(record.remaining_T[1:], 0, atol=1e-12)


@pytest.mark.parametrize("momentum", [0.1, 0.5, None])
def test_the_band_holds_what_it_promises(momentum):
    """Over 200 draws the deviations have the promised size: a standard error is 1/√400 = 5 %."""
    streams = [BatchStream(8, momentum, n_steps=20, seed=seed) for seed in range(200)]
    records = [follow_running(stream) for stream in streams]
    for values, expected, error in (
        ("running_mean_T", "expected_mean_T", "mean_error_T"),
        ("running_variance_T", "expected_variance_T", "variance_error_T"),
    ):
        scores = np.array(
            [
                (getattr(r, values)[-1] - getattr(r, expected)[-1]) / getattr(r, error)[-1]
                for r in records
            ]
        )
        assert abs(scores.mean()) < 4 / np.sqrt(200)
        assert scores.std() == pytest.approx(1, abs=0.25)


def test_a_batch_of_one_leaves_the_running_statistics_alone():
    record = follow_running(BatchStream(batch_size=1, n_steps=5))
    assert record.torch_says is not None
    assert "more than 1 value per channel" in record.torch_says
    assert record.running_mean_T.tolist() == [0] * 6
    assert record.running_variance_T.tolist() == [1] * 6
    assert compare_modes(BatchStream(batch_size=1), 0, 1) == ()


@given(st.floats(-3, 3), st.floats(0.2, 3), st.integers(0, 500))
def test_evaluation_outputs_have_the_moments_of_the_theory(shift, stretch, seed):
    """Within 5 standard errors, which one in two million draws would miss."""
    for mode in compare_modes(BatchStream(seed=seed), shift, stretch)[1:]:
        found = mode.distribution
        assert abs(found.mean - mode.expected_mean) < 5 * found.mean_error
        assert abs(found.variance - mode.expected_std**2) < 5 * found.variance_error


def test_without_running_statistics_a_shift_is_invisible():
    modes = compare_modes(BatchStream(track=False), 3.0, 2.0)
    assert abs(modes[-1].distribution.mean) < 1e-9
    record = follow_running(BatchStream(track=False))
    assert np.isnan(record.running_mean_T).all()


def test_drawing_leaves_the_callers_random_state_alone():
    torch.manual_seed(5)
    state = torch.get_rng_state()
    drawn_block((4, 4, 3, 3), 0)
    follow_running(BatchStream())
    compare_modes(BatchStream(), 1, 1)
    assert torch.equal(state, torch.get_rng_state())
