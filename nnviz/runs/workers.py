"""A worker made ready: everything imported, one thread, polite to the rest of the machine."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from distributed import WorkerPlugin

NICENESS = 5


def prepare() -> None:
    """Take two steps of a tiny training, which loads all there is to load; then be modest."""
    # Imported here: the plugin below travels from the app, and the training comes with torch.
    import torch

    from nnviz.spec import DataSpec, ExperimentSpec
    from nnviz.training import advance, initial_state

    torch.set_num_threads(1)
    advance(initial_state(ExperimentSpec(data=DataSpec(n_samples=40))), n_steps=2)
    if hasattr(os, "nice"):
        os.nice(max(0, NICENESS - os.nice(0)))


class Prepared(WorkerPlugin):
    """Prepares every worker of a cluster, those that come later included."""

    name = "nnviz"

    def setup(self, worker: Any) -> None:
        """Prepare the process unless it is prepared already."""
        prepare()


def kind_of_machine() -> str:
    """What decides over the last digits of a training: the processor and torch."""
    # Imported here: this too travels from the app.
    import platform

    import torch

    model = platform.processor()
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as told:
        model = next((line for line in told if line.startswith("model name")), model).strip()
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return f"{model}, {torch.backends.cpu.get_cpu_capability()}, {gpu}, torch {torch.__version__}"
