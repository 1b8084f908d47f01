"""What stands in the columns of the drawing of a network: inputs, blocks, the output.

Shapes: K drawn units or channels, G cells a side, I channels that arrive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nnviz.records import DataRecord, FloatArray, LayerRecord, Snapshot

MAX_UNITS = 12
MAX_FEATURE_TILES = 12
MAX_KERNEL = 256
"""Weights of a kernel that are drawn: of many arriving channels only the first."""
RAMP = 16

Shows = Literal["plane", "positions", "mean", "nothing"]
"""What a column's tiles are: maps over the input plane, each channel's map for one example, mean
activations."""


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
    shows: Shows = "nothing"
    picture_HW: FloatArray | None = None
    """The example that is fed in, where it is an image: 0 to 1, its first row at the top."""
    kernels_KIHW: FloatArray | None = None
    """A convolution's kernels, scaled to [-1, 1] within the column."""

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
            "shows": self.shows,
            "picture": None if self.picture_HW is None else list(self.picture_HW.shape),
            "kernel": None if self.kernels_KIHW is None else list(self.kernels_KIHW.shape[1:]),
        }


def network_columns(
    snapshot: Snapshot,
    data: DataRecord | None = None,
    captions: tuple[str, ...] = (),
    example: int = 0,
) -> list[Column]:
    """The input, every block and the output, from left to right; `example` is a test point."""
    words = (*captions, *[""] * (len(snapshot.layers) + 1 - len(captions)))
    names = data.class_names if data is not None else ()
    blocks = zip((*snapshot.layers, snapshot.output), words, strict=False)
    return [
        _input(snapshot, data, example),
        *(
            _block(layer, text, names if layer is snapshot.output else (), example)
            for layer, text in blocks
        ),
    ]


def has_weights(left: Column, right: Column) -> bool:
    """Whether the weights between two columns can be drawn one by one."""
    weight = right.layer.weight_DF if right.layer is not None else None
    drawn = not left.is_box and not right.is_box
    return weight is not None and drawn and weight.shape[1] == left.n_units


def _input(snapshot: Snapshot, data: DataRecord | None, example: int) -> Column:
    n_inputs, names, caption = _inputs(snapshot, data)
    if data is not None and (picture := _picture(data, example)) is not None:
        return Column("input", caption, n_inputs, 1, True, None, None, picture_HW=picture)
    if n_inputs == 0 or n_inputs > MAX_FEATURE_TILES:
        return Column("input", caption, n_inputs, 1, True, None, None)
    if n_inputs > 2:
        values = np.zeros((n_inputs, 1, 1))
        return Column("input", caption, n_inputs, n_inputs, False, None, values, names, "mean")
    along_x = np.broadcast_to(np.linspace(-1, 1, RAMP), (RAMP, RAMP))
    values = np.stack([along_x, along_x.T][:n_inputs])
    return Column("input", caption, n_inputs, n_inputs, False, None, values, names, "plane")


def _picture(data: DataRecord, example: int) -> FloatArray | None:
    """A test point as an image, of a volume the middle slice; None for other data."""
    point = data.test_x[min(example, len(data.test_x) - 1)]
    if point.ndim not in (3, 4):
        return None
    picture_HW = np.asarray(point[0] if point.ndim == 3 else point[0, point.shape[1] // 2], float)
    low, high = float(data.test_x.min()), float(data.test_x.max())
    return np.asarray((picture_HW - low) / max(high - low, 1e-12))


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


def _block(layer: LayerRecord, caption: str, names: tuple[str, ...], example: int) -> Column:
    boxed = layer.kind == "flatten" or layer.n_units == 0
    drawn = 1 if boxed else min(layer.n_units, MAX_UNITS)
    unit_names = names if len(names) == layer.n_units else ()
    shows, values = ("nothing", None) if boxed else _unit_values(layer, example)
    kernels = _seen(layer, "kernels")
    return Column(
        layer.name, caption, layer.n_units, drawn, boxed, layer, values, unit_names, shows,
        kernels_KIHW=None if kernels is None else _kernels(kernels),
    )  # fmt: skip


def _unit_values(layer: LayerRecord, example: int) -> tuple[Shows, FloatArray | None]:
    """Maps where there are any, else mean activations, on the layer's own symmetric scale."""
    maps = _seen(layer, "maps")
    if layer.unit_maps_KGG is not None:
        return "plane", _scaled(np.asarray(layer.unit_maps_KGG[:MAX_UNITS], np.float32))
    if maps is not None and len(maps):
        return "positions", _scaled(_squares(maps[min(example, len(maps) - 1), :MAX_UNITS]))
    if layer.unit_mean_D is not None:
        return "mean", _scaled(np.asarray(layer.unit_mean_D[:MAX_UNITS], np.float32)[:, None, None])
    return "nothing", None


def _seen(layer: LayerRecord, name: str) -> FloatArray | None:
    return next((seen.values for seen in layer.seen if seen.name == name), None)


def _squares(maps: FloatArray) -> FloatArray:
    """Maps (K, H, W) or (K, T) as tiles of as many rows as columns, the first row at the top."""
    known = np.asarray(maps if maps.ndim == 3 else maps[:, None], np.float32)
    side = max(known.shape[1:])
    rows, columns = (np.arange(side) * n // side for n in known.shape[1:])
    return known[:, rows[::-1, None], columns]


def _kernels(values: FloatArray) -> FloatArray:
    """The drawn channels' kernels (K, I, H, W); a signal's have one row."""
    known = np.asarray(values[:MAX_UNITS], np.float32)
    known = known if known.ndim == 4 else known[:, :, None]
    return _scaled(known[:, : max(1, MAX_KERNEL // int(np.prod(known.shape[2:])))])


def _scaled(values: FloatArray) -> FloatArray:
    finite = np.abs(values[np.isfinite(values)])
    limit = float(finite.max()) if finite.size else 1.0
    return np.asarray(np.where(np.isfinite(values), values, np.nan) / max(limit, 1e-12))
