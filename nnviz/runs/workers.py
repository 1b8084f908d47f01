"""A worker made ready: polite to the rest of the machine, one thread, everything imported."""

from __future__ import annotations

import os
from typing import Any

from distributed import WorkerPlugin

NICENESS = 5


class Prepared(WorkerPlugin):
    """Prepares every worker of a cluster, those that come later included."""

    name = "nnviz"

    def setup(self, worker: Any) -> None:
        """Lower the process's priority and take two steps of a tiny training."""
        if hasattr(os, "nice"):
            os.nice(max(0, NICENESS - os.nice(0)))
        # Imported here: the class travels to workers, and the training comes with torch.
        import torch

        from nnviz.spec import DataSpec, ExperimentSpec
        from nnviz.training import advance, initial_state

        torch.set_num_threads(1)
        advance(initial_state(ExperimentSpec(data=DataSpec(n_samples=40))), n_steps=2)
