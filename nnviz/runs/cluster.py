"""Where the work is done: Dask's own processes on this machine, or a cluster named by address."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import CancelledError
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import dask
from distributed import Client, KilledWorker
from distributed.comm.core import CommClosedError

from nnviz.runs.fair_queue import EngineError, WorkersLostError
from nnviz.runs.local import LocalHost
from nnviz.runs.workers import Prepared

CONNECT_SECONDS = 10
GROUP = "nnviz"
WORKER_DIED = "the worker's process ended several times, perhaps for want of memory"
CONFIG = {
    "distributed.admin.large-graph-warning-threshold": "1GB",
    "distributed.diagnostics.computations.nframes": 0,
}


class Cluster:
    """A connection to workers; lives on one event loop.

    Dask keeps statistics for each group of tasks of one name and starts a group anew, without
    letting go of the old one, when its last task is gone. One task is kept so that there is only
    one group, however many bursts there are.
    """

    def __init__(self, client: Client, host: LocalHost | None) -> None:
        self._client = client
        self._host = host
        self._kept = client.submit(int, key=f"{GROUP}-0")

    @classmethod
    async def connect(cls, address: str | None, n_workers: int | None) -> Cluster:
        """The cluster at `address`, or a new one on this machine. Raises EngineError."""
        dask.config.set(CONFIG)
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        with ExitStack() as undo:
            host = None
            if address is None:
                host = LocalHost(n_workers)
                undo.callback(host.stop)
                address = await asyncio.to_thread(host.address)
            try:
                client = await _client(address)
            except (OSError, ValueError, TypeError, RuntimeError) as error:
                raise EngineError(f"there is no Dask scheduler at {address}: {error}") from error
            undo.pop_all()
        return cls(client, host)

    @property
    def is_alive(self) -> bool:
        """Whether work may still be sent."""
        return self._client.status == "running" and (self._host is None or self._host.is_alive)

    async def n_slots(self) -> int:
        """How many tasks run at once."""
        scheduler: Any = self._client.scheduler
        threads: dict[str, int] = await scheduler.ncores()
        return sum(threads.values())

    async def call(self, function: Any, *arguments: Any) -> Any:
        """What `function` returns on a worker; raises what it raises, or WorkersLostError."""
        try:
            return await self._client.submit(function, *arguments, key=f"{GROUP}-{uuid4().int}")
        except (CommClosedError, asyncio.CancelledError, CancelledError) as error:
            raise WorkersLostError from error
        except KilledWorker as error:
            raise EngineError(WORKER_DIED) from error

    async def close(self) -> None:
        """Let go of the workers, and end those that were started here."""
        await self._client.close(timeout=1)  # type: ignore[no-untyped-call]
        if self._host is not None:
            self._host.stop()


async def _client(address: str) -> Client:
    client: Client = await Client(  # type: ignore[no-untyped-call]
        address,
        asynchronous=True,
        set_as_default=False,
        direct_to_workers=True,
        timeout=CONNECT_SECONDS,
    )
    await client.register_plugin(Prepared())
    return client
