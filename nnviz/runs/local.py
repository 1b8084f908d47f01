"""Workers on this machine: the process that keeps them, started and stopped from the app's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from dask.system import CPU_COUNT

from nnviz.runs.fair_queue import EngineError

STOP_SECONDS = 5.0
NO_WARNING_WHEN_KILLED = "ignore:resource_tracker:UserWarning"


def default_n_workers() -> int:
    """NNVIZ_WORKERS, or one less than there are cores. Raises EngineError."""
    asked = os.environ.get("NNVIZ_WORKERS", "")
    if not asked:
        return max(1, CPU_COUNT - 1)
    if not (asked.isascii() and asked.isdigit()) or int(asked) < 1:
        raise EngineError(f"NNVIZ_WORKERS must be a whole number from 1; got {asked!r}")
    return int(asked)


class LocalHost:
    """`python -m nnviz.runs.host` as a child, which lives no longer than this process.

    It is out of the terminal's process group: Ctrl+C reaches the app alone, which ends it.
    """

    def __init__(self, n_workers: int | None = None) -> None:
        single = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS")}
        windows = sys.platform == "win32"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nnviz.runs.host", str(n_workers or default_n_workers())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ
            | single
            | {
                "PYTHONPATH": _joined(os.pathsep, str(Path(__file__).parents[2]), "PYTHONPATH"),
                "PYTHONWARNINGS": _joined(",", NO_WARNING_WHEN_KILLED, "PYTHONWARNINGS"),
            },
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) if windows else 0,
            start_new_session=not windows,
        )

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def address(self) -> str:
        """The scheduler's address, once it and the workers are up. Raises EngineError."""
        assert self._process.stdout is not None
        address = self._process.stdout.readline().decode().strip()
        if not address:
            raise EngineError("the workers' process could not start")
        return address

    def stop(self) -> None:
        """End the process and its workers, and wait for it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def _joined(separator: str, own: str, variable: str) -> str:
    """Our value before what the environment has."""
    return separator.join(filter(None, [own, os.environ.get(variable)]))
