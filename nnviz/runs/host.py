"""The process beside the app that keeps Dask's scheduler and workers, and goes when the app goes.

Run as `python -m nnviz.runs.host` with an Order on its standard input. It prints the scheduler's
address and lives until its standard input ends, which happens however the app ends, killed
included; its workers in turn watch this process. Dask's own nannies are not used: the cluster they
belong to gives a worker up for good when it is away for longer than a time-out.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace

import psutil
from distributed import Scheduler
from distributed.system import MEMORY_LIMIT

from nnviz.runs.pool import Pool
from nnviz.runs.scratch import remove, remove_all, scratch
from nnviz.runs.settings import HOST, Order, take_order

LOOK_SECONDS = 0.25
END_SECONDS = 2.0
MEMORY_SHARE = 0.95
TRIES = "nnviz-tries"


class Child:
    """A worker's process, started on this machine."""

    def __init__(self, order: Order) -> None:
        self.name, self._scratch = order.name, order.scratch
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nnviz.runs.worker_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already, as `is_alive` will say
            self._process.stdin.write(order.to_line())
            self._process.stdin.flush()

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    @property
    def memory(self) -> int:
        """What it holds, in bytes."""
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def end(self) -> None:
        """Kill it if it is there, and take away what it has left."""
        assert self._process.stdin is not None
        self._process.kill()
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        remove(self._scratch)


def main() -> None:
    """Keep the workers until standard input ends, then leave at once: the workers do likewise."""
    pools: list[Pool] = []

    def leave(order: Order) -> None:
        for pool in pools:
            pool.end()
        remove_all(order.scratch)

    asyncio.run(_keep(take_order(leave), pools))


async def _keep(order: Order, pools: list[Pool]) -> None:
    with scratch(f"{order.scratch}-host") as folder:
        scheduler = await Scheduler(
            host=HOST,
            protocol="tls://",
            security=order.security,
            dashboard_address=f"{HOST}:0",
            local_directory=folder,
        )

    def start(name: str) -> Child:
        own = f"{order.scratch}-{name}"
        return Child(replace(order, scheduler=scheduler.address, name=name, scratch=own))

    limit = MEMORY_SHARE * MEMORY_LIMIT / order.n_workers
    pool = Pool(order.n_workers, start, limit)
    pools.append(pool)
    print(scheduler.address, flush=True)
    while True:
        pool.look({str(worker.name): worker.last_seen for worker in scheduler.workers.values()})
        scheduler.set_metadata(keys=[TRIES], value=pool.n_tries)
        await asyncio.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
