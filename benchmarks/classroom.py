"""What a class costs: many readers of equal trainings, and lanes that train on all cores.

Run it with `python -m benchmarks.classroom`. Each reader opens a network of 2-8-8-2, presses Train
and stays until its last step; the workers' processor time is counted. Then three lanes are trained
once as three trajectories and once in lockstep in one process, in turns.

`python -m benchmarks.classroom --sessions 30 --seconds 60` asks the whole server instead, through
pages that are open (`benchmarks/sessions.py`).
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Sequence
from itertools import count

import psutil

from benchmarks import sessions
from nnviz.runs import Engine, Run
from nnviz.spec import ExperimentSpec
from nnviz.training import TrainingState, advance, initial_state

N_WORKERS = 2
N_READERS, N_DIFFERENT = 30, 6
N_STEPS, N_STEPS_OF_LANES = 2000, 6000
N_TURNS = 3
LOCKSTEP_SECONDS = 0.12
LOCKSTEP_STEPS = 8
LANES = ({"normalization": "none"}, {"normalization": "batch"}, {"normalization": "layer"})

_seeds = count(1)


def _spec(seed: int, n_steps: int, **network: object) -> ExperimentSpec:
    blocks = [{"kind": "dense", "width": 8}] * 2
    return ExperimentSpec.model_validate(
        {"network": {"blocks": blocks, **network}, "training": {"n_steps": n_steps, "seed": seed}}
    )


def _processor_seconds() -> float:
    """What the workers have taken so far."""
    total = 0.0
    for child in psutil.Process().children(recursive=True):
        if "nnviz.runs.worker_process" in child.cmdline():
            times = child.cpu_times()
            total += times.user + times.system
    return total


def _until_done(runs: Sequence[Run]) -> None:
    while any(run.is_live for run in runs):
        if any(run.status == "failed" for run in runs):
            raise RuntimeError(next(run.message for run in runs if run.status == "failed"))
        time.sleep(0.02)


def a_class(engine: Engine, n_readers: int, n_different: int) -> tuple[float, float]:
    """The workers' processor time and the time until everybody is done, in seconds."""
    seeds = [next(_seeds) for _ in range(n_different)]
    before, began = _processor_seconds(), time.perf_counter()
    runs = [
        Run([_spec(seeds[n % n_different], N_STEPS)], f"reader {n}", engine)
        for n in range(n_readers)
    ]
    for run in runs:
        run.train()
    _until_done(runs)
    assert all(run.current_step == N_STEPS for run in runs)
    return _processor_seconds() - before, time.perf_counter() - began


def _in_lockstep(states: tuple[bytes, ...], n_steps: int) -> tuple[bytes, ...]:
    """All lanes in one process, taking turns; called on a worker."""
    ends = time.perf_counter() + LOCKSTEP_SECONDS
    lanes = [TrainingState.from_bytes(state) for state in states]
    while time.perf_counter() < ends and lanes[0].step < n_steps:
        lanes = [advance(lane, LOCKSTEP_STEPS, record=False)[0] for lane in lanes]
    lanes = [advance(lane, 1)[0] for lane in lanes]
    return tuple(lane.to_bytes() for lane in lanes)


def lockstep(engine: Engine, lanes: Sequence[ExperimentSpec]) -> float:
    """Seconds for all lanes in one chain of bursts, as it was before there were trajectories."""
    began = time.perf_counter()
    states = tuple(initial_state(lane).to_bytes() for lane in lanes)
    while TrainingState.from_bytes(states[0]).step < N_STEPS_OF_LANES:
        done, found = threading.Event(), []
        engine.submit(
            _in_lockstep,
            states,
            N_STEPS_OF_LANES,
            on_done=lambda outcome: (found.append(outcome), done.set()),  # noqa: B023
        )
        done.wait()
        states = found[0]
    return time.perf_counter() - began


def side_by_side(engine: Engine, lanes: Sequence[ExperimentSpec]) -> float:
    """Seconds until the run's last step is there."""
    began = time.perf_counter()
    run = Run(lanes, "lanes", engine)
    run.train()
    while run.status == "running":
        time.sleep(0.005)
    return time.perf_counter() - began


def main() -> None:
    """Print what a class costs, and how long three lanes take; or the table of open pages."""
    if len(sys.argv) > 1:
        sessions.main()
        return
    engine = Engine(n_workers=N_WORKERS)
    if not engine.wait_until_ready():
        raise SystemExit(engine.message)
    while engine.n_slots < N_WORKERS:
        time.sleep(0.05)
    a_class(engine, 2, 2)
    print(f"{N_WORKERS} workers, {N_STEPS:,} steps each; seconds")
    print(f"{'readers':>8}{'trainings':>11}{'processor':>11}{'until all are done':>20}")
    for n_readers, n_different in ((1, 1), (N_READERS, 1), (6, 6), (N_READERS, N_DIFFERENT)):
        found = [a_class(engine, n_readers, n_different) for _ in range(N_TURNS)]
        processor, wall = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{n_readers:8}{n_different:11}{processor:11.2f}{wall:20.2f}", flush=True)
    ratios = []
    for _ in range(N_TURNS):
        seed = next(_seeds)
        lanes = [_spec(seed, N_STEPS_OF_LANES, **each) for each in LANES]
        ratios.append(lockstep(engine, lanes) / side_by_side(engine, lanes))
    told = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"three lanes: {statistics.median(ratios):.2f} × as fast as in lockstep ({told})")
    engine.close()


if __name__ == "__main__":
    main()
