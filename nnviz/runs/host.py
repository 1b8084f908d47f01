"""The process beside the app that keeps Dask's scheduler and workers, and goes when the app goes.

Run as `python -m nnviz.runs.host N_WORKERS`. It prints the scheduler's address and lives until
its standard input ends, which happens however the app ends, killed included; its workers in turn
watch this process. Dask's LocalCluster starts each worker by executing the main module anew, so
that module must be this one and not the app.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile

import dask
from distributed import LocalCluster

CONFIG = {
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.allowed-failures": 2,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.tick.limit": "1h",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
}


def main() -> None:
    """Keep the cluster until standard input ends, then leave at once: the workers do likewise."""
    directory = tempfile.mkdtemp(prefix="nnviz-")
    dask.config.set(CONFIG | {"temporary-directory": directory})
    cluster = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=int(sys.argv[1]),
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        silence_logs=logging.CRITICAL,
    )
    print(cluster.scheduler_address, flush=True)
    sys.stdin.buffer.read()
    shutil.rmtree(directory, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
