"""Where everything in the drawing of a network stands: columns of tiles on common rows.

Shapes: K drawn units, G grid points a side. Lengths are about pixels of its panel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.records import DataRecord, FloatArray, LayerRecord, Snapshot

WIDTH, HEIGHT = 720.0, 380.0
LABEL_ROOM, TOP_ROOM, SIDE_ROOM = 54.0, 4.0, 20.0
NAMES_ROOM = 40.0
MAX_UNITS = 12
MAX_FEATURE_TILES = 12
LARGEST_TILE = 64.0


@dataclass(frozen=True)
class Column:
    """One column of the drawing: the input features, a block, or the output."""

    name: str
    caption: str
    x: float
    y_K: FloatArray
    slots_K: tuple[int, ...]
    n_units: int
    is_box: bool
    layer: LayerRecord | None
    values_KGG: FloatArray | None
    """What each drawn unit shows, scaled to [-1, 1] within the column; NaN is missing."""
    unit_names: tuple[str, ...] = ()

    @property
    def n_hidden(self) -> int:
        """Units that are not drawn."""
        return 0 if self.is_box else self.n_units - len(self.y_K)


@dataclass(frozen=True)
class NetworkLayout:
    """Columns from input to output, and the size that all tiles have."""

    columns: tuple[Column, ...]
    n_rows: int
    row_pitch: float
    column_pitch: float
    tile: float

    @property
    def box_half_height(self) -> float:
        """Half the height of a box that stands for many values."""
        room = (HEIGHT - LABEL_ROOM - TOP_ROOM) / 2 - 4
        return min(max(self.n_rows * self.row_pitch / 2 - 4, 60.0), room)

    @property
    def bottom(self) -> float:
        """Height below which nothing but words is drawn."""
        if any(column.is_box for column in self.columns):
            return self.row_center((self.n_rows - 1) / 2) - self.box_half_height
        return self.row_center(self.n_rows - 1) - self.tile / 2

    def row_center(self, slot: float) -> float:
        """Height of a row; row 0 is at the top."""
        room = HEIGHT - LABEL_ROOM - TOP_ROOM
        top = LABEL_ROOM + (room + self.n_rows * self.row_pitch) / 2
        return top - (slot + 0.5) * self.row_pitch


@dataclass(frozen=True)
class _Content:
    name: str
    caption: str
    n_units: int
    n_drawn: int
    is_box: bool
    layer: LayerRecord | None
    values_KGG: FloatArray | None
    unit_names: tuple[str, ...] = ()


def network_layout(
    snapshot: Snapshot, data: DataRecord | None = None, captions: tuple[str, ...] = ()
) -> NetworkLayout:
    """Place the input, every block and the output."""
    words = (*captions, *[""] * (len(snapshot.layers) + 1 - len(captions)))
    contents = [_input_content(snapshot, data)]
    blocks = zip((*snapshot.layers, snapshot.output), words, strict=False)
    names = data.class_names if data is not None else ()
    for layer, caption in blocks:
        contents.append(_layer_content(layer, caption, names if layer is snapshot.output else ()))
    n_rows = max(content.n_drawn for content in contents)
    row_pitch = min((HEIGHT - LABEL_ROOM - TOP_ROOM) / n_rows, LARGEST_TILE * 1.2)
    right_room = NAMES_ROOM if contents[-1].unit_names else 0.0
    column_pitch = (WIDTH - 2 * SIDE_ROOM - right_room) / len(contents)
    tile = min(row_pitch * 0.86, column_pitch * 0.5, LARGEST_TILE)
    empty = NetworkLayout((), n_rows, row_pitch, column_pitch, tile)
    columns = tuple(_placed(content, index, empty) for index, content in enumerate(contents))
    return NetworkLayout(columns, n_rows, row_pitch, column_pitch, tile)


def _placed(content: _Content, index: int, frame: NetworkLayout) -> Column:
    first = (frame.n_rows - content.n_drawn) // 2
    slots = tuple(range(first, first + content.n_drawn))
    heights = np.array([frame.row_center(slot) for slot in slots])
    if content.is_box:
        heights = np.array([frame.row_center((frame.n_rows - 1) / 2)])
    return Column(
        content.name,
        content.caption,
        SIDE_ROOM + (index + 0.5) * frame.column_pitch,
        heights,
        slots,
        content.n_units,
        content.is_box,
        content.layer,
        content.values_KGG,
        content.unit_names,
    )


def _input_content(snapshot: Snapshot, data: DataRecord | None) -> _Content:
    n_inputs, names, caption = _inputs(snapshot, data)
    image = data is not None and data.image_shape is not None
    if n_inputs == 0 or n_inputs > MAX_FEATURE_TILES or image:
        return _Content("input", caption, n_inputs, 1, True, None, None)
    ramp = np.linspace(-1, 1, 16)
    values = np.zeros((n_inputs, 1, 1))
    if n_inputs <= 2:
        along_x = np.broadcast_to(ramp, (16, 16))
        values = np.stack([along_x, along_x.T][:n_inputs])
    return _Content("input", caption, n_inputs, n_inputs, False, None, values, names)


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


def _layer_content(layer: LayerRecord, caption: str, names: tuple[str, ...]) -> _Content:
    values = _unit_values(layer)
    boxed = layer.kind == "flatten" or layer.n_units == 0
    drawn = 1 if boxed else min(layer.n_units, MAX_UNITS)
    unit_names = names if len(names) == layer.n_units else ()
    shown = None if boxed else values
    return _Content(layer.name, caption, layer.n_units, drawn, boxed, layer, shown, unit_names)


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
