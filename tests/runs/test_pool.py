"""The pool of workers by the clock: what ends, hangs, starves or never comes up is replaced."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from nnviz.runs.outage import Outage, pause_seconds
from nnviz.runs.pool import HANG_SECONDS, START_SECONDS, Pool
from nnviz.runs.pulse import Pulse


@dataclass
class Process:
    """A process of our imagination, which comes up when it is told to."""

    name: str
    is_alive: bool = True
    memory: int = 0
    beat: int | None = None

    def end(self) -> None:
        self.is_alive = False


@dataclass
class World:
    """Processes and a clock; `pass_` lets time go by with four looks a second."""

    now: float = 0.0
    processes: list[Process] = field(default_factory=list)
    refuses: bool = False

    def start(self, name: str) -> Process:
        if self.refuses:
            raise OSError("no more processes")
        self.processes.append(Process(name))
        return self.processes[-1]

    def clock(self) -> float:
        return self.now

    @property
    def alive(self) -> list[Process]:
        return [process for process in self.processes if process.is_alive]

    def pass_(self, pool: Pool, seconds: float, beats: bool = True) -> None:
        for _ in range(round(seconds * 4)):
            self.now += 0.25
            for process in self.alive:
                if process.beat is not None:
                    process.beat += beats
            pool.look({p.name: p.beat for p in self.alive if p.beat is not None})

    def come_up(self) -> None:
        for process in self.alive:
            process.beat = process.beat or 0


def a_pool(n_workers: int = 1) -> tuple[World, Pool]:
    world = World()
    pool = Pool(n_workers, world.start, memory_limit=100, clock=world.clock)
    pool.look({})
    world.come_up()
    world.pass_(pool, 1)
    return world, pool


def test_as_many_processes_as_are_wanted() -> None:
    world, pool = a_pool(3)
    assert [process.name for process in world.alive] == ["0-1", "1-2", "2-3"]
    world.pass_(pool, 600)
    assert (len(world.processes), pool.n_tries) == (3, 0)


def test_what_ends_is_replaced_at_the_next_look_however_often() -> None:
    world, pool = a_pool()
    for _ in range(20):
        world.alive[0].end()
        world.pass_(pool, 0.25)
        assert (len(world.alive), pool.n_tries) == (1, 1)
        world.come_up()
        world.pass_(pool, 0.5)
        assert pool.n_tries == 0


def test_a_pool_that_has_ended_starts_nothing_any_more() -> None:
    world, pool = a_pool(2)
    pool.end()
    world.pass_(pool, 10)
    assert (world.alive, len(world.processes)) == ([], 2)


def test_what_is_silent_is_replaced_and_what_gives_signs_is_not() -> None:
    world, pool = a_pool()
    silent = world.alive[0]
    world.pass_(pool, HANG_SECONDS - 0.5, beats=False)
    assert silent.is_alive
    world.pass_(pool, 0.75, beats=False)
    assert not silent.is_alive
    assert len(world.alive) == 1


def test_a_machine_that_slept_blames_nobody() -> None:
    world, pool = a_pool(2)
    world.now += 3600
    world.pass_(pool, 0.25, beats=False)  # looked at before the first sign could come
    world.pass_(pool, 1)
    assert len(world.processes) == 2


def test_what_holds_too_much_memory_is_replaced() -> None:
    world, pool = a_pool()
    world.alive[0].memory = 101
    world.pass_(pool, 0.25)
    assert [process.name for process in world.alive] == ["0-2"]


def test_what_never_comes_up_is_replaced() -> None:
    world = World()
    pool = Pool(1, world.start, 100, world.clock)
    world.pass_(pool, START_SECONDS - 1)
    assert len(world.processes) == 1
    world.pass_(pool, 2)
    assert (len(world.processes), pool.n_tries) == (2, 2)
    world.pass_(pool, 2 * START_SECONDS - 4)
    assert len(world.processes) == 2
    world.pass_(pool, 5)
    assert len(world.processes) == 3


def test_what_keeps_failing_is_tried_ever_more_slowly_and_never_given_up() -> None:
    world, pool = a_pool()
    for _ in range(240):
        for process in world.alive:
            process.end()
        world.pass_(pool, 0.25)
    assert 15 <= len(world.processes) <= 25
    assert pool.n_tries == len(world.processes) - 1
    world.pass_(pool, 5)
    world.come_up()
    world.pass_(pool, 1)
    assert (len(world.alive), pool.n_tries) == (1, 0)


def test_a_refusal_of_the_operating_system_is_not_the_end() -> None:
    world, pool = a_pool()
    world.refuses = True
    world.alive[0].end()
    world.pass_(pool, 20)
    assert world.alive == []
    world.refuses = False
    world.pass_(pool, 5)
    assert len(world.alive) == 1


def test_pauses_grow_from_nothing_to_four_seconds() -> None:
    assert [pause_seconds(n) for n in range(7)] == [0, 0, 0.5, 1, 2, 4, 4]
    assert pause_seconds(10**6) == 4


def test_silence_is_counted_for_what_is_known_and_forgotten_with_it() -> None:
    world = World()
    pulse = Pulse(world.clock)
    assert pulse.look({"a": 1}) == {"a": 0}
    world.now += 0.5
    assert pulse.look({"a": 1, "b": 1}) == {"a": 0.5, "b": 0}
    world.now += 0.5
    assert pulse.look({"a": 2, "b": 1}) == {"a": 0, "b": 0.5}
    assert pulse.look({}) == {}
    assert pulse.look({"b": 1}) == {"b": 0}


@pytest.mark.parametrize(("seconds", "told"), [(12, "12 s"), (119, "119 s"), (180, "3 min")])
def test_an_outage_is_told_with_its_time_and_its_tries(seconds: float, told: str) -> None:
    world = World()
    outage = Outage("Starting.", world.clock)
    assert outage.text == ""
    outage.begin()
    assert outage.text == "Starting."
    outage.end()
    outage.begin()
    outage.tell("No workers", "starting them again")
    outage.n_tries = 3
    world.now += seconds
    outage.begin()
    assert outage.text == f"No workers for {told}; starting them again (try 3)."
    outage.end()
    assert outage.text == ""
