"""What stands in the columns of the drawing of a network: inputs, blocks, the output.

Shapes: K drawn units, G grid points a side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.records import DataRecord, FloatArray, LayerRecord, Snapshot

MAX_UNITS = 12
MAX_FEATURE_TILES = 12
RAMP = 16


@dataclass(frozen=True)
class Column:
    """One column of the drawing: the input features, a block, or the output."""

    name: str
    caption: str
    n_units: int
    n_drawn: int
    is_box: bool
    """Whether one box stands for all units, as for images and flattened values."""
    layer: LayerRecord | None
    values_KGG: FloatArray | None
    """What each drawn unit shows, scaled to [-1, 1] within the column; NaN is missing."""
    unit_names: tuple[str, ...] = ()

    @property
    def n_tiles(self) -> int:
        """Units with a tile of their own."""
        return 0 if self.is_box else self.n_drawn

    def words(self) -> dict[str, Any]:
        """All that does not change from step to step."""
        return {
            "name": self.name,
            "caption": self.caption,
            "kind": "input" if self.layer is None else self.layer.kind,
            "n_units": self.n_units,
            "n_drawn": self.n_drawn,
            "n_hidden": 0 if self.is_box else self.n_units - self.n_drawn,
            "is_box": self.is_box,
            "unit_names": list(self.unit_names),
        }


def network_columns(
    snapshot: Snapshot, data: DataRecord | None = None, captions: tuple[str, ...] = ()
) -> list[Column]:
    """The input, every block and the output, from left to right."""
    words = (*captions, *[""] * (len(snapshot.layers) + 1 - len(captions)))
    names = data.class_names if data is not None else ()
    blocks = zip((*snapshot.layers, snapshot.output), words, strict=False)
    return [
        _input(snapshot, data),
        *(_block(layer, text, names if layer is snapshot.output else ()) for layer, text in blocks),
    ]


def has_weights(left: Column, right: Column) -> bool:
    """Whether the weights between two columns can be drawn one by one."""
    weight = right.layer.weight_DF if right.layer is not None else None
    drawn = not left.is_box and not right.is_box
    return weight is not None and drawn and weight.shape[1] == left.n_units


def _input(snapshot: Snapshot, data: DataRecord | None) -> Column:
    n_inputs, names, caption = _inputs(snapshot, data)
    image = data is not None and data.image_shape is not None
    if n_inputs == 0 or n_inputs > MAX_FEATURE_TILES or image:
        return Column("input", caption, n_inputs, 1, True, None, None)
    values = np.zeros((n_inputs, 1, 1))
    if n_inputs <= 2:
        along_x = np.broadcast_to(np.linspace(-1, 1, RAMP), (RAMP, RAMP))
        values = np.stack([along_x, along_x.T][:n_inputs])
    return Column("input", caption, n_inputs, n_inputs, False, None, values, names)


def _inputs(snapshot: Snapshot, data: DataRecord | None) -> tuple[int, tuple[str, ...], str]:
    if data is not None:
        shape = data.train_x.shape[1:]
        caption = " × ".join(str(n) for n in data.image_shape or ())
        return int(np.prod(shape)), data.feature_names, caption
    for layer in (*snapshot.layers, snapshot.output):
        if layer.weight_DF is not None:
            return layer.weight_DF.shape[1], (), ""
        if layer.is_learned:
            break
    return 0, (), ""


def _block(layer: LayerRecord, caption: str, names: tuple[str, ...]) -> Column:
    boxed = layer.kind == "flatten" or layer.n_units == 0
    drawn = 1 if boxed else min(layer.n_units, MAX_UNITS)
    unit_names = names if len(names) == layer.n_units else ()
    shown = None if boxed else _unit_values(layer)
    return Column(layer.name, caption, layer.n_units, drawn, boxed, layer, shown, unit_names)


def _unit_values(layer: LayerRecord) -> FloatArray | None:
    """Maps where there are any, else mean activations, on the layer's own symmetric scale."""
    if layer.unit_maps_KGG is not None:
        values = np.asarray(layer.unit_maps_KGG[:MAX_UNITS], np.float32)
    elif layer.unit_mean_D is not None:
        values = np.asarray(layer.unit_mean_D[:MAX_UNITS], np.float32)[:, None, None]
    else:
        return None
    finite = np.abs(values[np.isfinite(values)])
    limit = float(finite.max()) if finite.size else 1.0
    return np.asarray(np.where(np.isfinite(values), values, np.nan) / max(limit, 1e-12))
