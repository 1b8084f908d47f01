"""How figures travel to the browser: one message of JSON and raw bytes, whole or as what changed.

A message is `uint32 length | JSON header | padding | arrays`, little-endian, every array aligned
to eight bytes from the end of the header. In the header an array is
`{"$array": [offset, dtype, …shape]}`. A change says of each entry what it is now; null removes it,
`{"$patch": …}` changes parts of an object, `{"$append": …}` goes on at the end of an array's rows.
"""

from __future__ import annotations

import json
import math
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


@dataclass(frozen=True, slots=True, eq=False)
class WirePanel:
    """The drawing of one panel, ready to be sent or compared."""

    id: str
    layout: Json
    traces: list[Json]

    @property
    def whole(self) -> Json:
        """Everything, for a browser that has nothing of it."""
        return {"id": self.id, "layout": self.layout, "traces": self.traces}


def encode_array(array: NDArray[Any]) -> WireArray | list[Any]:
    """Numbers become float32, float16, int32, int8 or uint8; anything else becomes a list.

    float64 loses digits beyond the seventh and becomes infinite (drawn as missing) beyond 3.4e38:
    a screen shows neither. Integers that do not fit into int32 stay exact up to 2**53.
    """
    kind = array.dtype.kind
    if array.dtype in (np.float16, np.int8):
        return _raw(array, array.dtype.name)
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


def n_bytes(value: Any) -> int:
    """What the arrays in an encoded value take."""
    if isinstance(value, WireArray):
        return len(value.raw)
    if isinstance(value, dict):
        return sum(map(n_bytes, value.values()))
    return sum(map(n_bytes, value)) if isinstance(value, list) else 0


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


def panel_change(old: WirePanel | None, new: WirePanel) -> Json | None:
    """What changed of a panel, or all of it; None where nothing did."""
    if old is new:
        return None
    if old is None or _types(old) != _types(new):
        return new.whole
    pairs = enumerate(zip(old.traces, new.traces, strict=True))
    parts: Json = {
        "layout": change(old.layout, new.layout),
        "traces": {place: found for place, pair in pairs if (found := change(*pair))},
    }
    found = {name: part for name, part in parts.items() if part}
    return {"id": new.id, "change": found} if found else None


def _types(panel: WirePanel) -> list[Any]:
    return [trace.get("type") for trace in panel.traces]


def change(old: Json, new: Json) -> Json:
    """What to set, to patch and to remove to make `new` of `old`."""
    found = {key: _entry(old[key], value) if key in old else value
             for key, value in new.items() if key not in old or old[key] != value}  # fmt: skip
    found.update({key: None for key in old if key not in new})
    return found


def _entry(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {"$patch": change(old, new)}
    if isinstance(old, WireArray) and isinstance(new, WireArray):
        tail = _tail(old, new)
        return new if tail is None else {"$append": tail}
    return new


def _tail(old: WireArray, new: WireArray) -> WireArray | None:
    """What `new` has behind the rows of `old`, if its rows begin with them."""
    *rows, n_old = old.shape or (0,)
    *others, n_new = new.shape or (0,)
    if rows != others or old.dtype != new.dtype or not 0 < n_old < n_new:
        return None
    size = np.dtype(new.dtype).itemsize
    new_RB = np.frombuffer(new.raw, np.uint8).reshape(-1, n_new * size)
    old_RB = np.frombuffer(old.raw, np.uint8).reshape(-1, n_old * size)
    if not np.array_equal(new_RB[:, : n_old * size], old_RB):
        return None
    return WireArray(new.dtype, (*rows, n_new - n_old), new_RB[:, n_old * size :].tobytes())
