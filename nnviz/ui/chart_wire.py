"""How figures travel to the browser: one message of JSON and raw bytes, keyframes and patches.

A message is `uint32 length | JSON header | padding | arrays`, little-endian, every array aligned
to eight bytes from the start. In the header an array is `{"$array": [offset, dtype, …shape]}`.
A *keyframe* holds whole panels. A *patch* holds what differs from a keyframe, never from the
message before it: the browser may skip messages, and any one patch is enough to catch up.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALIGNMENT = 8
INT32 = np.iinfo(np.int32)
LONG_LIST = 32

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WireArray:
    """The bytes of one array; equal when dtype, shape and bytes are."""

    dtype: str
    shape: tuple[int, ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class WirePanel:
    """One panel ready to be sent or compared: words and sizes, layout, traces."""

    id: str
    meta: Json
    layout: Json
    traces: list[Json]


def encode_array(array: NDArray[Any]) -> WireArray | list[Any]:
    """Numbers become float32, int32 or uint8; anything else becomes a list.

    float64 loses digits beyond the seventh and becomes infinite (drawn as missing) beyond 3.4e38:
    a screen shows neither. Integers that do not fit into int32 stay exact up to 2**53.
    """
    kind = array.dtype.kind
    if kind == "f":
        with np.errstate(over="ignore"):
            return _raw(array, "float32")
    if kind == "b" or array.dtype == np.uint8:
        return _raw(array, "uint8")
    if kind in "iu":
        wide = array.dtype.itemsize > 4 or array.dtype == np.uint32
        fits = not wide or not array.size or INT32.min <= array.min() <= array.max() <= INT32.max
        return _raw(array, "int32" if fits else "float64")
    return [encode(value) for value in array.tolist()]


def _raw(array: NDArray[Any], dtype: str) -> WireArray:
    return WireArray(dtype, array.shape, array.astype(f"<{np.dtype(dtype).str[1:]}").tobytes())


def encode(value: Any) -> Any:
    """The same figure value made of JSON types and `WireArray`; non-finite numbers become null."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, np.ndarray):
        return encode_array(value)
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return _encode_list(value)
    if isinstance(value, np.generic):
        return encode(value.item())
    if hasattr(value, "to_numpy"):
        return encode_array(value.to_numpy())
    if hasattr(value, "_props"):
        return encode(value._props)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"a figure may hold numbers, text, lists and arrays; got {type(value)!r}")


def _encode_list(values: Sequence[Any]) -> Any:
    if len(values) >= LONG_LIST and all(type(value) in (int, float) for value in values):
        return encode_array(np.asarray(values))
    return [encode(value) for value in values]


def encode_figure(figure: Any) -> tuple[list[Json], Json]:
    """Traces and layout of a `go.Figure` or of a plain `{"data": …, "layout": …}`.

    Reads a `go.Figure`'s own dictionaries: its public export copies and validates everything. The
    template is left behind, the browser has the theme.
    """
    if isinstance(figure, Mapping):
        traces, layout = figure.get("data", ()), figure.get("layout") or {}
    else:
        traces, layout = figure._data, figure._layout
    layout = layout if isinstance(layout, Mapping) else layout._props
    kept = {key: encode(item) for key, item in layout.items() if key != "template"}
    return [encode(trace) for trace in traces], kept


def pack(header: Json) -> bytes:
    """One message; equal arrays are sent once."""
    placed: dict[WireArray, list[Any]] = {}
    chunks: list[bytes] = []
    position = 0

    def place(array: WireArray) -> Json:
        nonlocal position
        if array not in placed:
            placed[array] = [position, array.dtype, *array.shape]
            padding = -len(array.raw) % ALIGNMENT
            chunks.extend((array.raw, bytes(padding)))
            position += len(array.raw) + padding
        return {"$array": placed[array]}

    text = json.dumps(header, default=place, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-(4 + len(text)) % ALIGNMENT)
    return b"".join([len(text).to_bytes(4, "little"), text, *chunks])


class ChartChannel:
    """What one reader's browser was last sent for one set of charts."""

    def __init__(self) -> None:
        self._keyframe_id = ""
        self._keyframe: list[WirePanel] = []
        self._patches: list[Json] = []
        self._revisions: list[int] = []

    def forget(self) -> None:
        """Make the next message a keyframe."""
        self._keyframe_id = ""

    def message(self, panels: Sequence[WirePanel], constants: Json) -> bytes:
        """A patch if the panels still have the keyframe's structure, otherwise a new keyframe.

        `constants` travel with keyframes only.
        """
        if not self._keyframe_id or _structure(panels) != _structure(self._keyframe):
            return self._start(panels, constants)
        patches = [_patch(*pair) for pair in zip(self._keyframe, panels, strict=True)]
        for place, (new, old) in enumerate(zip(patches, self._patches, strict=True)):
            self._revisions[place] += new != old
        self._patches = patches
        header = {"keyframe": self._keyframe_id, "revisions": self._revisions, "patches": patches}
        return pack(header)

    def _start(self, panels: Sequence[WirePanel], constants: Json) -> bytes:
        ids = [panel.id for panel in panels]
        if len(set(ids)) != len(ids):
            raise ValueError(f"panel ids must differ; got {', '.join(ids)}")
        self._keyframe_id = secrets.token_hex(8)
        self._keyframe = list(panels)
        self._patches = [{} for _ in panels]
        self._revisions = [0 for _ in panels]
        wired = [
            {"id": panel.id, "meta": panel.meta, "layout": panel.layout, "traces": panel.traces}
            for panel in panels
        ]
        return pack({"keyframe": self._keyframe_id, "panels": wired, **constants})


def _structure(panels: Sequence[WirePanel]) -> list[tuple[str, list[Any]]]:
    return [(panel.id, [trace.get("type") for trace in panel.traces]) for panel in panels]


def _patch(old: WirePanel, new: WirePanel) -> Json:
    pairs = enumerate(zip(old.traces, new.traces, strict=True))
    traces = {place: change for place, pair in pairs if (change := _change(*pair))}
    parts = {
        "meta": _change(old.meta, new.meta),
        "layout": _change(old.layout, new.layout),
        "traces": traces,
    }
    return {name: part for name, part in parts.items() if part}


def _change(old: Json, new: Json) -> Json:
    """Entries to set; null marks an entry to remove."""
    change = {key: value for key, value in new.items() if key not in old or old[key] != value}
    change.update({key: None for key in old if key not in new})
    return change
