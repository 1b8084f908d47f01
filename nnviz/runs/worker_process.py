"""One worker on this machine, which goes when the process that keeps it goes.

Run as `python -m nnviz.runs.worker_process` with an Order on its standard input. It gets ready
before it says that it is there: from then on it is never silent for long.
"""

from __future__ import annotations

import asyncio
import os

from distributed import Worker

from nnviz.runs.scratch import remove, scratch
from nnviz.runs.settings import HOST, Order, take_order
from nnviz.runs.workers import prepare

CONNECT_SECONDS = 30


def main() -> None:
    """Work until the scheduler or the parent is gone."""
    order = take_order(lambda order: remove(order.scratch))
    asyncio.run(_work(order))
    os._exit(0)


async def _work(order: Order) -> None:
    with scratch(order.scratch) as folder:
        prepare()
        worker = await Worker(
            order.scheduler,
            name=order.name,
            nthreads=1,
            host=HOST,
            security=order.security,
            local_directory=folder,
            memory_limit=0,
            dashboard_address=f"{HOST}:0",
            death_timeout=CONNECT_SECONDS,
        )
    await worker.finished()


if __name__ == "__main__":
    main()
