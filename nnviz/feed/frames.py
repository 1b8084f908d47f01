"""A frame: everything that a viewer sees of one step, drawn once for all who see the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from nnviz.data import load
from nnviz.diagnosis import diagnose
from nnviz.experiments.mode_gap.measured import differs_by_mode
from nnviz.feed.looking import Look
from nnviz.feed.numbers import numbers
from nnviz.feed.panels import Panel
from nnviz.feed.view import Asked, Shown
from nnviz.feed.viewer import Viewer
from nnviz.feed.views import drawn
from nnviz.feed.ways import ghost_of
from nnviz.feed.wire import Json, WirePanel, change, changes, encode, n_bytes, pack
from nnviz.runs import Path
from nnviz.runs.mode_gaps import ModeGaps

MAX_BYTES, OVERHEAD = 24 * 2**20, 60_000
_MAX_MESSAGES = 8


class Frame:
    """Numbers, words and panels of one step, ready to be sent whole or as what changed."""

    def __init__(self, facts: Json, steps: list[int], panels: list[WirePanel]) -> None:
        self.facts, self.panels = facts, panels
        self.steps: Json = encode({"steps": steps})
        self.n_bytes = OVERHEAD + sum(n_bytes(panel.traces) for panel in panels)
        self._messages: WeakKeyDictionary[Frame, bytes] = WeakKeyDictionary()
        self._whole: bytes | None = None

    def after(self, before: Frame | None) -> bytes:
        """What a browser needs that shows `before`, None for one that shows nothing."""
        if before is None:
            self._whole = self._whole or self._packed({}, [])
            return self._whole
        message = self._messages.get(before)
        if message is None:
            message = self._packed(before.steps, before.panels)
            if len(self._messages) < _MAX_MESSAGES:
                self._messages[before] = message
        return message

    def _packed(self, steps: Json, panels: list[WirePanel]) -> bytes:
        header = {"facts": self.facts, "panels": changes(panels, self.panels)}
        return pack({**header, **change(steps, self.steps)})


class Frames:
    """Frames by what is in them; those that nobody asked for longest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Frame] = OrderedDict()
        self._n_bytes = 0

    def of(self, viewer: Viewer, found: Look) -> Frame:
        """The frame of what this viewer sees now."""
        scene = Scene(found, viewer.asked, viewer.names, viewer.ghost, _gaps_of(viewer))
        key = _content(viewer, scene)
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        with viewer.drawing:
            frame = _draw(viewer, scene)
        with self._lock:
            self._n_bytes += frame.n_bytes - (self._known[key].n_bytes if key in self._known else 0)
            self._known[key] = frame
            while self._n_bytes > MAX_BYTES and len(self._known) > 1:
                self._n_bytes -= self._known.popitem(last=False)[1].n_bytes
        return frame


@dataclass(frozen=True)
class Scene:
    """What a viewer asked for at one moment, and what there is to see of it."""

    found: Look
    asked: Asked
    names: tuple[str, ...]
    ghost: Path | None
    gaps: ModeGaps | None


def _content(viewer: Viewer, scene: Scene) -> Hashable:
    """Equal for viewers that see the same."""
    found, asked, ghost, gaps = scene.found, scene.asked, scene.ghost, scene.gaps
    under = (ghost.timelines, ghost.step) if ghost is not None else None
    measured = None if gaps is None else tuple(step for step, _ in gaps.entries())
    repeated = viewer.repetition.standing if asked.part == "seeds" and viewer.repetition else None
    frozen = viewer.id if asked.is_frozen else None
    timelines = tuple(timeline.name for timeline in found.path.timelines)
    seen = found.step, found.position, found.steps
    return timelines, seen, asked, scene.names, under, measured, repeated, frozen


def _draw(viewer: Viewer, scene: Scene) -> Frame:
    found, names = scene.found, scene.names
    words: list[str] = []
    if scene.asked.part == "seeds":
        repetition = viewer.repetition
        panels = repetition.panels() if repetition else []
        words = repetition.words() if repetition else []
    else:
        shown = _shown(viewer, scene)
        panels = drawn(shown, viewer.frozen if scene.asked.is_frozen else None)
        words = _single_points(shown) if scene.asked.part == "modes" else []
    data = hash(tuple(lane.data for lane in found.path.lanes))
    facts = {"step": found.step, "data": data, **numbers(found.until, names), "words": words}
    if len(names) == 1:
        finding = diagnose([entry[0] for entry in found.until])
        facts["diagnosis"] = {"severity": finding.severity, "text": str(finding)}
    broken = [taken.divergence.step for taken in found.entry if taken.divergence]
    facts["broken"] = min(broken, default=None)
    return Frame(facts, list(found.steps), _wired(panels))


def _wired(panels: list[Panel]) -> list[WirePanel]:
    wired = [panel.wired() for panel in panels]
    ids = [panel.id for panel in wired]
    if len(set(ids)) != len(ids):
        raise ValueError(f"panel ids must differ; got {', '.join(ids)}")
    return wired


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
    )


_gaps: WeakKeyDictionary[Any, ModeGaps] = WeakKeyDictionary()


def _gaps_of(viewer: Viewer) -> ModeGaps | None:
    """Both modes along the run, measured while somebody looks at them."""
    if viewer.asked.part != "modes":
        return None
    found = _gaps.setdefault(viewer.run, ModeGaps(viewer.run))
    found.follow()
    return found


def _single_points(shown: Shown) -> list[str]:
    """What each lane that tells the modes apart does with one point alone."""
    told = []
    for name, spec, record in zip(shown.names, shown.specs, shown.gap or (), strict=False):
        if not differs_by_mode(spec):
            continue
        train, evaluated = record.single.train_refusal, record.single.eval_refusal
        said = f"training refuses: “{train}”" if train else "training gives an answer"
        after = f"evaluation refuses: “{evaluated}”" if evaluated else "evaluation answers"
        told.append(f"One point alone, {name}: {said}; {after}.")
    return [*told, _SINGLE] if told else []


_SINGLE = (
    "A batch of one has no variance, so torch refuses it in training; in evaluation BatchNorm takes"
    " its running mean and variance instead, and answers. Without running statistics evaluation"
    " needs a batch too. Their momentum is a setting of the network, or of a lane."
)
