"""The numbers above the charts: of one lane in a row, of several as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnviz.feed.ways import finite
from nnviz.feed.wire import Json
from nnviz.records import QUALITY, Snapshot, has_classes
from nnviz.runs.history import Entry


def numbers(until: Sequence[Entry], names: Sequence[str]) -> Json:
    """What is known at the last entry; `until` is what came before it, too."""
    shown = until[-1][0]
    if len(names) == 1:
        return {"metrics": _metrics(shown), "note": _sample(shown)}
    return {"table": _table(until, names), "note": _sample(shown)}


def _metrics(taken: Snapshot) -> list[list[str]]:
    quality, form = QUALITY[taken.task], _form(taken)
    return [
        ["Step", f"{taken.step:,}"],
        ["Epoch", f"{taken.epoch:,.1f}"],
        ["Training loss", finite(taken.train_loss, ".4g")],
        ["Test loss", finite(taken.test_loss, ".4g")],
        [f"Training {quality}", finite(taken.train_accuracy, form)],
        [f"Test {quality}", finite(taken.test_accuracy, form)],
    ]


def _sample(taken: Snapshot) -> str:
    if taken.train_sample is None:
        return ""
    return (
        f"Training loss and {QUALITY[taken.task]} are those of a fixed sample of"
        f" {taken.train_sample:,} training points."
    )


def _table(until: Sequence[Entry], names: Sequence[str]) -> Json:
    """A row a lane: at the last entry, against the first lane, and its best so far."""
    shown = until[-1]
    quality, form = QUALITY[shown[0].task], _form(shown[0])
    head = [
        f"step {max(taken.step for taken in shown):,}", "training loss", "test loss",
        f"training {quality}", f"test {quality}", "to first lane", f"best test {quality}, at",
        "best test loss, at",
    ]  # fmt: skip
    rows = []
    for lane, (taken, name) in enumerate(zip(shown, names, strict=True)):
        history = [entry[lane] for entry in until]
        cells = [
            name,
            finite(taken.train_loss, ".3g"),
            finite(taken.test_loss, ".3g"),
            finite(taken.train_accuracy, form),
            finite(taken.test_accuracy, form),
            _change(taken, shown[0]) if lane else "",
            _best([one.test_accuracy for one in history], history, form, largest=True),
            _best([one.test_loss for one in history], history, ".3g", largest=False),
        ]
        rows.append(cells)
    return {"head": head, "rows": rows}


def _best(values: Sequence[float], history: Sequence[Snapshot], form: str, largest: bool) -> str:
    if not np.isfinite(values).any():
        return "–"
    place = int(np.nanargmax(values) if largest else np.nanargmin(values))
    return f"{finite(values[place], form)}, {history[place].step:,}"


def _change(taken: Snapshot, first: Snapshot) -> str:
    value = taken.test_accuracy - first.test_accuracy
    if not np.isfinite(value):
        return "–"
    return f"{100 * value:+.1f} points" if has_classes(taken.task) else f"{value:+.3f}"


def _form(taken: Snapshot) -> str:
    return ".1%" if has_classes(taken.task) else ".3f"
