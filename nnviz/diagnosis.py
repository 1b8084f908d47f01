"""What is wrong first, in which layer, since which step, and what to try: a history in words.

The limits are conventions of this project, except the update ratio's 1e-3 (cs231n).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from nnviz.records import LayerRecord, Snapshot

Severity = Literal["good", "info", "warning", "danger"]

VANISHING, FADING = 1e-3, 1e-2
MOST_DEAD = 0.5
MOST_SATURATED = 0.8
SMALL_UPDATE, LARGE_UPDATE = 1e-5, 0.1
GAP_OF_OVERFITTING, SMALL_GAP = 1.1, 0.02
SETTLED_STEP = 50


@dataclass(frozen=True)
class Diagnosis:
    """One finding in a sentence, with a remedy; `layer` and `since_step` where they apply."""

    severity: Severity
    headline: str
    advice: str = ""
    layer: str | None = None
    since_step: int | None = None

    def __str__(self) -> str:
        since = f" Since step {self.since_step:,}." if self.since_step is not None else ""
        return f"{self.headline}{since} {self.advice}".strip()


Finding = tuple[str, str, str | None]
"""Headline, advice, layer."""


def diagnose(history: Sequence[Snapshot]) -> Diagnosis:
    """The most basic thing that is wrong at the end of `history`, or that all is well.

    Raises ValueError for an empty history.
    """
    if not history:
        raise ValueError("there is nothing to diagnose in an empty history")
    latest = history[-1]
    if latest.divergence is not None:
        found = latest.divergence
        what = "loss" if found.quantity == "loss" else f"{found.quantity} of {found.layer}"
        return Diagnosis(
            "danger",
            f"Diverged: the {what} is no longer a finite number.",
            "Lower the learning rate, or normalize.",
            found.layer,
            found.step,
        )
    if latest.step == 0:
        return Diagnosis("info", "Not trained yet: press Train, or take a single Step.")
    for severity, check in _CHECKS:
        finding = check(latest)
        if finding is not None:
            headline, advice, layer = finding
            since = _since(history, check, layer)
            return Diagnosis(severity, headline, advice, layer, since)
    return _progress(history)


def _since(
    history: Sequence[Snapshot], check: Callable[[Snapshot], Finding | None], layer: str | None
) -> int:
    """The step from which the same finding in the same layer has held without a break."""
    since = history[-1].step
    for snapshot in reversed(history):
        finding = check(snapshot) if snapshot.step else None
        if finding is None or finding[2] != layer:
            break
        since = snapshot.step
    return since


def _symmetric(snapshot: Snapshot) -> Finding | None:
    for layer in snapshot.layers:
        if not layer.is_learned or layer.n_units < 2 or layer.unit_mean_D is None:
            continue
        spread = float(layer.unit_mean_D.max() - layer.unit_mean_D.min())
        if spread == 0 and layer.std > 0 and not _is_dead(layer):
            return (
                f"All units of {layer.name} compute the same.",
                "Start from random weights: equal weights get equal gradients.",
                layer.name,
            )
    return None


def _is_dead(layer: LayerRecord) -> bool:
    return layer.dead_fraction == 1


def _dead(snapshot: Snapshot) -> Finding | None:
    for layer in snapshot.layers:
        if layer.dead_fraction >= MOST_DEAD:
            return (
                f"{layer.dead_fraction:.0%} of the units in {layer.name} are dead.",
                "Lower the learning rate and start anew, or use leaky relu.",
                layer.name,
            )
    return None


def _saturated(snapshot: Snapshot) -> Finding | None:
    for layer in snapshot.layers:
        if layer.saturated_fraction >= MOST_SATURATED:
            return (
                f"{layer.saturated_fraction:.0%} of the activations in {layer.name} are"
                " saturated, where the slope is almost 0.",
                "Use smaller initial weights, scaled inputs or normalization before the"
                " activation.",
                layer.name,
            )
    return None


def _flow(limit: float) -> Callable[[Snapshot], Finding | None]:
    def check(snapshot: Snapshot) -> Finding | None:
        layers = snapshot.learned_layers
        if len(layers) < 2 or not (layers[0].delta_rms >= 0 and layers[-1].delta_rms > 0):
            return None
        ratio = layers[0].delta_rms / layers[-1].delta_rms
        if ratio < limit:
            return (
                f"The gradient fades to {ratio:.0e} of its size on the way back to"
                f" {layers[0].name}.",
                "Try relu with kaiming weights, batch normalization, or fewer layers.",
                layers[0].name,
            )
        if ratio > 1 / limit:
            return (
                f"The gradient grows to {ratio:.0e} times its size on the way back to"
                f" {layers[0].name}.",
                "Try smaller initial weights or normalization.",
                layers[0].name,
            )
        return None

    return check


def _updates(snapshot: Snapshot) -> Finding | None:
    for layer in snapshot.learned_layers:
        if layer.update_to_weight_ratio > LARGE_UPDATE and snapshot.step > SETTLED_STEP:
            return (
                f"Each update changes {layer.name} by {layer.update_to_weight_ratio:.0%}"
                " of its size.",
                "Lower the learning rate; about 0.1 % is usual.",
                layer.name,
            )
    return None


def _crawling(snapshot: Snapshot) -> Finding | None:
    ratios = [layer.update_to_weight_ratio for layer in snapshot.learned_layers]
    known = [ratio for ratio in ratios if not math.isnan(ratio)]
    if known and max(known) < SMALL_UPDATE and not _solved(snapshot):
        return (
            f"The weights hardly move: at most {max(known):.0e} of their size a step.",
            "Raise the learning rate.",
            None,
        )
    return None


def _solved(snapshot: Snapshot) -> bool:
    return snapshot.train_accuracy >= 0.99


_CHECKS: tuple[tuple[Severity, Callable[[Snapshot], Finding | None]], ...] = (
    ("danger", _symmetric),
    ("danger", _dead),
    ("danger", _saturated),
    ("danger", _flow(VANISHING)),
    ("warning", _updates),
    ("warning", _flow(FADING)),
    ("warning", _crawling),
)


def _progress(history: Sequence[Snapshot]) -> Diagnosis:
    latest, best = history[-1], min(history, key=_test_loss)
    overfits = latest.test_loss > GAP_OF_OVERFITTING * best.test_loss + SMALL_GAP
    if overfits and latest.train_loss < best.train_loss:
        return Diagnosis(
            "warning",
            f"Overfitting: the test loss was lowest at step {best.step:,}"
            f" ({best.test_loss:.3g}) and is {latest.test_loss:.3g} now.",
            "Stop earlier, add dropout or an L2 penalty, or use more data.",
            None,
            best.step,
        )
    middle = history[len(history) // 2]
    if (
        latest.train_loss > 0.98 * middle.train_loss
        and not _solved(latest)
        and latest.step > SETTLED_STEP
    ):
        return Diagnosis(
            "info",
            f"The training loss has settled at {latest.train_loss:.3g}.",
            "A wider or deeper network, or another learning rate, may go lower.",
            None,
            middle.step,
        )
    return Diagnosis("good", "Learning: gradients and units look healthy.")


def _test_loss(snapshot: Snapshot) -> float:
    return snapshot.test_loss if math.isfinite(snapshot.test_loss) else math.inf
