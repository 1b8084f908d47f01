"""One network learns: states, bursts of updates, snapshots."""

from nnviz.training.bursts import advance, advance_to, initial_state, is_early, train
from nnviz.training.device import resolve_device
from nnviz.training.fastest import device_of
from nnviz.training.state import TrainingState

__all__ = [
    "TrainingState",
    "advance",
    "advance_to",
    "device_of",
    "initial_state",
    "is_early",
    "resolve_device",
    "train",
]
