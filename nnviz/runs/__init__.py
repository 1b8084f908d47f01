"""Trajectories and readers' places on them, computed on the engine's workers; saving."""

from nnviz.runs.changes import difference, lanes_difference, needs_new_network
from nnviz.runs.engine import Engine, engine
from nnviz.runs.fair_queue import EngineError
from nnviz.runs.history import History
from nnviz.runs.path import Path
from nnviz.runs.reports import Event, RunStatus
from nnviz.runs.run import Run
from nnviz.runs.saving import SavedRun, history_frame, layers_frame, read_run, save_run
from nnviz.runs.shelf import NoPlaceError, Shelf, shelf
from nnviz.runs.sweep import Sweep

__all__ = [
    "Engine",
    "EngineError",
    "Event",
    "History",
    "NoPlaceError",
    "Path",
    "Run",
    "RunStatus",
    "SavedRun",
    "Shelf",
    "Sweep",
    "difference",
    "engine",
    "history_frame",
    "lanes_difference",
    "layers_frame",
    "needs_new_network",
    "read_run",
    "save_run",
    "shelf",
]
