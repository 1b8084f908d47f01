"""What a frame says in words: the diagnosis of a lane, and what both modes do with one point."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from nnviz.diagnosis import Diagnosis, diagnose
from nnviz.experiments.mode_gap.measured import differs_by_mode
from nnviz.experiments.mode_gap.records import ModeGapRecord
from nnviz.feed.looking import Look
from nnviz.feed.viewer import Viewer
from nnviz.runs import Path
from nnviz.spec import ExperimentSpec

REST = 400
"""How many times as long as a diagnosis has taken the next one waits while a run is going."""


@dataclass(frozen=True)
class _Told:
    finding: Diagnosis
    path: Path
    step: int
    until: float
    """When a newer step is due to be judged."""


_told: WeakKeyDictionary[Viewer, _Told] = WeakKeyDictionary()


def finding(viewer: Viewer, found: Look, is_passing: bool) -> Diagnosis:
    """The diagnosis of a single lane; of a step that is only passed, the last one may stand.

    A long history takes milliseconds, as long as some charts together.
    """
    now, told = time.monotonic(), _told.get(viewer)
    is_recent = told is not None and told.path is found.path and told.step <= found.step
    if told is not None and is_recent and is_passing and now < told.until:
        return told.finding
    started = time.thread_time()
    judged = diagnose([entry[0] for entry in found.until])
    until = now + REST * (time.thread_time() - started)
    _told[viewer] = _Told(judged, found.path, found.step, until)
    return judged


def single_points(
    names: Sequence[str], specs: Sequence[ExperimentSpec], gap: Sequence[ModeGapRecord] | None
) -> list[str]:
    """What each lane that tells the modes apart does with one point alone."""
    told = []
    for name, spec, record in zip(names, specs, gap or (), strict=False):
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
