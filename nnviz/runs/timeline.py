"""What a training is, by content: its settings at the start, and each change with its step."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import torch

from nnviz.catalog.schedules import SCHEDULES
from nnviz.runs.changes import by_hand_difference, difference
from nnviz.runs.reports import Event
from nnviz.spec import ExperimentSpec, TrainingSpec
from nnviz.training import resolve_device

_DEFAULT = TrainingSpec()


@dataclass(frozen=True)
class Timeline:
    """The name of a training: equal names, equal numbers, bit for bit.

    `begin` and `forked` leave out what can't change the numbers, so that equal trainings meet.
    `where` is the cluster that computes it, "" for this machine: other processors, other digits.
    """

    spec: ExperimentSpec
    changes: tuple[tuple[int, TrainingSpec], ...] = ()
    where: str = ""

    @classmethod
    def begin(cls, spec: ExperimentSpec, where: str = "") -> Timeline:
        """A training of `spec` from step 0."""
        return cls(_with(spec, _numbers_only(spec.training, where)), (), where)

    def forked(self, step: int, training: TrainingSpec) -> Timeline:
        """The same until `step`, and under other settings from there on."""
        changes = tuple(change for change in self.changes if change[0] < step)
        before = changes[-1][1] if changes else self.spec.training
        training = _numbers_only(training, self.where)
        if step == 0:
            return Timeline(_with(self.spec, training), (), self.where)
        if training != before:
            changes = (*changes, (step, training))
        return Timeline(self.spec, changes, self.where)

    @cached_property
    def name(self) -> str:
        """A short text that stands for the content."""
        document = {
            "spec": self.spec.model_dump(mode="json"),
            "changes": [(step, t.model_dump(mode="json")) for step, t in self.changes],
            "where": self.where,
        }
        return blake2b(json.dumps(document, sort_keys=True).encode(), digest_size=16).hexdigest()

    @cached_property
    def parent(self) -> Timeline | None:
        """The training that this one leaves at its last change; None where there is none."""
        return Timeline(self.spec, self.changes[:-1], self.where) if self.changes else None

    @property
    def fork_step(self) -> int:
        """The step of the last change; -1 where there is none."""
        return self.changes[-1][0] if self.changes else -1

    def training_at(self, step: int) -> TrainingSpec:
        """The settings of the update that follows `step`."""
        training = self.spec.training
        for start, changed in self.changes:
            training = changed if start <= step else training
        return training

    def next_change(self, step: int) -> int | None:
        """The first change after `step`."""
        return next((start for start, _ in self.changes if start > step), None)


def events(timelines: Sequence[Timeline]) -> tuple[Event, ...]:
    """The changes of lanes that are shown together, and what was done by hand, in words."""
    told: dict[int, dict[str, None]] = {}
    for timeline in timelines:
        for step, texts in _told(timeline):
            told.setdefault(step, {}).update(dict.fromkeys(texts))
    return tuple(Event(step, ", ".join(told[step])) for step in sorted(told) if told[step])


def _told(timeline: Timeline) -> Iterator[tuple[int, list[str]]]:
    """Each change with its step; what is done by hand stands at the step at which it is done."""
    done = {each for _, training in timeline.changes for each in training.by_hand}
    steps = {step for step, _ in timeline.changes}
    for step in sorted(steps | {each.step for each in (*timeline.spec.training.by_hand, *done)}):
        before = timeline.training_at(step - 1) if step in steps else timeline.training_at(step)
        after = timeline.training_at(step)
        known = [each for each in before.by_hand if each.step < step]
        now = [each for each in after.by_hand if each.step <= step]
        settings = difference(_without_hand(before), _without_hand(after))
        yield step, settings + by_hand_difference(known, now)


def _without_hand(training: TrainingSpec) -> TrainingSpec:
    return training.model_copy(update={"by_hand": ()})


def _with(spec: ExperimentSpec, training: TrainingSpec) -> ExperimentSpec:
    return ExperimentSpec(data=spec.data, network=spec.network, training=training)


def _numbers_only(training: TrainingSpec, where: str) -> TrainingSpec:
    """The settings with everything at its default that has no influence on the numbers."""
    default: dict[str, object] = {}
    if not SCHEDULES[training.schedule.name].has_horizon:
        default["n_steps"] = _DEFAULT.n_steps
    if training.loss != "huber":
        default["huber_delta"] = _DEFAULT.huber_delta
    if not where and _is_cpu(training.device):
        default["device"] = "cpu"
    return training.model_copy(update=default)


def _is_cpu(asked: str) -> bool:
    """Whether the CPU is all that this machine can use for the device that was asked for."""
    any_gpu = torch.device("cuda")
    return resolve_device(asked, lambda: any_gpu)[0].type == "cpu"
