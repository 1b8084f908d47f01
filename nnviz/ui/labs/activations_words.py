"""What to notice in the activations lab, from the numbers that are shown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from nnviz.experiments.nonlinearity import (
    CollapseRecord,
    DeadUnitRecord,
    ResponseRecord,
    XorRecord,
)
from nnviz.experiments.signal_propagation import SignalRecord, SignalSpec
from nnviz.ui.labs.activations import ActivationSettings
from nnviz.ui.labs.shown import listed

ROUNDING = 1e-5
VANISHING, EXPLODING = 1e-3, 1e3


def shape(responses: Sequence[ResponseRecord], settings: ActivationSettings) -> str:
    """Who passes how much gradient, who saturates, who outputs zeros."""
    best = max(responses, key=lambda r: r.mean_slope)
    least = min(responses, key=lambda r: r.mean_slope)
    sentences = [
        f"On these inputs the gradient keeps {best.mean_slope:.0%} of its size through"
        f" {listed([best.name])} on average"
        + (f", {least.mean_slope:.0%} through {listed([least.name])}." if best != least else ".")
    ]
    full = [r for r in responses if r.saturated_share > 0.05]
    if full:
        worst = max(full, key=lambda r: r.saturated_share)
        sentences.append(
            f"{listed([worst.name]).capitalize()} is saturated for {worst.saturated_share:.0%} of"
            " them: there it is flat, and hardly any gradient passes."
        )
    elif settings.std < 2 and any(math.isfinite(r.saturated_share) for r in responses):
        sentences.append("Widen the inputs or move their mean to see the flat ends at work.")
    zeros = max(responses, key=lambda r: r.zero_share)
    if zeros.zero_share > 0.005:
        sentences.append(
            f"{listed([zeros.name]).capitalize()} turns {zeros.zero_share:.0%} of the inputs into"
            " exact zeros: the peak in its row. A zero is no dead unit: another input may pass."
        )
    else:
        sentences.append("None of them turns a noticeable share into exact zeros.")
    return " ".join(sentences)


def response_rows(responses: Sequence[ResponseRecord]) -> list[dict[str, str]]:
    """The table below the histograms; "–" where a quantity does not exist."""
    return [
        {
            "activation": r.name.replace("_", " "),
            "mean slope E[φ′(z)]": f"{r.mean_slope:.3f}",
            "E[φ′(z)²]": f"{r.mean_square_slope:.3f}",
            "saturated": f"{r.saturated_share:.1%}" if math.isfinite(r.saturated_share) else "–",
            "zero": f"{r.zero_share:.1%}",
            "mean after": f"{r.mean:z.3f}",
            "deviation after": f"{r.std:.3f}",
        }
        for r in responses
    ]


def depth(signals: Mapping[str, SignalRecord], settings: ActivationSettings) -> str:
    """Which gradients vanish, explode or arrive."""
    if settings.depth < 2:
        return "One layer has no depth to lose a gradient in: take more layers."
    ratios = {name: first_to_last(signal) for name, signal in signals.items()}
    kinds: dict[str, list[str]] = {"vanishes": [], "explodes": [], "arrives": [], "is lost": []}
    for name, ratio in ratios.items():
        kinds[verdict(ratio)].append(name)
    sentences = [
        f"The gradient **{what}** with {listed(names)}." for what, names in kinds.items() if names
    ]
    name = min(ratios, key=lambda each: ratios[each] if math.isfinite(ratios[each]) else math.inf)
    factor = math.sqrt(float(np.mean(signals[name].growth_by_seed)))
    if math.isfinite(factor):
        sentences.append(
            f"With {name} each layer multiplies it by {factor:.3f} on the way back:"
            f" {ratios[name]:.2g} of it is left at layer 1 after {settings.depth - 1} such steps."
        )
    sentences.append(
        "Vanishing and exploding mean less than a thousandth or more than a thousandfold at the"
        " first layer, a convention of ours."
    )
    return " ".join(sentences)


def first_to_last(signal: SignalRecord) -> float:
    """RMS of the gradient at the first layer over that at the last, over all seeds."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logs_S = np.log(signal.delta_rms_SL[:, 0]) - np.log(signal.delta_rms_SL[:, -1])
        return float(np.exp(np.mean(logs_S)))


def verdict(ratio: float) -> str:
    """In a word, by the convention of science §2."""
    if math.isnan(ratio):
        return "is lost"
    if ratio < VANISHING:
        return "vanishes"
    return "explodes" if ratio > EXPLODING else "arrives"


def seeds(specs: Mapping[str, SignalSpec], settings: ActivationSettings) -> list[str]:
    """A note where fewer seeds than asked for are measured."""
    fewest = min(spec.n_seeds for spec in specs.values())
    if fewest == settings.n_seeds:
        return []
    return [
        f"{fewest} of {settings.n_seeds} seeds are measured for the answer to stay quick; fewer"
        " activations, units or layers leave time for more."
    ]


def collapse_numbers(record: CollapseRecord) -> dict[str, str]:
    """The two differences."""
    numbers = {"Largest difference, stack and one layer": f"{record.max_difference:.1e}"}
    if math.isfinite(record.bend):
        numbers["With the activation inside"] = f"{record.bend:.3g}"
    return numbers


def collapse(record: CollapseRecord, settings: ActivationSettings) -> str:
    """The stack is one layer; one activation changes that."""
    w1, w2 = record.weight_2
    text = (
        f"{settings.n_layers} Linear layers compute exactly what one does:"
        f" {w1:.3f}·x₁ {'+' if w2 >= 0 else '−'} {abs(w2):.3f}·x₂"
        f" {'+' if record.bias >= 0 else '−'} {abs(record.bias):.3f}. What is left between them,"
        f" {record.max_difference:.1e}, is rounding in single precision."
    )
    if not math.isfinite(record.bend):
        return text + " Insert an activation after any layer and the two part."
    name = settings.bend.replace("_", " ")
    if record.bend < ROUNDING:
        return text + f" With {name} nothing changes here: on these inputs it is a straight line."
    return text + (
        f" With {name} inside, the same weights differ from any single layer by up to"
        f" {record.bend:.3g}: the level lines are no longer straight."
    )


def dead(records: Sequence[DeadUnitRecord], settings: ActivationSettings) -> str:
    """Who dies, who comes back, who stays."""
    lasting = [r for r in records if np.isfinite(r.loss_T).all()]
    sentences = [
        f"With {listed([r.name])} the large step is too large even to survive: training diverges."
        for r in records
        if r not in lasting
    ]
    gone = [r for r in lasting if r.dies_at is not None and r.recovers_at is None]
    back = [r for r in lasting if r.recovers_at is not None]
    still = [r for r in gone if r.gradient_T[-1] > 0]
    lost = [r for r in gone if r.gradient_T[-1] == 0]
    for step in sorted({r.dies_at for r in lost if r.dies_at is not None}):
        names = listed([r.name for r in lost if r.dies_at == step])
        which = "The large step" if step == settings.jump_at else f"Step {step}"
        sentences.append(
            f"{which} pushes the unit with {names} below 0 on all inputs: its gradient is exactly"
            " 0 from then on, and no later step can bring it back."
        )
    sentences += [
        f"With {listed([record.name])} it falls below 0 at step {record.dies_at} and is back"
        f" at step {record.recovers_at}: its slope below 0 lets a gradient through."
        for record in back
    ]
    if still:
        sentences.append(
            f"With {listed([r.name for r in still])} it is below 0 and still gets a gradient, but"
            f" {settings.n_steps} steps were not enough to come back."
        )
    if lasting and not gone and not back:
        sentences.append(
            "No unit falls below 0 on all inputs here: make the large step larger, or take it"
            " earlier, while the gradient is still large."
        )
    return " ".join(sentences)


def dead_rows(records: Sequence[DeadUnitRecord]) -> list[dict[str, str]]:
    """When each unit died and came back."""
    return [
        {
            "activation": r.name.replace("_", " "),
            "below 0 on all inputs": _step(r.dies_at, "never"),
            "back above 0": "–"
            if r.dies_at is None
            else _step(r.recovers_at, "not yet")
            if r.gradient_T[-1] > 0 or r.recovers_at is not None
            else "never: no gradient",
            "loss at the end": f"{r.loss_T[-1]:.2g}" if np.isfinite(r.loss_T[-1]) else "–",
        }
        for r in records
    ]


def _step(step: int | None, otherwise: str) -> str:
    return otherwise if step is None else f"step {step}"


def xor(records: Sequence[XorRecord]) -> str:
    """How many seeds solve it."""
    single, hidden = records
    n = len(hidden.accuracy_S)
    solved = int((hidden.accuracy_S == 1).sum())
    best = round(float(single.accuracy_S.max()) * 4)
    return (
        f"The single layer gets at most {best} of the 4 points right in {n} seeds: its boundary is"
        " one straight line, and no line has both pairs of corners on opposite sides."
        f" With {hidden.name}, {solved} of {n} seeds solve it"
        + (
            "." if solved == n
            else "; the others are stuck or have not finished: try more steps, more units, or"
            " another seed for the surface."
        )
    )  # fmt: skip
