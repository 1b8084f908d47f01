"""How Dask's scheduler and workers behave on this machine, and what they are told at birth."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass

import dask
from distributed import Security

from nnviz.runs.scratch import make_no_more

CONFIG = {
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.use-file-locking": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "1h",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
}
HOST = "127.0.0.1"
_PEM = (
    "tls_ca_file",
    "tls_client_cert",
    "tls_client_key",
    "tls_scheduler_cert",
    "tls_scheduler_key",
    "tls_worker_cert",
    "tls_worker_key",
)


@dataclass(frozen=True)
class Order:
    """What a child process is to do, sent as the first line of its standard input.

    `certificates` are made for this one app and exist in memory only: no file, no argument and no
    environment shows them, so that nobody else on this machine can speak to Dask's ports.
    """

    scratch: str
    certificates: dict[str, str]
    n_workers: int = 0
    scheduler: str = ""
    name: str = ""

    @property
    def security(self) -> Security:
        """The certificates as Dask takes them."""
        return Security(require_encryption=True, **self.certificates)  # type: ignore[no-untyped-call]

    def to_line(self) -> bytes:
        """One line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"


def new_certificates() -> dict[str, str]:
    """A throw-away key and certificate for all of one app's processes, in PEM."""
    security = Security.temporary()  # type: ignore[no-untyped-call]
    return {name: getattr(security, name) for name in _PEM}


def take_order(leave: Callable[[Order], None]) -> Order:
    """The order of this child process; `leave` is called when its parent is gone."""
    order = Order(**json.loads(sys.stdin.buffer.readline()))
    dask.config.set(CONFIG)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)

    def watch() -> None:
        sys.stdin.buffer.read()
        make_no_more()
        try:
            leave(order)
        finally:
            os._exit(0)

    threading.Thread(target=watch, name="nnviz-parent", daemon=True).start()
    return order
