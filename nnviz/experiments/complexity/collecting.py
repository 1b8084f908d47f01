"""Pieces become curves: everything that has arrived, decomposed value by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import assert_never

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
from nnviz.experiments.complexity.size import n_parameters, n_train, parameters_equal_points

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
            threshold=parameters_equal_points(settings),
        )

    def _at(
        self, place: int, loss: RecordLoss, pieces: Sequence[PieceRecord]
    ) -> ValueRecord | None:
        own = sorted((p for p in pieces if place in p.places), key=lambda piece: piece.start)
        own = [p for p, before in zip(own, [None, *own], strict=False) if not _same(p, before)]
        name: Known = tuple((piece.start, piece.stop) for piece in own)
        known = self.known.get((place, loss))
        if known is None or known[0] != name:
            value = self.settings.values[place]
            found = value_record(value, place, loss, own, self.evaluation)
            if found is not None:
                found = replace(
                    found,
                    n_parameters=n_parameters(self.settings, value),
                    n_train=n_train(self.settings, value),
                )
            self.known[place, loss] = known = (name, found)
        return known[1]


@lru_cache(maxsize=16)
def _collector(question: ComplexitySettings) -> Collector:
    """One for all readers of a question, who get equal pieces."""
    return Collector(question)


def _same(piece: PieceRecord, before: PieceRecord | None) -> bool:
    """Whether two sweeps measured the same replicates."""
    return before is not None and piece.start == before.start


def _bias_name(loss: RecordLoss, evaluation: EvaluationRecord) -> str:
    match loss:
        case "squared":
            return "bias² + noise" if evaluation.truth_is_noisy else "bias²"
        case "brier" | "kohavi_wolpert":
            return "bias²"
        case "cross_entropy" | "domingos":
            return "bias"
        case _:
            assert_never(loss)
