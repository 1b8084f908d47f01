"""What the page says about the lanes: what differs, and what will hardly learn."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.runs import difference, lanes_difference
from nnviz.spec import ComparisonSpec, ExperimentSpec

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
