"""A real engine for the whole session, and one that works only when it is told to."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest

from nnviz import DataSpec, DenseBlock, ExperimentSpec, NetworkSpec, TrainingSpec
from nnviz.runs import Engine
from nnviz.runs.fair_queue import FairQueue, Job

PATIENCE = 60.0
_seeds = itertools.count(1000)


class HandEngine(Engine):
    """Runs a waiting call in this process at each `work`; timers are kept in `timers`."""

    def __init__(self) -> None:
        super().__init__(n_workers=1)
        self.queue = FairQueue()
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def submit(self, function: Any, *arguments: Any, on_done: Any, **who: Any) -> Job:
        owner, urgency = who.get("owner", ""), who.get("priority", "live")
        job = Job(function, arguments, on_done, owner, urgency, who.get("limit_seconds"))
        self.queue.put(job)
        return job

    def n_before(self, owners: Collection[str]) -> int | None:
        return self.queue.n_before(owners)

    def call_later(self, seconds: float, function: Callable[[], None]) -> None:
        self.timers.append((seconds, function))

    def start(self) -> Callable[[], None] | None:
        """Take the next job; its result is delivered when what comes back is called."""
        job = self.queue.take()
        if job is None:
            return None
        job.is_held = True

        def deliver() -> None:
            result = job.function(*job.arguments)
            if not job.cancelled:
                job.on_done(result)

        return deliver

    def work(self, at_most: int = 10_000) -> int:
        """Run waiting jobs until there are none; how many there were."""
        for done in range(at_most):
            if (deliver := self.start()) is None:
                return done
            deliver()
        return at_most


def until(condition: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for something the engine will bring about."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def small(
    *, width: int = 4, n_samples: int = 60, n_steps: int = 40, **training: Any
) -> ExperimentSpec:
    """A spec of which a step takes well under a millisecond."""
    return ExperimentSpec(
        data=DataSpec(n_samples=n_samples),
        network=NetworkSpec(blocks=(DenseBlock(width=width),)),
        training=TrainingSpec.model_validate({"n_steps": n_steps, "batch_size": 16} | training),
    )


def unseen(**settings: Any) -> ExperimentSpec:
    """A small spec that nobody has trained before: the answer is in no store."""
    return small(seed=next(_seeds), **settings)


@pytest.fixture(scope="session")
def live_engine() -> Iterator[Engine]:
    engine = Engine(n_workers=2)
    assert engine.wait_until_ready(), engine.message
    until(lambda: engine.n_slots == 2)
    yield engine
    engine.close()


@pytest.fixture
def hand() -> HandEngine:
    return HandEngine()
