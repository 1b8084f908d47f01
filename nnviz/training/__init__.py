"""One network learns: states, bursts of updates, snapshots."""

from nnviz.training.bursts import advance, advance_lanes, initial_state, train
from nnviz.training.device import resolve_device
from nnviz.training.state import TrainingState

__all__ = [
    "TrainingState",
    "advance",
    "advance_lanes",
    "initial_state",
    "resolve_device",
    "train",
]
