"""Workers on this machine: the process that keeps them, started and stopped from the app's."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from dask.system import CPU_COUNT

from nnviz.runs.fair_queue import SettingError
from nnviz.runs.scratch import new_prefix, remove_all
from nnviz.runs.settings import Order, new_certificates

STOP_SECONDS = 5.0


def default_n_workers() -> int:
    """NNVIZ_WORKERS, or all cores that this process may use. Raises SettingError."""
    asked = os.environ.get("NNVIZ_WORKERS", "")
    if not asked:
        return CPU_COUNT
    if not (asked.isascii() and asked.isdigit()) or int(asked) < 1:
        raise SettingError(f"NNVIZ_WORKERS must be a whole number from 1; got {asked!r}")
    return int(asked)


class LocalHost:
    """`python -m nnviz.runs.host` as a child, which lives no longer than this process.

    It is out of the terminal's process group: Ctrl+C reaches the app alone, which ends it.
    """

    def __init__(self, n_workers: int | None = None) -> None:
        n_workers = n_workers or default_n_workers()
        self.order = Order(new_prefix(), new_certificates(), n_workers)
        single = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS")}
        path = os.pathsep.join(
            filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")])
        )
        windows = sys.platform == "win32"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nnviz.runs.host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | single | {"PYTHONPATH": path},
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) if windows else 0,
            start_new_session=not windows,
        )

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def address(self) -> str:
        """The scheduler's address, once it is up. Raises OSError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(self.order.to_line())
            self._process.stdin.flush()
        address = self._process.stdout.readline().decode().strip()
        if not address:
            raise OSError("their keeper ended at once")
        return address

    def stop(self, patience: float = STOP_SECONDS) -> None:
        """End the process and its workers; kill it when it takes longer than `patience` seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        remove_all(self.order.scratch)
