"""The settings in which lanes may differ, each with its widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.dropouts import DROPOUT_KINDS
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.spec.comparison import DEPTH, WIDTH
from nnviz.spec.network import MAX_BLOCKS
from nnviz.ui.compare.document import value_in_base
from nnviz.ui.controls.fields import choice, magnitude, share, whole
from nnviz.ui.controls.training import PENALTIES, RATES
from nnviz.ui.document import Document

Draw = Callable[[Document, str, str], object]
"""(override, label, widget path): shows override["value"] and reads it back."""


@dataclass(frozen=True)
class LaneField:
    """A setting by its dotted path."""

    label: str
    draw: Draw
    start: Any = None
    """Where the base has no such setting or None there."""


def _one_of(options: list[Any]) -> Draw:
    return lambda part, label, path: choice(part, "value", label, options, path)


def _number(offered: tuple[float, ...]) -> Draw:
    return lambda part, label, path: magnitude(part, "value", label, offered, path, label + ".")


def _whole(low: int, high: int) -> Draw:
    return lambda part, label, path: whole(part, "value", label, low, high, path)


def _share(high: float) -> Draw:
    return lambda part, label, path: share(part, "value", label, high, path)


LANE_FIELDS: dict[str, LaneField] = {
    "network.normalization": LaneField("Normalization", _one_of(list(NORMALIZATIONS))),
    "network.placement": LaneField("Normalization stands", _one_of(["before", "after"])),
    "network.activation": LaneField("Activation", _one_of(list(ACTIVATIONS))),
    "network.initialization.name": LaneField("Initial weights", _one_of(list(INITIALIZERS))),
    "network.dropout": LaneField("Dropout", _share(0.95)),
    WIDTH: LaneField("Units of every dense block", _whole(1, 1024), 8),
    DEPTH: LaneField("Number of dense blocks", _whole(0, MAX_BLOCKS), 2),
    "training.optimizer.name": LaneField("Optimizer", _one_of(list(OPTIMIZERS))),
    "training.optimizer.learning_rate": LaneField("Learning rate", _number(RATES)),
    "training.batch_size": LaneField("Batch size", _whole(1, 4096)),
    "training.optimizer.weight_decay": LaneField("L2 penalty", _number(PENALTIES)),
    "training.l1": LaneField("L1 penalty", _number(PENALTIES)),
    "training.label_smoothing": LaneField("Label smoothing", _share(0.9)),
    "training.schedule.name": LaneField("Schedule", _one_of(list(SCHEDULES))),
    "training.optimizer.momentum": LaneField("Optimizer's momentum", _share(0.99), 0.9),
    "training.seed": LaneField("Training seed", _whole(0, 2**31 - 1)),
    "network.momentum": LaneField(
        "Momentum of running statistics", _one_of([0.01, 0.1, 0.3, 1.0, "cumulative"])
    ),
    "network.track_running_stats": LaneField("Running statistics", _one_of([True, False])),
    "network.groups": LaneField("Normalization groups", _whole(1, 1024)),
    "network.dropout_kind": LaneField("Dropout drops", _one_of(list(DROPOUT_KINDS))),
    "data.label_noise": LaneField("Label noise", _share(0.9)),
    "data.noise": LaneField("Noise of the data", _share(1.0), 0.1),
    "data.n_samples": LaneField("Points", _whole(20, 10_000), 400),
    "data.scaling": LaneField("Scaling", _one_of(["standard", "minmax", "none"])),
}


def start_value(path: str, base: Document) -> Any:
    """What a new override of this setting starts from: the base's own value."""
    if path in (WIDTH, DEPTH):
        widths = [block["width"] for block in base["network"]["blocks"] if "width" in block]
        if path == DEPTH:
            return len(widths)
        return widths[0] if widths else LANE_FIELDS[path].start
    found = value_in_base(path, base)
    return LANE_FIELDS[path].start if found is None else found
