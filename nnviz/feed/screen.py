"""A screen: what one browser has of its viewer's frames, and what it needs of the next one."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from nnviz.feed.frames import Frame
from nnviz.feed.wire import Json, WirePanel, change, pack, panel_change

MAX_SHARED = 16
"""Messages kept for other browsers that have the same and show the same."""

Pairs = tuple[tuple[WirePanel | None, WirePanel], ...]


class Screen:
    """Each panel is of the frame in which it was last seen; a change goes on from there.

    `wanted` are the ids of the panels that the browser shows now; `number` counts the messages, and
    `state` is how the run stood in the last.
    """

    def __init__(self) -> None:
        self.wanted: frozenset[str] = frozenset()
        self.number = 0
        self.state: Json | None = None
        self._frame: Frame | None = None
        self._panels: dict[str, WirePanel] = {}

    def has(self, frame: Frame, wanted: Collection[str]) -> bool:
        """Whether the browser has the frame's numbers and these of its panels."""
        seen = frame.drawn(wanted)
        return frame is self._frame and all(self._panels.get(p.id) is p for p in seen)

    def take(self, frame: Frame, wanted: Collection[str]) -> bytes:
        """The message that brings the frame's numbers and these of its panels."""
        before = self._frame
        if before is None or before.facts["data"] != frame.facts["data"]:
            self._panels = {}
        seen = frame.drawn(wanted)
        pairs = tuple((self._panels.get(panel.id), panel) for panel in seen)
        self._panels.update((panel.id, panel) for panel in seen)
        self._panels = {k: panel for k, panel in self._panels.items() if k in frame.ids}
        self._frame = frame
        return _packed(before, frame, pairs)


@lru_cache(MAX_SHARED)
def _packed(before: Frame | None, frame: Frame, pairs: Pairs) -> bytes:
    found = [news for old, new in pairs if (news := panel_change(old, new))]
    header: Json = {"facts": frame.facts, "panels": found}
    if before is None or before.heads != frame.heads:
        header["heads"] = frame.heads
    return pack({**header, **change(before.steps if before else {}, frame.steps)})
