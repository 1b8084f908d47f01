"""A worker made ready: everything imported, one thread, polite to the rest of the machine."""

from __future__ import annotations

import os
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
