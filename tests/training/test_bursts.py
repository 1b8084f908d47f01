"""However a training is cut, watched, forked or accompanied, its numbers are the same, bitwise."""

import threading

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz import (
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    NetworkSpec,
    OptimizerSpec,
    ScheduleSpec,
    SpecError,
    TrainingSpec,
    TrainingState,
    advance,
    initial_state,
    train,
)
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.spec import ConvolutionBlock, PoolBlock
from nnviz.training import advance_to, bursts
from nnviz.training.trainer import Trainer

N_STEPS = 30
OPTIMIZER_CASES = [
    *({"name": name} for name in sorted(OPTIMIZERS)),
    {"name": "sgd", "momentum": 0.9, "nesterov": True},
    {"name": "rmsprop", "momentum": 0.5, "weight_decay": 0.01},
]


def spec_of(optimizer="adam", schedule="one_cycle", seed=0, **changes):
    """BatchNorm, two kinds of dropout, and 75 training points in batches of 16: 4 × 16 + 11."""
    optimizer = {"name": optimizer} if isinstance(optimizer, str) else optimizer
    blocks = (
        DenseBlock(width=6, normalization="batch", dropout=0.2),
        DenseBlock(width=5, activation="tanh", dropout=0.1, dropout_kind="alpha"),
        DenseBlock(width=4, normalization="batch", placement="after", momentum="cumulative"),
    )
    training = {
        "optimizer": OptimizerSpec(learning_rate=0.02, **optimizer),
        "schedule": ScheduleSpec(name=schedule),
        "batch_size": 16,
        "n_steps": N_STEPS,
        "l1": 0.001,
        "seed": seed,
    }
    return ExperimentSpec(
        data=DataSpec(name="moons", n_samples=100),
        network=NetworkSpec(blocks=changes.pop("blocks", blocks)),
        training=TrainingSpec(**(training | changes)),
    )


def cold():
    bursts._warm.__dict__.clear()


def assert_same(one: TrainingState, two: TrainingState):
    assert (one.step, one.epoch, one.position) == (two.step, two.epoch, two.position)
    assert one.divergence == two.divergence
    for group in ("parameters", "buffers", "optimizer"):
        ours, theirs = getattr(one, group), getattr(two, group)
        assert ours.keys() == theirs.keys()
        for name, tensor in ours.items():
            assert torch.equal(tensor, theirs[name]), f"{group}/{name}"


def in_one_burst(spec, n_steps=N_STEPS, record=False):
    return advance(initial_state(spec), n_steps=n_steps, record=record)[0]


@pytest.mark.parametrize("schedule", sorted(SCHEDULES))
@pytest.mark.parametrize("optimizer", OPTIMIZER_CASES, ids=lambda case: "-".join(map(str, case)))
def test_bursts_of_one_step_on_cold_trainers_equal_one_burst(optimizer, schedule):
    spec = spec_of(optimizer, schedule)
    whole, state = in_one_burst(spec, 13), initial_state(spec)
    for _ in range(13):
        cold()
        state, _ = advance(state, n_steps=1, record=False)
    assert_same(state, whole)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), max_size=12),
    st.sampled_from(OPTIMIZER_CASES),
    st.sampled_from(sorted(SCHEDULES)),
)
def test_any_cut_recorded_or_not_warm_or_cold_gives_the_same_numbers(cuts, optimizer, schedule):
    spec = spec_of(optimizer, schedule)
    state = initial_state(spec)
    for n_steps, record, forget in cuts:
        if forget:
            cold()
            state = TrainingState.from_bytes(state.to_bytes())
        state, _ = advance(state, n_steps=n_steps, record=record)
    assert_same(state, in_one_burst(spec, sum(n for n, _, _ in cuts)))


def convolutional():
    blocks = (
        ConvolutionBlock(channels=4, normalization="batch", dropout=0.3),
        PoolBlock(),
        ConvolutionBlock(channels=4, normalization="instance", stride=2),
        DenseBlock(width=8, normalization="layer"),
    )
    return ExperimentSpec(
        data=DataSpec(name="digits", n_samples=200), network=NetworkSpec(blocks=blocks)
    )


@pytest.mark.parametrize(
    "spec",
    [
        spec_of(),
        convolutional(),
        ExperimentSpec(data=DataSpec(name="sinusoid")),
        spec_of(optimizer={"name": "sgd", "momentum": 0.9}, blocks=()),
    ],
    ids=["norm-dropout", "convolutions", "regression", "linear"],
)
def test_observer_changes_nothing(spec):
    """Parameters, buffers, optimizer and the caller's generator, with a snapshot at every step."""
    torch.manual_seed(5)
    before = torch.get_rng_state()
    unwatched = in_one_burst(spec, 14)
    watched = initial_state(spec)
    for _ in range(14):
        watched, snapshots = advance(watched, n_steps=1)
        assert snapshots
    assert_same(watched, unwatched)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_first_snapshot_changes_nothing_and_has_no_update():
    start = initial_state(spec_of())
    after, (first,) = advance(start, n_steps=0)
    assert_same(after, start)
    assert first.step == 0
    assert first.epoch == 0
    for layer in first.learned_layers:
        assert layer.update_to_weight_ratio != layer.update_to_weight_ratio  # NaN
        assert layer.grad_norm > 0


def test_advance_leaves_the_state_it_was_given_alone():
    state = in_one_burst(spec_of(), 5)
    copy = TrainingState.from_bytes(state.to_bytes())
    advance(state, n_steps=7)
    assert_same(state, copy)


def test_a_fork_repeats_and_a_rewound_training_takes_the_same_way():
    early = in_one_burst(spec_of(), 10)
    late, _ = advance(early, n_steps=15, record=False)
    again, _ = advance(early, n_steps=15, record=True)
    assert_same(late, again)


def lanes():
    base = spec_of(seed=3)
    deep = spec_of(seed=3, blocks=tuple(DenseBlock(width=4, dropout=0.3) for _ in range(3)))
    return [base, deep, spec_of("sgd", seed=3), base]


def test_trainings_that_take_turns_equal_the_same_trainings_alone():
    states = [initial_state(spec) for spec in lanes()]
    for n_steps, record in ((1, True), (4, False), (9, True)):
        states = [advance(state, n_steps=n_steps, record=record)[0] for state in states]
    for state, spec in zip(states, lanes(), strict=True):
        assert_same(state, in_one_burst(spec, 14))


def test_lanes_of_one_seed_see_the_same_batches_and_masks():
    heard = []
    for spec in lanes()[:3]:
        trainer, batches = Trainer(spec), []
        for _ in range(9):
            batches.append(trainer.next_batch())
            trainer.backward()
            trainer.update()
        heard.append(batches)
    for other in heard[1:]:
        for (x, y), (other_x, other_y) in zip(heard[0], other, strict=True):
            assert torch.equal(x, other_x)
            assert torch.equal(y, other_y)


def masks(spec, step):
    """Which units `dense1.dropout` keeps in training step `step`."""
    trainer = Trainer(spec)
    trainer.step = step
    trainer.next_batch()
    return trainer.network.get_submodule("dense1.dropout")(torch.ones(16, 6)) != 0


def test_dropout_masks_are_paired_across_lanes_and_fresh_at_every_step():
    narrow = spec_of(blocks=(DenseBlock(width=6, dropout=0.4),))
    deep = spec_of("sgd", blocks=(DenseBlock(width=6, dropout=0.4, normalization="batch"),) * 2)
    assert torch.equal(masks(narrow, 3), masks(deep, 3))
    assert not torch.equal(masks(narrow, 3), masks(narrow, 4))
    assert not torch.equal(
        masks(narrow, 3), masks(spec_of(seed=1, blocks=narrow.network.blocks), 3)
    )


def test_trainings_in_eight_threads_are_those_of_one():
    """Masks too: nothing draws from the generator that all threads share."""
    specs = [spec_of(seed=seed) for seed in range(8)]
    alone = [in_one_burst(spec) for spec in specs]
    together = {}

    def train_in_thread(spec):
        cold()
        together[spec.training.seed] = in_one_burst(spec)

    threads = [threading.Thread(target=train_in_thread, args=(spec,)) for spec in specs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for spec, expected in zip(specs, alone, strict=True):
        assert_same(together[spec.training.seed], expected)


def test_every_point_is_seen_once_an_epoch_and_the_order_changes():
    trainer = Trainer(spec_of())
    epochs = []
    for _ in range(2):
        seen = []
        while True:
            epoch = trainer.epoch
            seen.append(trainer.next_batch()[0])
            trainer.backward()
            trainer.update()
            if trainer.epoch != epoch:
                break
        assert [len(batch) for batch in seen] == [16, 16, 16, 16, 11]
        epochs.append(torch.cat(seen))
    assert not torch.equal(*epochs)
    everything = sorted(map(tuple, trainer.train_x.tolist()))
    assert all(sorted(map(tuple, epoch.tolist())) == everything for epoch in epochs)


@pytest.mark.parametrize("normalization", ["none", "batch"])
@pytest.mark.parametrize("batch_size", [2, 5, 37])
def test_a_last_batch_of_one_is_joined_to_the_batch_before_it(batch_size, normalization):
    data = DataSpec(name="moons", n_samples=100, test_fraction=0.25 if batch_size > 5 else 0.49)
    spec = ExperimentSpec(
        data=data,
        network=NetworkSpec(normalization=normalization),
        training=TrainingSpec(batch_size=batch_size),
    )
    trainer = Trainer(spec)
    n_train, sizes = spec.data.n_train, []
    while trainer.epoch == 0:
        sizes.append(len(trainer.next_batch()[0]))
        trainer.backward()
        trainer.update()
    assert n_train % batch_size == 1
    assert sizes == [batch_size] * (n_train // batch_size - 1) + [batch_size + 1]


def test_seconds_end_a_burst_and_its_last_step_is_recorded():
    state, snapshots = advance(initial_state(spec_of()), seconds=0.05)
    assert state.step >= 1
    assert snapshots[-1].step == state.step
    with pytest.raises(ValueError, match="n_steps or seconds"):
        advance(state)


@pytest.mark.parametrize("from_step", [0, 1, 5, 7])
def test_a_burst_is_back_after_one_step_when_a_step_takes_longer(monkeypatch, from_step):
    """An update takes 10 s on this clock, a snapshot 30 s, and a burst may take 1 s."""
    now = 0.0

    def taking(seconds, function):
        def call(*arguments):
            nonlocal now
            now += seconds
            return function(*arguments)

        return call

    start, own = in_one_burst(spec_of(), from_step), frozenset({0, from_step + 1})
    monkeypatch.setattr(bursts.time, "perf_counter", lambda: now)
    monkeypatch.setattr(bursts, "careful_update", taking(10.0, bursts.careful_update))
    monkeypatch.setattr(bursts.TrustedSteps, "step", taking(10.0, bursts.TrustedSteps.step))
    monkeypatch.setattr(bursts, "snapshot", taking(30.0, bursts.snapshot))
    cold()
    if from_step > 1:  # no snapshot is due: the burst must know beforehand what a step takes
        advance(start, n_steps=1)
    now = 0.0
    state, snapshots = advance(start, seconds=1.0)
    assert state.step == snapshots[-1].step == from_step + 1
    assert now == (70.0 if from_step == 0 else 40.0)
    now = 0.0
    cold()
    stretch = advance_to(start, 20, 1.0, recorded=own.__contains__, kept=bursts._never)
    assert stretch.state.step == stretch.snapshots[-1].step == from_step + 1
    assert now == (70.0 if from_step == 0 else 40.0)
    cold()
    now, never = 0.0, bursts._never
    stretch = advance_to(start, 20, 1.0, recorded=never, kept=never)
    assert (stretch.state.step, stretch.snapshots, now) == (from_step + 1, (), 10.0)


def test_train_yields_about_a_hundred_snapshots_up_to_the_last_step():
    snapshots = list(train(ExperimentSpec(training=TrainingSpec(n_steps=250))))
    steps = [snapshot.step for snapshot in snapshots]
    assert steps[0] == 0
    assert steps[-1] == 250
    assert steps == sorted(set(steps))
    assert 100 <= len(steps) <= 140
    assert {1, 2, 4, 8, 16, 32, 64, 128} <= set(steps)


def with_training(state, **changes):
    return state.with_training(state.spec.training.model_copy(update=changes))


def test_a_new_learning_rate_continues_with_the_optimizers_memory():
    state = in_one_burst(spec_of(schedule="constant"), 10)
    slower = with_training(state, optimizer=OptimizerSpec(name="adam", learning_rate=0.001))
    assert slower.step == 10
    assert all(torch.equal(slower.optimizer[k], v) for k, v in state.optimizer.items())
    gentle, (*_, snapshot) = advance(slower, n_steps=1)
    usual, _ = advance(state, n_steps=1)
    assert snapshot.learning_rate == 0.001
    name = "dense1.linear.weight"
    moved = (gentle.parameters[name] - state.parameters[name]).norm()
    # the same gradient and the same memory: Adam's step is proportional to the rate
    usual_move = (usual.parameters[name] - state.parameters[name]).norm()
    assert float(moved / usual_move) == pytest.approx(0.001 / 0.02, rel=1e-3)


@pytest.mark.parametrize("new", OPTIMIZER_CASES, ids=lambda case: "-".join(map(str, case)))
@pytest.mark.parametrize("old", OPTIMIZER_CASES, ids=lambda case: "-".join(map(str, case)))
def test_any_optimizer_can_follow_any_other(old, new):
    state = in_one_burst(spec_of(old), 6)
    changed = with_training(state, optimizer=OptimizerSpec(**new))
    assert bool(changed.optimizer) == (old["name"] == new["name"] and bool(state.optimizer))
    after, _ = advance(changed, n_steps=5, record=False)
    cut = changed
    for _ in range(5):
        cold()
        cut = TrainingState.from_bytes(advance(cut, n_steps=1)[0].to_bytes())
    assert_same(cut, after)
    assert after.step == 11


def test_a_spec_that_does_not_fit_is_refused_by_with_training():
    with pytest.raises(ValueError, match="batch normalization of a single number"):
        with_training(in_one_burst(spec_of(), 2), batch_size=1)
    assert issubclass(SpecError, ValueError)
