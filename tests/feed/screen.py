"""The browser's side of the feed, in Python: it decodes messages and puts changes together."""

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


def changed(whole: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`whole` after a change."""
    found = dict(whole)
    for name, value in change.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict) and "$append" in value:
            found[name] = np.concatenate([np.asarray(whole[name]), value["$append"]], axis=-1)
        elif isinstance(value, dict) and "$patch" in value:
            found[name] = changed(whole[name], value["$patch"])
        else:
            found[name] = value
    return found


class Screen:
    """What a browser shows after the messages that it has taken in."""

    def __init__(self) -> None:
        self.state: dict[str, Any] = {}
        self.facts: dict[str, Any] = {}
        self.steps: list[int] = []
        self.heads: list[dict[str, Any]] = []
        self.sent: list[str] = []
        self.panels: dict[str, dict[str, Any]] = {}

    def take(self, message: bytes) -> Screen:
        """Take in a message of the feed."""
        length = int.from_bytes(message[:4], "little")
        assert (4 + length) % 8 == 0
        self.state = json.loads(message[4 : 4 + length])
        body = message[4 + length :]
        return self.merge(body) if body else self

    def merge(self, body: bytes) -> Screen:
        """Take in a frame."""
        header = unpack(body)
        if header["facts"].get("data") != self.facts.get("data"):
            self.panels = {}
        self.facts = header["facts"]
        self.heads = header.get("heads", self.heads)
        if "steps" in header:
            self.steps = list(changed({"steps": self.steps}, {"steps": header["steps"]})["steps"])
        self.sent = [panel["id"] for panel in header["panels"]]
        for panel in header["panels"]:
            whole = panel if "traces" in panel else self._changed(self.panels[panel["id"]], panel)
            self.panels[panel["id"]] = whole
        ids = [head["id"] for head in self.heads]
        self.panels = {name: self.panels[name] for name in ids if name in self.panels}
        return self

    def _changed(self, panel: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
        change = message["change"]
        traces = [
            changed(trace, change.get("traces", {}).get(str(place), {}))
            for place, trace in enumerate(panel["traces"])
        ]
        return {
            "id": panel["id"],
            "layout": changed(panel["layout"], change.get("layout", {})),
            "traces": traces,
        }


def plain(value: Any) -> Any:
    """Lists, numbers and words, for comparing; missing numbers are equal to each other."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return "missing" if isinstance(value, float) and np.isnan(value) else value
