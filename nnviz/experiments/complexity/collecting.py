"""Pieces become curves: everything that has arrived, decomposed value by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from nnviz.experiments.complexity.axes import changed_network
from nnviz.experiments.complexity.decomposing import value_record
from nnviz.experiments.complexity.measured import evaluation_of
from nnviz.experiments.complexity.records import (
    ComplexityRecord,
    EvaluationRecord,
    PieceRecord,
    RecordLoss,
    ValueRecord,
)
from nnviz.experiments.complexity.settings import ComplexitySettings

Known = tuple[tuple[int, int], ...]
"""First and last replicate of each piece that a value was made from."""


def collected(
    settings: ComplexitySettings, pieces: Sequence[PieceRecord]
) -> ComplexityRecord | None:
    """The curves of the asked replicates among all pieces so far; None before the first value."""
    asked = [piece for piece in pieces if piece.stop <= settings.n_replicates]
    record = _collector(settings.question).record(settings, asked)
    return None if record.best is None else record


@dataclass(frozen=True)
class Collector:
    """The curves of one question, recomputed only where something new has arrived."""

    settings: ComplexitySettings
    known: dict[tuple[int, RecordLoss], tuple[Known, ValueRecord | None]] = field(
        default_factory=dict, repr=False
    )

    @property
    def evaluation(self) -> EvaluationRecord:
        """Where all replicates are asked."""
        return evaluation_of(self.settings)

    def record(
        self, settings: ComplexitySettings, pieces: Sequence[PieceRecord]
    ) -> ComplexityRecord:
        """The curves of all pieces so far; `settings` chooses the loss."""
        loss: RecordLoss = "squared" if self.evaluation.labels_N is None else settings.loss
        axis = settings.axis_entry
        return ComplexityRecord(
            axis=axis.name,
            title=axis.title,
            unit=axis.unit,
            log=axis.log and settings.values[0] > 0,
            grows=axis.grows,
            values=settings.values,
            at=tuple(self._at(place, loss, pieces) for place in range(len(settings.values))),
            loss=loss,
            bias_name=_bias_name(loss, self.evaluation),
            evaluation=self.evaluation,
            threshold=_parameters_equal_points(settings),
        )

    def _at(
        self, place: int, loss: RecordLoss, pieces: Sequence[PieceRecord]
    ) -> ValueRecord | None:
        by_start = {piece.start: piece for piece in pieces if place in piece.places}
        own = [by_start[start] for start in sorted(by_start)]  # two sweeps may measure the same
        name: Known = tuple((piece.start, piece.stop) for piece in own)
        known = self.known.get((place, loss))
        if known is None or known[0] != name:
            value = self.settings.values[place]
            found = value_record(value, place, loss, own, self.evaluation)
            self.known[place, loss] = known = (name, found)
        return known[1]


@lru_cache(maxsize=16)
def _collector(question: ComplexitySettings) -> Collector:
    """One for all readers of a question, who get equal pieces."""
    return Collector(question)


def _bias_name(loss: RecordLoss, evaluation: EvaluationRecord) -> str:
    if loss in ("cross_entropy", "domingos"):
        return "bias"
    return "bias² + noise" if evaluation.truth_is_noisy else "bias²"


def _parameters_equal_points(settings: ComplexitySettings) -> float | None:
    """Where on the axis a network's parameters equal its training points times outputs."""
    if settings.experiment is None:
        return settings.threshold
    if settings.axis not in ("width", "depth"):
        return None
    asked = [changed_network(settings.experiment, settings.axis, v) for v in settings.values]
    more = [each.n_parameters - each.data.n_train * each.data.n_outputs for each in asked]
    place = int(np.argmax(np.array(more) >= 0))
    if place == 0:  # everywhere or nowhere
        return None
    return float(np.interp(0, more[place - 1 : place + 1], settings.values[place - 1 : place + 1]))
