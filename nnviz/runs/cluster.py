"""Where the work is done: Dask's own processes on this machine, or a cluster named by address."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any
from uuid import uuid4

import dask
from distributed import Client, Future, KilledWorker
from distributed.comm.core import CommClosedError

from nnviz.runs.fair_queue import EngineError, WorkerDiedError, WorkersLostError
from nnviz.runs.host import TRIES
from nnviz.runs.local import STOP_SECONDS, LocalHost
from nnviz.runs.pool import HANG_SECONDS
from nnviz.runs.pulse import Pulse
from nnviz.runs.workers import Prepared, kind_of_machine

CONNECT_SECONDS = 10
START_SECONDS = 60.0
LOOK_SECONDS = 3.0
N_LOOKS = 2
GROUP = "nnviz"
CONFIG = {
    "distributed.admin.large-graph-warning-threshold": "1GB",
    "distributed.diagnostics.computations.nframes": 0,
}


class Cluster:
    """A connection to workers; lives on one event loop.

    Dask keeps statistics for each group of tasks of one name and starts a group anew, without
    letting go of the old one, when its last task is gone. One task is kept so that there is only
    one group, however many bursts there are. The latest result is let go when the next call is
    sent: alone, that message would hold up the call behind it for 10 ms.
    """

    def __init__(self, client: Client, host: LocalHost | None) -> None:
        self._client = client
        self._host = host
        self._pulse = Pulse()
        self._scheduler_id, self._answers = "", True
        self._kinds: dict[str, str] = {}
        self._kind = ""
        self._kept = client.submit(int, key=f"{GROUP}-0")
        self._latest: Future[Any] | None = None

    @classmethod
    async def connect(cls, address: str | None, n_workers: int | None) -> Cluster:
        """The cluster at `address`, or a new one on this machine. Raises EngineError, OSError."""
        dask.config.set(CONFIG)
        for name in ("distributed", "distributed.client"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        if address is not None:
            return cls(await _client(address), None)
        host = await asyncio.to_thread(LocalHost, n_workers)
        try:
            started = asyncio.to_thread(host.address)
            own_address = await asyncio.wait_for(started, START_SECONDS)
            return cls(await _client(own_address, security=host.order.security), host)
        except BaseException as error:
            host.stop(0.0)
            if isinstance(error, TimeoutError):
                raise OSError("their keeper hangs") from error
            raise

    @property
    def is_alive(self) -> bool:
        """Whether work may still be sent."""
        return self._client.status == "running" and (self._host is None or self._host.is_alive)

    async def look(self) -> tuple[dict[str, int], int]:
        """Threads by address of the workers that are there and answer; vain tries to start one.

        Raises OSError when the scheduler doesn't answer, or is another one than before.
        """
        known = await self._asked("identity", n_workers=-1)
        if self._scheduler_id not in ("", known["id"]):
            raise OSError("the scheduler has been started again")
        self._scheduler_id = known["id"]
        workers = known["workers"]
        silence = self._pulse.look({name: told["last_seen"] for name, told in workers.items()})
        up = {
            name: int(told["nthreads"])
            for name, told in workers.items()
            if told["status"] == "running" and silence[name] < HANG_SECONDS
        }
        if self._host is None:
            up = await self._of_one_kind(up)
        tries = 0 if up else await self._asked("get_metadata", keys=[TRIES], default=0)
        return up, int(tries)

    async def _of_one_kind(self, up: dict[str, int]) -> dict[str, int]:
        """Those on the same kind of machine: another one gives other last digits.

        It is the kind with most threads, and remains so while any of it are there.
        """
        if new := [name for name in up if name not in self._kinds]:
            asking = self._client.run(kind_of_machine, workers=new, on_error="ignore")
            with suppress(TimeoutError):
                self._kinds |= await asyncio.wait_for(asking, LOOK_SECONDS)
        threads: Counter[str] = Counter()
        for name, n in up.items():
            if name in self._kinds:
                threads[self._kinds[name]] += n
        if self._kind not in threads:
            self._kind = max(threads, key=threads.__getitem__, default="")
        return {name: n for name, n in up.items() if self._kinds.get(name) == self._kind}

    async def _asked(self, question: str, **arguments: Any) -> Any:
        """The scheduler's answer. Raises OSError when there is none, asked twice."""
        for _ in range(N_LOOKS):
            try:
                asking = getattr(self._client.scheduler, question)(**arguments)
                answer = await asyncio.wait_for(asking, LOOK_SECONDS)
                self._answers = True
            except TimeoutError:
                self._answers = False
            else:
                return answer
        raise OSError("the scheduler does not answer")

    async def call(self, worker: str, function: Any, *arguments: Any) -> Any:
        """What `function` returns on that worker, or raises there.

        Raises WorkerDiedError or WorkersLostError when it can't be had.
        """
        key = f"{GROUP}-{uuid4().int}"
        try:
            future = self._client.submit(function, *arguments, key=key, workers=[worker])
            self._latest = None
            result = await future
        except (CommClosedError, asyncio.CancelledError, CancelledError) as error:
            raise WorkersLostError("the workers were lost") from error
        except KilledWorker as error:
            raise WorkerDiedError("the worker was lost") from error
        self._latest = future
        return result

    def end_worker(self, worker: str) -> None:
        """End a worker's process: whoever keeps it starts another."""
        with suppress(OSError, RuntimeError):
            ended = self._client.run(os._exit, 1, workers=[worker], on_error="ignore")
            asyncio.ensure_future(ended).add_done_callback(_ignored)

    async def close(self) -> None:
        """Let go of the workers, and end those that were started here."""
        with suppress(TimeoutError, OSError):
            await asyncio.wait_for(self._client.close(timeout=1), LOOK_SECONDS)  # type: ignore[no-untyped-call]
        if self._host is not None:
            self._host.stop(STOP_SECONDS if self._answers else 0.0)


async def _client(address: str, **security: Any) -> Client:
    try:
        client: Client = await Client(  # type: ignore[no-untyped-call]
            address,
            asynchronous=True,
            set_as_default=False,
            direct_to_workers=True,
            timeout=CONNECT_SECONDS,
            **security,
        )
        await asyncio.wait_for(client.register_plugin(Prepared()), CONNECT_SECONDS)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise EngineError(f"no Dask scheduler at {address}") from error
    return client


def _ignored(ended: asyncio.Future[Any]) -> None:
    """Take note of what came of it, so that nobody complains that nobody did."""
    if not ended.cancelled():
        ended.exception()
