"""The browser's decoder, in Python."""

from __future__ import annotations

import json
from typing import Any

import numpy as np


def unpack(message: bytes) -> dict[str, Any]:
    """The header of a message with its arrays in place."""
    length = int.from_bytes(message[:4], "little")
    start = 4 + length
    assert start % 8 == 0

    def restore(value: dict[str, Any]) -> Any:
        if "$array" not in value:
            return value
        offset, dtype, *shape = value["$array"]
        assert offset % 8 == 0
        count = int(np.prod(shape, dtype=int))
        return np.frombuffer(message, dtype, count, start + offset).reshape(shape)

    header: dict[str, Any] = json.loads(message[4:start], object_hook=restore)
    return header
