"""How long a newcomer waits beside the heaviest trainings that are accepted.

Run it with `python -m benchmarks.neighbours`. One engine with as many workers as the app would
start; 0, 1 and 10 neighbours, each with a training of its own, train without end while newcomers
open a small network and press Train. The wait is counted from the click to the first point, and
from opening to step 0.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

from pydantic import ValidationError

from nnviz.runs import Engine, Run
from nnviz.runs.local import default_n_workers
from nnviz.spec import ExperimentSpec

NEIGHBOURS = (0, 1, 10)
N_NEWCOMERS = 20
MOST_SECONDS = 120.0
N_STEPS_GOING = 4

_seeds = count(1)


def _stack(data: str, block: dict[str, Any], n_blocks: int, batch_size: int) -> dict[str, Any]:
    return {
        "data": {"name": data},
        "network": {"blocks": [block] * n_blocks, "normalization": "batch", "dropout": 0.5},
        "training": {"batch_size": batch_size, "n_steps": 1_000_000},
    }


def _convolution(channels: int, kernel_size: int) -> dict[str, Any]:
    return {"kind": "convolution", "channels": channels, "kernel_size": kernel_size}


FAMILIES: dict[str, Callable[[int], dict[str, Any]]] = {
    "deep, wide layers": lambda n: _stack("digits", {"kind": "dense", "width": 170}, n, 32),
    "large batches": lambda n: _stack("digits", {"kind": "dense", "width": 170}, n, 1024),
    "deep, on 10,000 points": lambda n: (
        _stack("spirals", {"kind": "dense", "width": 32}, n, 10)
        | {"data": {"name": "spirals", "n_samples": 10_000}}
    ),
    "convolutions of 1 × 1": lambda n: _stack("digits", _convolution(170, 1), n, 2),
    "convolutions of 3 × 3": lambda n: _stack("digits", _convolution(64, 3), n, 32),
    "wide signals": lambda n: _stack("mnist1d", _convolution(256, 1), n, 32),
}
"""Networks that grow with the number of blocks; the largest that is accepted is taken."""


def heaviest() -> Iterator[tuple[str, ExperimentSpec]]:
    """The last of each family before it is refused."""
    for name, document in FAMILIES.items():
        accepted = None
        for n_blocks in range(1, 65):
            try:
                accepted = ExperimentSpec.model_validate(document(n_blocks))
            except ValidationError:
                break
        if accepted is not None:
            yield f"{name} ({len(accepted.network.blocks)} blocks)", accepted


def _newcomer() -> ExperimentSpec:
    training = {"batch_size": 10, "n_steps": 100_000, "seed": next(_seeds)}
    return ExperimentSpec.model_validate({"data": {"name": "spirals"}, "training": training})


def _other_seed(spec: ExperimentSpec) -> ExperimentSpec:
    training = spec.training.model_copy(update={"seed": next(_seeds)})
    return ExperimentSpec(data=spec.data, network=spec.network, training=training)


def _wait(run: Run, is_so: Callable[[], bool]) -> float:
    began = time.perf_counter()
    while not is_so():
        if run.status == "failed" or time.perf_counter() - began > MOST_SECONDS:
            raise RuntimeError(run.message or "nothing came")
        time.sleep(0.005)
    return time.perf_counter() - began


def newcomers(engine: Engine) -> tuple[list[float], list[float]]:
    """Seconds to step 0 after opening, and to the first point after the click, of each."""
    opening, clicking = [], []
    for number in range(N_NEWCOMERS):
        run = Run([_newcomer()], f"newcomer {number}", engine)
        opening.append(_wait(run, lambda: bool(run.history.steps)))  # noqa: B023
        run.train()
        clicking.append(_wait(run, lambda: run.current_step > 0))  # noqa: B023
        run.stop()
    return opening, clicking


def _row(name: str, opening: list[float], clicking: list[float]) -> None:
    numbers = []
    for waits in (opening, clicking):
        p95 = statistics.quantiles(waits, n=20)[-1]
        numbers += [statistics.median(waits), p95, max(waits)]
    print(f"{name:52}" + "".join(f"{number:8.2f}" for number in numbers), flush=True)


def main() -> None:
    """Print one line for each number of neighbours and kind of neighbour."""
    engine = Engine()
    if not engine.wait_until_ready():
        raise SystemExit(engine.message)
    print(f"{default_n_workers()} workers; seconds: median, p95 and longest of {N_NEWCOMERS}")
    print(f"{'':52}{'opening to step 0':>24}{'click to first point':>24}")
    for n in NEIGHBOURS:
        for name, spec in heaviest() if n else [("nobody else", None)]:
            with ExitStack() as undo:
                neighbours = [
                    Run([_other_seed(spec)], f"neighbour {number}", engine)
                    for number in range(n if spec else 0)
                ]
                for neighbour in neighbours:
                    undo.callback(neighbour.stop)
                    neighbour.train()
                for neighbour in neighbours:
                    _wait(neighbour, lambda: neighbour.current_step >= N_STEPS_GOING)  # noqa: B023
                _row(f"{n} × {name}" if n else name, *newcomers(engine))
    engine.close()


if __name__ == "__main__":
    main()
