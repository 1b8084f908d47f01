"""What the page says about the lanes: what differs, how they stand, which is ahead."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.records import QUALITY, Snapshot, has_classes
from nnviz.runs import difference, lanes_difference
from nnviz.runs.history import Entry
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
        words = difference(*experiments)[0] if len(experiments) == 2 else found[0]
        return f"**Only this differs:** {plain(words)}."
    steps = _between_neighbours(comparison.names, experiments)
    if steps:
        return f"**{len(found)} settings differ, one from lane to lane:** {steps}."
    listed = "; ".join(plain(text) for text in found)
    return f"**More than one thing differs, {len(found)} settings:** {listed}."


def cautions(comparison: ComparisonSpec) -> list[str]:
    """What will hardly learn, a sentence each with the lanes that it is said of."""
    lanes: dict[str, list[str]] = {}
    for name, spec in zip(comparison.names, comparison.experiments, strict=True):
        for sentence in spec.cautions:
            lanes.setdefault(sentence, []).append(name)
    return [f"{', '.join(names)}: {sentence}" for sentence, names in lanes.items()]


def _between_neighbours(names: Sequence[str], experiments: Sequence[ExperimentSpec]) -> str:
    """The one difference between each lane and the next; empty where there is another number."""
    told = []
    pairs = zip(itertools.pairwise(names), itertools.pairwise(experiments), strict=True)
    for (first, second), (before, after) in pairs:
        found = difference(before, after)
        if len(found) != 1:
            return ""
        told.append(f"{plain(found[0])} (*{plain(first)}* to *{plain(second)}*)")
    return "; ".join(told)


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


def metrics_table(entries: Sequence[Entry], names: Sequence[str]) -> str:
    """A Markdown table: each lane at the last entry, its best so far, and against the first."""
    shown = entries[-1]
    classes = has_classes(shown[0].task)
    quality = QUALITY[shown[0].task]
    head = [
        f"step {max(snapshot.step for snapshot in shown):,}", "training loss", "test loss",
        f"training {quality}", f"test {quality}", "to first lane", f"best {quality}, at",
        "best loss, at",
    ]  # fmt: skip
    rows = ["| " + " | ".join(head) + " |", "|" + "---|" + "---:|" * (len(head) - 1)]
    for place, (snapshot, name) in enumerate(zip(shown, names, strict=True)):
        history = [entry[place] for entry in entries]
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
    return f"{text}, {history[place].step:,}"


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
