"""Recurrent cells: torch's own arithmetic, gradients through time, fading, clipping, tokens."""

import numpy as np
import pytest
import torch

from nnviz.experiments.sequences import (
    BASELINE,
    CELL_NAMES,
    adding_rows,
    clip,
    compare_memories,
    fade,
    gradient_through_time,
    new_memory,
    place_tokens,
    probe_rows,
    read_one_row,
)
from nnviz.experiments.sequences.adding import Memory
from nnviz.experiments.sequences.fading import drawn
from nnviz.experiments.sequences.unrolled import unrolled
from nnviz.randomness import torch_generator


def exact(cell: str, units: int, seed: int) -> Memory:
    memory = new_memory(cell, units, seed=seed)
    return Memory(memory.cells.double(), memory.readout.double())


@pytest.mark.parametrize("cell", CELL_NAMES)
@pytest.mark.parametrize("units", [1, 3, 6])
def test_states_of_every_step_are_torchs(cell, units):
    memory = exact(cell, units, seed=units)
    row_TC = adding_rows(1, 12, torch_generator(5))[0][0].double()
    record = unrolled(cell, memory, row_TC.numpy(), 0.0, 0.0)
    with torch.no_grad():
        states, last = memory.cells(row_TC[None])
    np.testing.assert_allclose(record.state_TU[1:], states[0].numpy(), rtol=0, atol=1e-12)
    if cell == "lstm":
        np.testing.assert_allclose(record.carried_TU[-1], last[1][0, 0].numpy(), atol=1e-12)
    assert record.answer == pytest.approx(float(memory(row_TC[None]).detach()), abs=1e-12)


@pytest.mark.parametrize("cell", CELL_NAMES)
def test_every_pre_activation_is_the_sum_of_its_parts(cell):
    record = read_one_row(cell, units=3, length=8, n_updates=3)
    reset_TGU = np.ones_like(record.gate_TGU)
    if cell == "gru":
        reset_TGU[:, 2] = record.gate_TGU[:, 0]
    total = record.from_input_TGU + reset_TGU * record.from_state_TGU
    np.testing.assert_allclose(record.pre_activation_TGU, total, atol=1e-12)


def test_a_recurrent_gradient_is_the_product_of_its_jacobians():
    """tanh RNN: ∂L/∂h_t = ∂L/∂h_T · Π diag(1 − h²) W_hh, row by row."""
    memory, rows = new_memory("rnn", 5, seed=1), probe_rows(6, 0)
    found_T, carried = gradient_through_time(memory, rows)
    with torch.no_grad():
        state_NTU = memory.cells(rows[0])[0]
        error_N1 = 2 * (memory(rows[0]) - rows[1])
    back_NU = error_N1 @ memory.readout.weight.detach()
    expected = [back_NU.norm(dim=1).mean()]
    for t in range(5, 0, -1):
        back_NU = (back_NU * (1 - state_NTU[:, t] ** 2)) @ memory.cells.weight_hh_l0.detach()
        expected.append(back_NU.norm(dim=1).mean())
    np.testing.assert_allclose(found_T, torch.stack(expected).flip(0).numpy(), rtol=1e-4)
    assert carried is None


def test_an_lstm_has_a_second_gradient_that_skips_the_last_step():
    _, carried_T = gradient_through_time(new_memory("lstm", 4), probe_rows(7, 0))
    assert np.isnan(carried_T[-1])
    assert np.isfinite(carried_T[:-1]).all()


def test_rows_of_the_adding_problem():
    row_NTC, sum_N1 = adding_rows(20_000, 10, torch_generator(0))
    assert (row_NTC[:, :5, 1].sum(1) == 1).all()
    assert (row_NTC[:, 5:, 1].sum(1) == 1).all()
    assert float(((sum_N1 - 1) ** 2).mean()) == pytest.approx(BASELINE, rel=0.03)


def test_equal_requests_have_equal_numbers_and_nothing_global_moves():
    before = torch.random.get_rng_state()
    a, b = (compare_memories(10, 4, 6, clip_norm=0.1) for _ in range(2))
    assert torch.equal(before, torch.random.get_rng_state())
    for one, other in zip(a.memories, b.memories, strict=True):
        np.testing.assert_array_equal(one.state_FT, other.state_FT)
        np.testing.assert_array_equal(one.loss_F, other.loss_F)
    assert a.update_F.tolist() == list(range(7))


def test_no_update_is_one_moment():
    assert compare_memories(10, 4, 0).memories[0].loss_F.shape == (1,)


@pytest.mark.parametrize("linear", [True, False])
def test_fading_is_what_autograd_says(linear):
    gain, units, length = 1.2, 6, 9
    found = fade(gain, units, length, linear, input_size=1.0, seed=3)
    recurrent, inputs, x, _ = drawn(gain, units, length, 1.0, 3)
    states = [torch.zeros(units, dtype=torch.float64)]
    for value in x:
        total = recurrent @ states[-1] + inputs @ value
        states.append((total if linear else torch.tanh(total)).requires_grad_())
    rows = [torch.autograd.grad(out, states[1], retain_graph=True)[0] for out in states[-1]]
    values = torch.linalg.svdvals(torch.stack(rows))
    assert found.largest_T[-1] == pytest.approx(float(values[0]), rel=1e-9)
    assert found.smallest_T[-1] == pytest.approx(float(values[-1]), rel=1e-6)


@pytest.mark.parametrize("limit", [0.1, 10.0])
def test_clipping_by_norm_keeps_the_direction_and_by_value_may_not(limit):
    found = clip(1.3, 8, 20, True, limit)
    assert found.whole > limit
    assert found.by_norm == pytest.approx(limit, rel=1e-6)
    assert found.angle_by_norm < 1e-9
    assert found.angle_by_value > 1


def test_a_short_gradient_is_not_clipped():
    found = clip(0.67, 2, 5, True, 1e6)
    assert found.by_norm == found.whole == found.by_value


def test_two_numbers_a_letter_are_the_plane():
    record = place_tokens(1, 2, 20)
    np.testing.assert_allclose(record.share_F, 1)
    assert record.place_FK2.shape == (len(record.update_F), len(record.names), 2)


def test_letters_are_as_like_as_their_cosine():
    record = place_tokens(2, 4, 10)
    np.testing.assert_allclose(np.diagonal(record.likeness_FKK, axis1=1, axis2=2), 1)
    assert np.abs(record.likeness_FKK).max() <= 1 + 1e-12
    assert record.loss_F[-1] < record.loss_F[0]
