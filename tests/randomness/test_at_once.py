"""What eight readers get at once is what one reader gets alone, bit for bit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from nnviz.catalog.initializers import INITIALIZERS
from nnviz.data import load
from nnviz.ensemble import Ensemble
from nnviz.ensemble.data import shared_data
from nnviz.network import build_network
from nnviz.spec import ExperimentSpec, NetworkSpec, SpecError
from nnviz.training import advance, initial_state, train
from tests.randomness.digests import digest
from tests.randomness.examples import (
    caches,
    called,
    clear_caches,
    experiment,
    measurements,
    place,
)

N_READERS = 8
N_NETWORKS = 384

Case = Callable[[], Any]


@pytest.fixture(autouse=True)
def readers_interrupt_each_other() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)
    clear_caches()


def at_once(cases: Sequence[Case], forget: bool = True) -> list[set[str]]:
    """Every reader makes every case, each beginning with another one."""
    start = Barrier(N_READERS)

    def reader(number: int) -> list[tuple[int, str]]:
        first = number * len(cases) // N_READERS if forget else 0
        start.wait()
        found = []
        for place_ in [*range(first, len(cases)), *range(first)]:
            if forget:
                clear_caches()
            found.append((place_, digest(cases[place_]())))
        return found

    with ThreadPoolExecutor(N_READERS) as pool:
        answers = [pair for found in pool.map(reader, range(N_READERS)) for pair in found]
    return [{text for number, text in answers if number == place_} for place_ in range(len(cases))]


def disturbed(cases: dict[str, Case]) -> list[str]:
    """The cases that are not what they are alone."""
    alone = {name: digest(case()) for name, case in cases.items()}
    together = at_once(list(cases.values()))
    return [name for name, texts in zip(cases, together, strict=True) if texts != {alone[name]}]


def network_cases() -> Iterator[Case]:
    seeds = iter(range(10_000))
    convolutions = [{"kind": "convolution", "channels": 4}, {"kind": "flatten"}]
    while True:
        for name in INITIALIZERS:
            start = {"initialization": {"name": name}}
            dense = {"blocks": [{"kind": "dense", "width": 24}] * 3, **start}
            images = {"blocks": convolutions, **start}
            for network, shape in ((dense, (12,)), (images, (1, 8, 8))):
                spec = NetworkSpec.model_validate(network)
                try:
                    build_network(spec, shape, 3)
                except SpecError:
                    continue
                yield partial(build_network, spec, shape, 3, next(seeds))


def test_networks():
    cases = [case for case, _ in zip(network_cases(), range(N_NETWORKS), strict=False)]
    alone = [digest(case()) for case in cases]
    with ThreadPoolExecutor(N_READERS) as pool:
        together = list(pool.map(lambda case: digest(case()), cases))
    assert sum(a != b for a, b in zip(alone, together, strict=True)) == 0


SPECS = {
    "plain": experiment(),
    "units dropped": experiment(dropout=0.4),
    "alpha dropout": experiment(dropout=0.2, dropout_kind="alpha", activation="selu"),
    "batch normalization": experiment(normalization="batch", dropout=0.2),
    "channels dropped": experiment(
        "digits",
        blocks=[{"kind": "convolution", "channels": 4, "dropout": 0.3}, {"kind": "flatten"}],
    ),
}


def advanced(spec: ExperimentSpec) -> Any:
    return advance(initial_state(spec), n_steps=5)


def trained(spec: ExperimentSpec) -> Any:
    return list(train(spec))


def replicated(spec: ExperimentSpec) -> Any:
    ensemble = Ensemble(spec, (0, 1, 5), shared_data(load(spec.data)), "cpu")
    ensemble.advance(4)
    return ensemble.snapshot(), [ensemble.network(number) for number in range(3)]


@pytest.mark.parametrize("learn", [advanced, trained, replicated])
def test_trainings(learn):
    assert disturbed({name: partial(learn, spec) for name, spec in SPECS.items()}) == []


def test_measurements():
    assert disturbed(measurements()) == []


def test_cached_functions_keep_for_everybody_what_one_reader_gets():
    kept = {
        f"{place(each)} {number}": partial(called, each) for number, each in enumerate(caches())
    }
    clear_caches()
    alone = [digest(case()) for case in kept.values()]
    for _ in range(3):
        clear_caches()
        together = at_once(list(kept.values()), forget=False)
        afterwards = [{digest(case())} for case in kept.values()]
        rows = zip(kept, alone, together, afterwards, strict=True)
        assert [name for name, own, *others in rows if others != [{own}, {own}]] == []
