"""Compared trainings see the same batches to the end, whatever is in their networks."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from nnviz import (
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    NetworkSpec,
    TrainingSpec,
    TrainingState,
    advance,
    initial_state,
)
from nnviz.data import load
from nnviz.ensemble import shared_data
from nnviz.ensemble.batches import Batches
from nnviz.runs.bursts import steps_to_epoch_end
from nnviz.runs.timeline import Timeline
from nnviz.seeds import derived_seed
from nnviz.spec.batches import batch_bounds
from nnviz.training.trainer import Trainer
from tests.training.test_bursts import assert_same

N_BATCHES = 40  # ten epochs of four


def spec_of(normalization: str = "none", batch_size: int = 20, **network) -> ExperimentSpec:
    """81 training points: four batches of 20 leave one over."""
    network.setdefault("blocks", (DenseBlock(width=6), DenseBlock(width=6, activation="tanh")))
    spec = ExperimentSpec(
        data=DataSpec(name="moons", n_samples=108),
        network=NetworkSpec(normalization=normalization, **network),
        training=TrainingSpec(batch_size=batch_size, seed=5),
    )
    assert spec.data.n_train == 81
    return spec


def seen(spec: ExperimentSpec) -> list[tuple[Tensor, Tensor]]:
    trainer, batches = Trainer(spec), []
    trainer.load(initial_state(spec))
    for _ in range(N_BATCHES):
        batches.append(trainer.next_batch())
        trainer.take_step()
    return batches


def assert_equal(one: list[tuple[Tensor, Tensor]], two: list[tuple[Tensor, Tensor]]) -> None:
    for (x, y), (other_x, other_y) in zip(one, two, strict=True):
        assert torch.equal(x, other_x)
        assert torch.equal(y, other_y)


@pytest.mark.parametrize("normalization", ["batch", "layer"])
def test_lanes_with_and_without_normalization_see_the_same_batches(normalization: str) -> None:
    plain = seen(spec_of())
    assert [len(x) for x, _ in plain[:5]] == [20, 20, 20, 21, 20]
    assert_equal(plain, seen(spec_of(normalization)))


@pytest.mark.parametrize("normalization", ["none", "batch"])
def test_replicates_see_the_batches_of_their_seeds_alone(normalization: str) -> None:
    spec = spec_of(normalization)
    seeds = (5, 9)
    together = Batches(shared_data(load(spec.data)), seeds, spec.training.batch_size)
    batches = [together.next() for _ in range(N_BATCHES)]
    for r, seed in enumerate(seeds):
        alone = spec.model_copy(
            update={"training": spec.training.model_copy(update={"seed": seed})}
        )
        assert_equal([(x[r], y[r]) for x, y in batches], seen(alone))


def test_a_plain_loop_over_those_batches_reaches_the_same_weights() -> None:
    """Written out: the order of an epoch, cut into 20, 20, 20 and 21."""
    spec = spec_of("batch", placement="after")
    data, start = load(spec.data), initial_state(spec).parameters
    layers = nn.Linear(2, 6), nn.Linear(6, 6), nn.Linear(6, 2)
    norms = nn.BatchNorm1d(6), nn.BatchNorm1d(6)
    for layer, name in zip(layers, ("dense1", "dense2", "output"), strict=True):
        layer.weight.data = start[f"{name}.linear.weight"].clone()
        layer.bias.data = start[f"{name}.linear.bias"].clone()
    network = nn.Sequential(
        layers[0], nn.ReLU(), norms[0], layers[1], nn.Tanh(), norms[1], layers[2]
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for epoch in range(6):
        generator = torch.Generator().manual_seed(derived_seed(5, "epoch", epoch))
        order = torch.randperm(81, generator=generator)
        for batch in (order[:20], order[20:40], order[40:60], order[60:]):
            optimizer.zero_grad()
            nn.functional.cross_entropy(
                network(data.train_x[batch]), data.train_y[batch]
            ).backward()
            optimizer.step()
    state, _ = advance(initial_state(spec), n_steps=24, record=False)
    assert (state.epoch, state.position) == (6, 0)
    for layer, name in zip(layers, ("dense1", "dense2", "output"), strict=True):
        torch.testing.assert_close(
            state.parameters[f"{name}.linear.weight"], layer.weight, rtol=1e-3, atol=1e-4
        )


@given(st.integers(1, 300), st.integers(1, 400))
def test_bounds_cut_an_epoch_into_batches_none_of_a_single_point(n: int, size: int) -> None:
    bounds = batch_bounds(n, size)
    assert [point for start, end in bounds for point in range(start, end)] == list(range(n))
    sizes = [end - start for start, end in bounds]
    if n > 1 and size > 1:
        assert min(sizes) > 1
        assert max(sizes) <= size + 1
    assert all(length == size for length in sizes[:-1])


@given(st.integers(2, 60), st.integers(1, 70), st.data())
def test_an_epochs_end_is_as_many_steps_away_as_batches_are_left(
    n: int, size: int, draw: st.DataObject
) -> None:
    bounds = batch_bounds(n, size)
    place = draw.draw(st.integers(0, len(bounds) - 1))
    left = batch_bounds(n, size, bounds[place][0])
    assert left == bounds[place:]


@pytest.mark.parametrize("batch_size", [1, 2, 20, 40, 80, 81, 200])
def test_training_to_the_epochs_end_ends_there(batch_size: int) -> None:
    spec = spec_of(batch_size=batch_size)
    state, _ = advance(initial_state(spec), n_steps=1, record=False)
    state, _ = advance(
        state, n_steps=steps_to_epoch_end(Timeline.begin(spec), 1, n_epochs=2), record=False
    )
    assert (state.epoch, state.position) in ((2, 0), (3, 0))
    assert (state.epoch == 3) == (batch_size >= 80)  # the first step was an epoch of its own


@pytest.mark.parametrize("normalization", ["none", "batch"])
def test_a_state_that_an_older_version_left_before_a_single_point_goes_on(
    normalization: str,
) -> None:
    """Position 80 of 81 was a place between two batches; now that epoch is over."""
    spec = spec_of(normalization)
    state, _ = advance(initial_state(spec), n_steps=3, record=False)
    old = TrainingState.from_bytes(
        TrainingState(
            spec, state.parameters, state.buffers, state.optimizer, 4, epoch=0, position=80
        ).to_bytes()
    )
    same = TrainingState(spec, state.parameters, state.buffers, state.optimizer, 4, epoch=1)
    assert_same(advance(old, n_steps=9, record=False)[0], advance(same, n_steps=9, record=False)[0])
