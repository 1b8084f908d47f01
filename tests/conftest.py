"""Every test computes on one thread, and the whole suite runs in several processes at once."""

from __future__ import annotations

import os
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # read when torch is loaded, here and in what tests start

import pytest
import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
settings.register_profile(
    "nnviz", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("nnviz")

MOST_PROCESSES = 4
TOGETHER = ("tests/browser/", "tests/runs/")
"""Folders whose tests share servers or worker processes: each stays in one process."""
ORDER = {"browser": 0, "runs": 1, "pages": 3}
"""The two folders that each stay in one process come first, small pieces last."""


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Plain `pytest` is spread over processes; tests that are named run in this one.

    `-n` says otherwise, and without pytest-xdist there is one process.
    """
    if hasattr(config, "workerinput"):  # one of the processes themselves
        return
    named = config.args_source == pytest.Config.ArgsSource.ARGS
    asked = config.getoption("numprocesses", 0) is not None or config.getoption("usepdb")
    if not asked and not named:
        config.option.numprocesses = min(MOST_PROCESSES, 1 + (os.cpu_count() or 1))
        config.option.dist = "loadscope"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browsers first: they wait while others compute."""
    items.sort(key=lambda item: ORDER.get(item.path.parent.name, 2))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """One file is one piece of work, and so is each folder of TOGETHER."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder = next((name for name in TOGETHER if nodeid.startswith(name)), None)
            return folder or nodeid.split("::", 1)[0]

    config.option.loadscopereorder = False
    return ByFile(config, log) if config.getoption("dist") == "loadscope" else None
