"""`advance_to` records and keeps the named steps and no others, however it is cut, bitwise."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz import ExperimentSpec, OptimizerSpec, TrainingSpec, TrainingState, initial_state
from nnviz.records import Snapshot
from nnviz.training import advance_to
from nnviz.training.bursts import Stretch
from tests.randomness.digests import digest
from tests.training.test_bursts import OPTIMIZER_CASES, assert_same, cold, in_one_burst, spec_of
from tests.training.test_divergence import exploding

LAST = 24
steps = st.frozensets(st.integers(0, LAST))
EXPLODING: ExperimentSpec = exploding()
WILD = ExperimentSpec(
    data=EXPLODING.data,
    network=EXPLODING.network,
    training=TrainingSpec(optimizer=OptimizerSpec(name="sgd", learning_rate=0.5)),
)


def taken(
    spec: ExperimentSpec,
    recorded: Iterable[int],
    kept: Iterable[int],
    cuts: Iterable[tuple[int, float, bool]] = (),
    last: int = LAST,
) -> tuple[TrainingState, list[Snapshot], list[TrainingState]]:
    """The training of `spec` to `last`, cut at (until, seconds), the trainer forgotten or not."""
    state, snapshots, states = initial_state(spec), [], []
    recorded, kept = frozenset(recorded), frozenset(kept)
    for until, seconds, forget in (*cuts, (last, math.inf, False)):
        if forget:
            cold()
            state = TrainingState.from_bytes(state.to_bytes())
        if state.step and until <= state.step:
            continue
        snapshots = [one for one in snapshots if state.step]  # a start that is made again
        states = [one for one in states if state.step]
        part = advance_to(
            state, until, seconds, recorded=recorded.__contains__, kept=kept.__contains__
        )
        state = part.state
        snapshots += part.snapshots
        states += part.states
    return state, snapshots, states


alone = functools.cache(in_one_burst)


@functools.cache
def watched(spec: ExperimentSpec) -> list[str]:
    """Digests of the snapshots of a training that is recorded at every step."""
    return [digest(one) for one in taken(spec, range(LAST + 1), ())[1]]


@settings(max_examples=40)
@given(
    steps,
    steps,
    st.lists(
        st.tuples(st.integers(0, LAST), st.sampled_from([0.0, math.inf]), st.booleans()),
        max_size=8,
    ),
    st.sampled_from(OPTIMIZER_CASES),
)
def test_the_named_steps_and_no_others_however_it_is_cut(recorded, kept, cuts, optimizer):  # type: ignore[no-untyped-def]
    spec = spec_of(optimizer)
    state, snapshots, states = taken(spec, recorded, kept, cuts)
    assert [one.step for one in snapshots] == sorted(recorded)
    assert [one.step for one in states] == sorted(kept)
    assert_same(state, alone(spec, LAST))
    for one in states:
        assert_same(one, alone(spec, one.step))
    for one in snapshots:
        assert digest(one) == watched(spec)[one.step]


@pytest.mark.parametrize(("until", "seconds", "step"), [(9, 0.0, 6), (9, -1.0, 6), (6, 9.0, 6)])
def test_it_takes_one_update_at_least(until: int, seconds: float, step: int) -> None:
    stretch = never(in_one_burst(spec_of(), 5), until, seconds)
    assert (stretch.state.step, stretch.snapshots, stretch.states) == (step, (), ())


@pytest.mark.parametrize("until", [0, 4, 5])
def test_it_takes_none_where_the_training_is_there(until: int) -> None:
    state = in_one_burst(spec_of(), 5)
    stretch = advance_to(state, until, 9.0, recorded=always, kept=always)
    assert_same(stretch.state, state)
    assert (stretch.snapshots, stretch.states) == ((), ())


@pytest.mark.parametrize("recorded", [(), (0, 3), range(100)])
@pytest.mark.parametrize("seconds", [0.0, math.inf])
def test_a_training_that_diverges_tells_it_once_and_stays(
    recorded: Iterable[int], seconds: float
) -> None:
    whole, _, _ = taken(WILD, (), (), last=100)
    end = whole.step
    assert whole.divergence is not None
    assert end > 4
    cuts = [(100, seconds, False)] * 50
    state, snapshots, states = taken(WILD, recorded, range(100), cuts, last=100)
    assert (state.step, state.divergence) == (end, whole.divergence)
    named = [one.step for one in snapshots if one.divergence is None]
    assert named == [step for step in recorded if step <= end]
    assert {one.divergence for one in snapshots} - {None} == {whole.divergence}
    told = [one.step for one in snapshots if one.divergence is not None]
    assert told == [end]
    assert [one.step for one in states] == list(range(end + 1))
    for one in states:
        assert_same(one, in_one_burst(WILD, one.step))
    stretch = advance_to(state, 100, 9.0, recorded=always, kept=always)
    assert_same(stretch.state, state)
    assert (stretch.snapshots, stretch.states) == ((), ())


def always(step: int) -> bool:
    return True


def never(state: TrainingState, until: int, seconds: float) -> Stretch:
    no: Callable[[int], bool] = frozenset[int]().__contains__
    return advance_to(state, until, seconds, recorded=no, kept=no)
