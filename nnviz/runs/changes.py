"""What differs between specs, in words, and whether it needs a new network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from nnviz.spec import ExperimentSpec, TrainingSpec
from nnviz.spec.by_hand import Intervention

Place = tuple[str, ...]
_BY_HAND: Place = ("training", "by_hand")

_WORDS: dict[Place, str] = {
    ("data", "name"): "data set",
    ("data", "n_samples"): "samples",
    ("data", "n_classes"): "classes",
    ("data", "seed"): "data seed",
    ("network", "blocks"): "number of blocks",
    ("network", "momentum"): "batch normalization momentum",
    ("network", "placement"): "normalization placement",
    ("network", "groups"): "normalization groups",
    ("training", "optimizer", "name"): "optimizer",
    ("training", "optimizer", "weight_decay"): "weight decay (L2)",
    ("training", "schedule", "name"): "schedule",
    ("training", "schedule", "every"): "schedule interval",
    ("training", "l1"): "L1 penalty",
    ("training", "clip_norm"): "gradient clipping",
    ("training", "n_steps"): "number of steps",
    ("training", "seed"): "training seed",
}


def needs_new_network(old: ExperimentSpec, new: ExperimentSpec) -> bool:
    """Whether a training of `old` can't be continued as one of `new`.

    Other data, another network and another seed need new weights; loss, optimizer, schedule,
    batch size, penalties, number of steps and device do not.
    """
    same_seed = old.training.seed == new.training.seed
    return old.data != new.data or old.network != new.network or not same_seed


def difference(old: ExperimentSpec | TrainingSpec, new: ExperimentSpec | TrainingSpec) -> list[str]:
    """Each setting that differs, in the specs' order: "learning rate 0.01 → 0.1".

    Behind them what was done by hand, and what no longer is.
    """
    settings = [f"{name} {before} → {after}" for name, (before, after) in _differing([old, new])]
    before, after = (_training(spec).by_hand for spec in (old, new))
    return settings + by_hand_difference(before, after)


def by_hand_difference(old: Sequence[Intervention], new: Sequence[Intervention]) -> list[str]:
    """What is done by hand in one and not in the other: "by hand: froze dense1"."""
    done = [f"by hand: {done_by_hand(each)}" for each in new if each not in old]
    return done + [f"not by hand: {done_by_hand(each)}" for each in old if each not in new]


def done_by_hand(done: Intervention) -> str:
    """One intervention as the history tells it; units are counted as the drawing counts them."""
    match done.do:
        case "set":
            unit = f"{done.layer} unit {done.unit}"
            place = f"b({unit})" if done.input is None else f"w({unit} ← input {done.input})"
            return f"set {place} to {_text(done.value)}"
        case "off" | "on":
            return f"switched {done.do} unit {done.unit} of {done.layer}"
        case "freeze":
            return f"froze {done.layer}"
        case "unfreeze":
            return f"unfroze {done.layer}"
        case _:
            assert_never(done.do)


def lanes_difference(lanes: Sequence[ExperimentSpec]) -> list[str]:
    """Each setting that is not the same in all lanes: "batch size: 16, 32, 64"."""
    return [f"{name}: {', '.join(values)}" for name, values in _differing(lanes)]


def _differing(
    specs: Sequence[ExperimentSpec | TrainingSpec],
) -> list[tuple[str, tuple[str, ...]]]:
    settings = [_settings(spec) for spec in specs]
    places = {place: None for one in settings for place in one}
    found = []
    for place in places:
        values = [one.get(place) for one in settings]
        if any(value != values[0] for value in values) and not _is_of_another(place, settings):
            found.append((_name(place), tuple(map(_text, values))))
    return found


def _settings(spec: ExperimentSpec | TrainingSpec) -> dict[Place, Any]:
    start = ("training",) if isinstance(spec, TrainingSpec) else ()
    settings = _flat(spec.model_dump(mode="json"), start)
    return {place: value for place, value in settings.items() if place != _BY_HAND}


def _training(spec: ExperimentSpec | TrainingSpec) -> TrainingSpec:
    return spec if isinstance(spec, TrainingSpec) else spec.training


def _flat(value: Any, place: Place) -> dict[Place, Any]:
    if place[-1:] == ("blocks",):
        blocks = {f"block {n}": block for n, block in enumerate(value, start=1)}
        return {place: len(value)} | _flat(blocks, place[:-1])
    if not isinstance(value, dict):
        return {place: value}
    flat: dict[Place, Any] = {}
    for name, part in value.items():
        flat |= _flat(part, (*place, name))
    return flat


def _is_of_another(place: Place, settings: list[dict[Place, Any]]) -> bool:
    """Whether the setting is missing somewhere because the thing it belongs to is another one."""
    if all(one.get(place) is not None for one in settings):
        return False
    for what in ("name", "kind"):
        thing = (*place[:-1], what)
        if place != thing and any(one.get(thing) != settings[0].get(thing) for one in settings):
            return True
    return False


def _name(place: Place) -> str:
    if place in _WORDS:
        return _WORDS[place]
    words = [
        part.replace("_", " ")
        for part in place
        if part not in ("data", "network", "training", "optimizer", "name", "kind")
    ]
    return " ".join(words)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return "(" + ", ".join(map(_text, value)) + ")"
    return str(value).replace("_", " ")
