"""A frame: everything that a viewer sees of one step, drawn once for all who see the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from nnviz.data import load
from nnviz.feed.looking import Look
from nnviz.feed.numbers import numbers
from nnviz.feed.panels import Panel, heads
from nnviz.feed.pipelines import sentence
from nnviz.feed.view import Asked, Repeated, Shown
from nnviz.feed.viewer import Viewer
from nnviz.feed.views import drawn, undrawn
from nnviz.feed.ways import ghost_of
from nnviz.feed.wire import Json, WirePanel, encode, n_bytes
from nnviz.feed.words import finding, single_points
from nnviz.runs import Path
from nnviz.runs.mode_gaps import ModeGaps
from nnviz.spec import ExperimentSpec

MAX_BYTES, OVERHEAD = 8 * 2**20, 12_000
"""Of all frames; of the facts, or of the small dictionaries of a panel, beside arrays."""


class Frame:
    """Numbers, words and heads of one step; a panel is drawn when the first browser shows it."""

    def __init__(self, facts: Json, steps: list[int], heads: list[Json]) -> None:
        self.facts, self.heads = facts, heads
        self.steps: Json = encode({"steps": steps})
        self.ids = frozenset(head["id"] for head in heads)
        self.drawing = threading.Lock()
        self.n_bytes = OVERHEAD
        self._panels: dict[str, WirePanel] = {}

    def missing(self, wanted: Collection[str]) -> frozenset[str]:
        """Which of these panels are still to be drawn."""
        return self.ids.intersection(wanted).difference(self._panels)

    def add(self, panels: Iterable[Panel]) -> None:
        """Keep these panels as they are drawn."""
        added = {panel.id: panel.wired() for panel in panels if panel.id not in self._panels}
        self._panels |= added
        self.n_bytes += sum(OVERHEAD + n_bytes(panel.traces) for panel in added.values())

    def drawn(self, wanted: Collection[str]) -> list[WirePanel]:
        """Those of these panels that are drawn, in the order of the page."""
        panels = ((head["id"], self._panels.get(head["id"])) for head in self.heads)
        return [panel for name, panel in panels if panel is not None and name in wanted]


class Frames:
    """Frames by what is in them; those that nobody asked for longest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Frame] = OrderedDict()

    def of(self, viewer: Viewer, found: Look, wanted: Collection[str] | None = None) -> Frame:
        """The frame of what this viewer sees now, with these panels drawn (None: all)."""
        scene = _scene(viewer, found)
        key = _content(viewer, scene)
        with self._lock:
            frame = self._known.get(key)
            if frame is not None:
                self._known.move_to_end(key)
        if frame is None:
            frame = self._keep(key, _undrawn(viewer, scene))
        with viewer.drawing, frame.drawing:
            missing = frame.missing(frame.ids if wanted is None else wanted)
            if missing or (scene.asked.is_frozen and not viewer.frozen):
                frame.add(_drawn(viewer, scene, missing))
        return frame

    def _keep(self, key: Hashable, frame: Frame) -> Frame:
        """The frame of this name, which another reader may have made meanwhile."""
        with self._lock:
            too_much = sum(known.n_bytes for known in self._known.values()) - MAX_BYTES
            while too_much > 0 and self._known:
                too_much -= self._known.popitem(last=False)[1].n_bytes
            return self._known.setdefault(key, frame)


@dataclass(frozen=True)
class Scene:
    """What a viewer asked for at one moment, and what there is to see of it."""

    found: Look
    asked: Asked
    names: tuple[str, ...]
    ghost: Path | None
    gaps: ModeGaps | None
    is_passing: bool
    """Whether the run is going, and the next step is soon shown instead."""


def _scene(viewer: Viewer, found: Look) -> Scene:
    is_passing = found.position is None and viewer.run.status == "running"
    return Scene(found, viewer.asked, viewer.names, viewer.ghost, _gaps_of(viewer), is_passing)


def _content(viewer: Viewer, scene: Scene) -> Hashable:
    """Equal for viewers that see the same."""
    found, asked, ghost, gaps = scene.found, scene.asked, scene.ghost, scene.gaps
    under = (ghost.timelines, ghost.step) if ghost is not None else None
    measured = None if gaps is None else tuple(step for step, _ in gaps.entries())
    repeated = viewer.repetition.standing if viewer.repetition else None
    frozen = viewer.id if asked.is_frozen else None
    timelines = tuple(timeline.name for timeline in found.path.timelines)
    seen = found.step, found.position, found.steps, scene.is_passing
    return timelines, seen, asked, scene.names, under, measured, repeated, frozen


def _undrawn(viewer: Viewer, scene: Scene) -> Frame:
    found, asked, names = scene.found, scene.asked, scene.names
    repetition = viewer.repetition if asked.part == "seeds" else None
    panels = repetition.panels() if repetition else undrawn(found.path.lanes, asked, names)
    words = repetition.words() if repetition else []
    if scene.gaps is not None:
        words = single_points(names, found.path.lanes, scene.gaps.at(found.position))
    data = hash(tuple(lane.data for lane in found.path.lanes))
    facts = {"step": found.step, "data": data, **numbers(found.until, names), "words": words}
    if len(names) == 1:
        judged = finding(viewer, found, scene.is_passing)
        facts["diagnosis"] = {"severity": judged.severity, "text": str(judged)}
    elif "pipeline" in asked.names:
        facts["sentence"] = sentence(names, found.path.lanes, found.entry, asked)
    broken = [taken.divergence.step for taken in found.entry if taken.divergence]
    facts["broken"] = min(broken, default=None)
    return Frame(facts, list(found.steps), heads(panels))


def _drawn(viewer: Viewer, scene: Scene, wanted: Collection[str]) -> list[Panel]:
    if scene.asked.part == "seeds":
        return viewer.repetition.panels() if viewer.repetition else []
    kept = viewer.frozen if scene.asked.is_frozen else None
    return drawn(_shown(viewer, scene), kept, wanted)


def _shown(viewer: Viewer, scene: Scene) -> Shown:
    found, gaps = scene.found, scene.gaps
    lanes = found.path.lanes
    series = viewer.series_of(len(lanes))
    for lane, each in enumerate(series):
        each.update([entry[lane] for entry in found.charted])
    return Shown(
        names=scene.names,
        specs=lanes,
        series=series,
        snapshots=found.entry,
        data=[load(spec.data).record for spec in lanes],
        asked=scene.asked,
        cursor=found.position,
        ghost=ghost_of(viewer.run, found.path, scene.ghost),
        gaps=gaps.entries() if gaps else (),
        gap=gaps.at(found.position) if gaps else None,
        repeated=_repeated(viewer, lanes),
    )


def _repeated(viewer: Viewer, lanes: Sequence[ExperimentSpec]) -> Repeated | None:
    """What the repetition of just these lanes says."""
    found = viewer.repetition
    if found is None or found.comparison.experiments != tuple(lanes):
        return None
    told = found.told
    return told if told.verdict or found.sweep.is_live else None


_gaps: WeakKeyDictionary[Any, ModeGaps] = WeakKeyDictionary()


def _gaps_of(viewer: Viewer) -> ModeGaps | None:
    """Both modes along the run, measured while somebody looks at them."""
    if viewer.asked.part != "modes":
        return None
    found = _gaps.setdefault(viewer.run, ModeGaps(viewer.run))
    found.follow()
    return found
