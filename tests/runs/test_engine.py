"""The engine with real worker processes: results, fairness, and the same numbers as inline."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnviz.runs import Engine, EngineError, Run, cluster
from tests.runs.conftest import PATIENCE, HandEngine, small, unseen, until
from tests.runs.test_run import assert_same, inline, state_of


def called(engine: Engine, function: Callable[..., Any], *arguments: Any, **who: Any) -> Any:
    """What a call through the engine hands back, waited for."""
    outcomes: list[Any] = []
    engine.submit(function, *arguments, on_done=outcomes.append, **who)
    until(lambda: outcomes)
    return outcomes[0]


def test_calls_run_in_other_processes_at_low_priority(live_engine: Engine) -> None:
    assert called(live_engine, os.getpid) != os.getpid()
    assert called(live_engine, os.nice, 0) >= 5
    assert called(live_engine, os.getenv, "OMP_NUM_THREADS") == "1"
    assert live_engine.n_slots == 2


def test_what_a_call_raises_comes_back_as_a_value(live_engine: Engine) -> None:
    assert isinstance(called(live_engine, int, "x"), ValueError)
    assert isinstance(called(live_engine, open, "/nowhere/at/all"), FileNotFoundError)


def test_on_done_that_raises_harms_nobody(live_engine: Engine) -> None:
    loop = live_engine._loop
    assert loop is not None
    told: list[Any] = []
    loop.set_exception_handler(lambda loop, context: told.append(context["exception"]))
    live_engine.submit(int, on_done=lambda result: 1 / result)
    until(lambda: told)
    loop.set_exception_handler(None)
    assert isinstance(told[0], ZeroDivisionError)
    assert called(live_engine, int, "3") == 3


def test_a_cancelled_call_is_never_told(live_engine: Engine) -> None:
    told: list[Any] = []
    job = live_engine.submit(time.sleep, 0.05, on_done=told.append)
    job.cancel()
    called(live_engine, time.sleep, 0.2)
    assert told == []


def test_two_owners_share_however_much_one_has_asked_for(live_engine: Engine) -> None:
    order: list[str] = []
    done = threading.Event()

    def note(owner: str) -> Callable[[Any], None]:
        return lambda result: (order.append(owner), done.set() if len(order) == 50 else None)[0]

    for _ in range(40):
        live_engine.submit(time.sleep, 0.01, on_done=note("greedy"), owner="greedy")
    for _ in range(10):
        live_engine.submit(time.sleep, 0.01, on_done=note("modest"), owner="modest")
    assert done.wait(PATIENCE)
    assert "modest" not in order[26:]


@pytest.mark.skipif(sys.platform == "win32", reason="waits at a POSIX pipe")
def test_a_long_sweep_leaves_a_slot_for_live_runs(live_engine: Engine, tmp_path: Path) -> None:
    """The sweep's calls open a pipe, which takes until somebody writes to it."""
    pipe, told = str(tmp_path / "pipe"), []
    os.mkfifo(pipe)
    for _ in range(4):
        live_engine.submit(os.open, pipe, os.O_RDONLY, on_done=told.append, priority="sweep")
    time.sleep(0.1)
    called(live_engine, int)
    assert told == []
    writer = os.open(pipe, os.O_WRONLY)
    until(lambda: len(told) == 4)
    os.close(writer)


def test_a_run_through_the_engine_has_the_same_numbers(live_engine: Engine) -> None:
    specs = [unseen(n_steps=600), unseen(n_steps=600, batch_size=4)]
    run = Run(specs, on=live_engine)
    run.train()
    until(lambda: run.current_step > 3)
    run.pause()
    until(lambda: not run.is_live)
    for control in (run.step, run.epochs, run.train):
        control()
        until(lambda: not run.is_live)
    assert (run.status, run.current_step) == ("finished", 600)
    for lane, spec in enumerate(specs):
        assert_same(state_of(run, lane), inline(spec, 600))
    assert run.history.steps[0] == 0
    assert run.history.steps[-1] == 600


def test_controls_wait_for_no_work(hand: HandEngine) -> None:
    """They come back although nothing is ever computed here."""

    def press() -> None:
        run = Run([small(n_steps=10**6)], on=hand)
        for control in (run.train, run.pause, run.step, run.epochs, run.reset, run.stop):
            control()

    reader = threading.Thread(target=press, daemon=True)
    reader.start()
    reader.join(PATIENCE)
    assert not reader.is_alive()


def test_a_missing_scheduler_is_told_while_it_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.3)
    engine = Engine(address="tcp://127.0.0.1:9")
    run = Run([small()], on=engine)
    assert engine.waiting in ("", "Connecting to the Dask scheduler at tcp://127.0.0.1:9.")
    until(lambda: "(try 3)" in run.waiting)
    assert re.fullmatch(
        r"No Dask scheduler at tcp://127.0.0.1:9 for \d+ s; trying again \(try 3\).", run.waiting
    )
    assert (engine.status, run.status, run.message) == ("starting", "paused", "")
    engine.close()


def test_processes_that_can_not_be_started_are_told_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(n_workers: int | None) -> None:
        raise OSError("no more processes")

    start = cluster.LocalHost
    monkeypatch.setattr(cluster, "LocalHost", refuse)
    engine = Engine(n_workers=1)
    run = Run([small()], on=engine)
    until(lambda: run.waiting.startswith("No worker processes (no more processes) for "))
    assert run.status == "paused"
    monkeypatch.setattr(cluster, "LocalHost", start)
    until(lambda: run.history.steps)
    assert run.waiting == ""
    engine.close()


def test_a_closed_engine_says_so() -> None:
    engine = Engine(n_workers=1)
    engine.close()
    told: list[Any] = []
    engine.submit(int, on_done=told.append)
    assert isinstance(told[0], EngineError)


def test_a_wrong_number_of_workers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NNVIZ_WORKERS", "many")
    engine = Engine()
    assert not engine.wait_until_ready()
    assert engine.message == "NNVIZ_WORKERS must be a whole number from 1; got 'many'"
    engine.close()
