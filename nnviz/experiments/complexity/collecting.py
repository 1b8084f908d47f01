"""Pieces become curves: everything that has arrived, decomposed value by value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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


class Collector:
    """The curves of one question, recomputed only where something new has arrived."""

    def __init__(self, settings: ComplexitySettings) -> None:
        self.settings = settings
        self.evaluation = evaluation_of(settings)
        self._known: dict[tuple[int, RecordLoss], tuple[int, ValueRecord | None]] = {}

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
            threshold=settings.parameters_equal_points(),
        )

    def _at(
        self, place: int, loss: RecordLoss, pieces: Sequence[PieceRecord]
    ) -> ValueRecord | None:
        own = sorted((p for p in pieces if place in p.places), key=lambda piece: piece.start)
        known = self._known.get((place, loss))
        if known is None or known[0] != len(own):
            value = self.settings.values[place]
            known = (len(own), value_record(value, place, loss, own, self.evaluation))
            if known[1] is not None:
                sized = replace(
                    known[1],
                    n_parameters=self.settings.n_parameters(value),
                    n_train=self.settings.n_train(value),
                )
                known = (known[0], sized)
            self._known[place, loss] = known
        return known[1]


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
