"""Keeps workers at hand: connects, looks after them, and connects anew whenever they are lost."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from nnviz.runs.fair_queue import EngineError, SettingError
from nnviz.runs.listeners import Listeners
from nnviz.runs.outage import Outage, pause_seconds

if TYPE_CHECKING:
    from nnviz.runs.cluster import Cluster

LOOK_EVERY_SECONDS = 0.5
STARTING = "Starting the worker processes; this takes a few seconds once."
LOST_SECONDS = 5.0
"""Within this time a worker that was lost has ended, or is found to be silent."""

EngineStatus = Literal["off", "starting", "ready", "waiting", "failed", "closed"]


class Keeper:
    """Belongs to the event loop; `status`, `workers` and `message` may be read from anywhere.

    "starting" is the time before there ever were workers, "waiting" the time without them later.
    It never gives up: it "failed" only when it was set up wrongly, or by a mistake of ours.
    `workers` are the threads of each worker by its address; `on_look` is called after each look,
    `listeners` whenever the workers come or go, or what is told of them may be another text.
    """

    def __init__(
        self,
        address: str | None,
        n_workers: int | None,
        on_look: Callable[[], None],
        on_failure: Callable[[EngineError], None],
    ) -> None:
        self.status: EngineStatus = "off"
        self.workers: dict[str, int] = {}
        self.cluster: Cluster | None = None
        self.settled = threading.Event()
        self.listeners = Listeners()
        self._address, self._n_workers = address, n_workers
        self._on_look, self._on_failure = on_look, on_failure
        self._outage = Outage(
            STARTING if address is None else f"Connecting to the Dask scheduler at {address}."
        )
        self._failure = ""
        self._lost: dict[str, float] = {}
        self._keeping: asyncio.Task[None] | None = None

    @property
    def message(self) -> str:
        """Why there are no workers, since when, and what is done about it; or nothing."""
        return self._failure if self.status == "failed" else self._outage.text

    def start(self) -> None:
        """See to it that there are workers, from now on."""
        if self.status in ("off", "failed"):
            self.status = "starting"
            self.settled.clear()
            self._outage.begin()
            self._keeping = asyncio.get_running_loop().create_task(self._keep())
            self._keeping.add_done_callback(self._kept)
            self.listeners.ring()

    def lose(self, worker: str) -> None:
        """This worker is not to be had, whatever the next looks say of it."""
        self._lost[worker] = time.monotonic() + LOST_SECONDS
        self.workers = {name: n for name, n in self.workers.items() if name != worker}

    async def close(self) -> None:
        """Let go of the workers and end those that were started here."""
        self.status = "closed"
        self.listeners.ring()
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def _keep(self) -> None:
        # Imported here: Dask takes half a second, which the app's thread need not wait for.
        from nnviz.runs.cluster import Cluster

        while True:
            try:
                cluster = await Cluster.connect(self._address, self._n_workers)
            except SettingError:
                raise
            except (EngineError, OSError) as error:
                self._outage.n_tries += 1
                is_told = isinstance(error, EngineError)
                what = str(error) if is_told else f"no worker processes ({error})"
                self._outage.tell(_capital(what), "trying again")
                self.listeners.ring()
                await asyncio.sleep(pause_seconds(self._outage.n_tries + 1))
                continue
            try:
                self.cluster = cluster
                await self._watch(cluster)
            finally:
                self.cluster = None
                self._found({})
                await cluster.close()

    async def _watch(self, cluster: Cluster) -> None:
        while cluster.is_alive:
            try:
                workers, n_tries = await cluster.look()
            except OSError:
                return
            self._found(workers)
            if not workers:
                self._tell(n_tries)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _found(self, workers: dict[str, int]) -> None:
        now, was = time.monotonic(), self.status
        self._lost = {
            name: end for name, end in self._lost.items() if name in workers and end > now
        }
        self.workers = {name: n for name, n in workers.items() if name not in self._lost}
        if self.workers:
            self.status = "ready"
            self._outage.end()
            self.settled.set()
        elif self.status == "ready":
            self.status = "waiting"
            self._outage.begin()
        if self.status != was or not self.workers:
            self.listeners.ring()
        self._on_look()

    def _tell(self, n_tries: int) -> None:
        if self._address is None:
            self._outage.n_tries = n_tries
            if n_tries > 1 or not self._outage.is_first:
                self._outage.tell("No workers", "starting them again")
        else:
            self._outage.n_tries = 0
            self._outage.tell(f"No workers at the cluster {self._address}", "waiting for them")

    def _kept(self, keeping: asyncio.Task[None]) -> None:
        """What can't be helped must not leave anybody waiting for ever."""
        if keeping.cancelled() or (error := keeping.exception()) is None:
            return
        if not isinstance(error, EngineError):
            error = EngineError(f"the worker processes could not be kept: {error}")
        self.status, self._failure = "failed", str(error)
        self.settled.set()
        self.listeners.ring()
        self._on_failure(error)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
