"""The settings in which lanes may differ, each with its widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nnviz.base import Spec
from nnviz.spec import DenseBlock, ExperimentSpec
from nnviz.spec.comparison import DEPTH, WIDTH
from nnviz.spec.fields import described
from nnviz.spec.network import MAX_BLOCKS
from nnviz.ui.compare.document import value_in_base
from nnviz.ui.controls.fields import setting, whole
from nnviz.ui.document import Document


@dataclass(frozen=True)
class LaneField:
    """A setting by its dotted path, drawn and named as the field of the spec tells."""

    path: str
    name: str = ""
    start: Any = None
    """Where the base has no such setting or None there."""
    model: type[Spec] = ExperimentSpec

    @property
    def label(self) -> str:
        """The setting in words."""
        return self.name or described(self.model, self.path).label

    def draw(self, own: Document, key: str) -> None:
        """Show an override's value and read it back."""
        match self.path:
            case path if path == DEPTH:
                whole(own, "value", self.label, 0, MAX_BLOCKS, key)
            case "network.track_running_stats":
                setting(own, self.model, self.path, key, field="value", choices=(True, False),
                        show=on_or_off)  # fmt: skip
            case path:
                name = "width" if path == WIDTH else path
                setting(own, self.model, name, key, field="value", label=self.label)


def on_or_off(value: object) -> str:
    """A switch's value in words."""
    return "on" if value else "off"


_FIELDS = (
    LaneField("network.normalization"),
    LaneField("network.placement"),
    LaneField("network.activation"),
    LaneField("network.initialization.name"),
    LaneField("network.dropout"),
    LaneField(WIDTH, "Units of every dense block", 8, DenseBlock),
    LaneField(DEPTH, "Number of dense blocks", 2),
    LaneField("training.optimizer.name"),
    LaneField("training.optimizer.learning_rate"),
    LaneField("training.batch_size"),
    LaneField("training.optimizer.weight_decay"),
    LaneField("training.l1"),
    LaneField("training.clip_norm", "", 1.0),
    LaneField("training.label_smoothing"),
    LaneField("training.schedule.name"),
    LaneField("training.optimizer.momentum", "Optimizer's momentum", 0.9),
    LaneField("training.seed"),
    LaneField("network.momentum"),
    LaneField("network.track_running_stats"),
    LaneField("network.groups", "Normalization groups"),
    LaneField("network.dropout_kind"),
    LaneField("data.label_noise"),
    LaneField("data.noise", "Noise of the data", 0.1),
    LaneField("data.n_samples", "", 400),
    LaneField("data.length", "Length of the rows", 20),
    LaneField("data.scaling"),
)
LANE_FIELDS: dict[str, LaneField] = {field.path: field for field in _FIELDS}


def start_value(path: str, base: Document) -> Any:
    """What a new override of this setting starts from: the base's own value."""
    if path in (WIDTH, DEPTH):
        widths = [block["width"] for block in base["network"]["blocks"] if "width" in block]
        if path == DEPTH:
            return len(widths)
        return widths[0] if widths else LANE_FIELDS[path].start
    found = value_in_base(path, base)
    return LANE_FIELDS[path].start if found is None else found
