"""What the page says about the lanes: what differs, how they stand, which is ahead."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.records import Snapshot
from nnviz.runs import difference, lanes_difference
from nnviz.spec import ComparisonSpec, ExperimentSpec

DOTS = (":blue[●]", ":orange[●]", ":green[●]", ":violet[●]")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$&])")


def plain(text: str) -> str:
    """A reader's text inside Markdown, as it was written."""
    return _SPECIAL.sub(r"\\\1", text)


def what_differs(comparison: ComparisonSpec) -> str:
    """The differing settings, from the experiments themselves: one, several or none."""
    experiments = [_without_idle(spec) for spec in comparison.experiments]
    found = lanes_difference(experiments)
    if not found:
        return "**Nothing differs**: all lanes are the same experiment and stay equal."
    if len(found) == 1:
        words = _arrows(comparison, experiments) or found[0]
        return f"**Only this differs:** {plain(words)}."
    listed = "; ".join(plain(text) for text in found)
    return f"**{len(found)} settings differ:** {listed}.{_between_neighbours(comparison)}"


def _arrows(comparison: ComparisonSpec, experiments: Sequence[ExperimentSpec]) -> str | None:
    if len(experiments) != 2:
        return None
    return difference(experiments[0], experiments[1])[0]


def _between_neighbours(comparison: ComparisonSpec) -> str:
    """Which neighbouring lanes differ in one setting only."""
    told, lanes = [], comparison.experiments
    for k, (one, other) in enumerate(itertools.pairwise(lanes)):
        found = difference(_without_idle(one), _without_idle(other))
        if len(found) == 1:
            first, second = (plain(name) for name in comparison.names[k : k + 2])
            told.append(f"from *{first}* to *{second}* only {plain(found[0])}")
    return f" One at a time: {'; '.join(told)}." if told and len(lanes) > 2 else ""


def _without_idle(spec: ExperimentSpec) -> ExperimentSpec:
    """The same experiment with settings of a normalization that is not there at their default."""
    used = {layer.settings.normalization for layer in spec.layer_shapes if layer.settings}
    idle: dict[str, object] = {}
    if not used - {"none"}:
        idle["placement"] = "before"
    if "group" not in used:
        idle["groups"] = 4
    if not any(NORMALIZATIONS[name].uses_batch for name in used):
        idle |= {"momentum": 0.1, "track_running_stats": True}
    network = spec.network.model_copy(update=idle)
    return spec.model_copy(update={"network": network})


def metrics_table(
    histories: Sequence[Sequence[Snapshot]], shown: Sequence[Snapshot], names: Sequence[str]
) -> str:
    """A Markdown table: each lane at the shown step, its best so far, differences to the first."""
    classes = shown[0].task == "classification"
    quality = "accuracy" if classes else "R²"
    head = [
        "lane", "training loss", "test loss", f"training {quality}", f"test {quality}",
        f"Δ test {quality}", f"best test {quality}", "best test loss",
    ]  # fmt: skip
    rows = ["| " + " | ".join(head) + " |", "|" + "---|" + "---:|" * (len(head) - 1)]
    for place, (history, snapshot, name) in enumerate(zip(histories, shown, names, strict=True)):
        delta = snapshot.test_accuracy - shown[0].test_accuracy
        cells = [
            f"{DOTS[place % len(DOTS)]} {plain(name)}",
            _number(snapshot.train_loss),
            _number(snapshot.test_loss),
            _quality(snapshot.train_accuracy, classes),
            _quality(snapshot.test_accuracy, classes),
            "" if place == 0 else _change(delta, classes),
            _best(history, "test_accuracy", classes, largest=True),
            _best(history, "test_loss", classes, largest=False),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def single_points(texts: Sequence[tuple[str, str | None, str | None]]) -> str:
    """What each lane does with one point alone: (name, refusal in training, in evaluation)."""
    lines = []
    for name, train, evaluated in texts:
        said = f"training refuses: “{plain(train)}”" if train else "training gives an answer"
        after = f"evaluation refuses: “{plain(evaluated)}”" if evaluated else "evaluation answers"
        lines.append(f"- **{plain(name)}**: {said}; {after}.")
    return "\n".join(lines)


def _best(history: Sequence[Snapshot], field: str, classes: bool, largest: bool) -> str:
    values = np.array([getattr(snapshot, field) for snapshot in history], float)
    if not np.isfinite(values).any():
        return "–"
    place = int(np.nanargmax(values) if largest else np.nanargmin(values))
    text = _quality(values[place], classes) if largest else _number(values[place])
    return f"{text} at {history[place].step:,}"


def _number(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else "–"


def _quality(value: float, classes: bool) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:.1%}" if classes else f"{value:.3f}"


def _change(value: float, classes: bool) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{100 * value:+.1f} points" if classes else f"{value:+.3f}"
