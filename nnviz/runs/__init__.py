"""Live runs: registry, bursts on the engine's workers, history, saving."""

from nnviz.runs.changes import difference, lanes_difference, needs_new_network
from nnviz.runs.engine import Engine, engine
from nnviz.runs.fair_queue import EngineError
from nnviz.runs.history import History
from nnviz.runs.registry import RunRegistry, TooManyRunsError, registry
from nnviz.runs.reports import Event, RunStatus
from nnviz.runs.run import Run
from nnviz.runs.saving import SavedRun, history_frame, layers_frame, read_run, save_run
from nnviz.runs.sweep import Sweep, SweepRegistry, TooManySweepsError, sweeps

__all__ = [
    "Engine",
    "EngineError",
    "Event",
    "History",
    "Run",
    "RunRegistry",
    "RunStatus",
    "SavedRun",
    "Sweep",
    "SweepRegistry",
    "TooManyRunsError",
    "TooManySweepsError",
    "difference",
    "engine",
    "history_frame",
    "lanes_difference",
    "layers_frame",
    "needs_new_network",
    "read_run",
    "registry",
    "save_run",
    "sweeps",
]
