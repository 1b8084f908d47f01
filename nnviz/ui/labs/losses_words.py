"""What to notice in the losses lab, from the numbers that are shown."""

from __future__ import annotations

import math

import numpy as np

from nnviz.experiments.objectives import CrossEntropyRecord, ImbalanceRecord, SaturationRecord
from nnviz.records import FloatArray
from nnviz.ui.labs.losses import LossSettings


def step_numbers(record: CrossEntropyRecord) -> dict[str, str]:
    """The reduced loss by hand and by torch."""
    if len(record.reference_N) > 1:
        return {"By hand": "one number a sample", "torch": _list(record.reference_N)}
    reference = float(record.reference_N[0])
    return {
        "By hand": _number(record.loss),
        "torch.nn.functional.cross_entropy": _number(reference),
        "Sum of weight × loss": f"{record.loss_N.sum():.4f}",
        "Sum of the targets' weights": f"{record.divisor:.4g}",
    }


def _number(value: float) -> str:
    return f"{value:.6f}" if math.isfinite(value) else "nan"


def _list(values: FloatArray) -> str:
    return ", ".join(f"{value:.3f}" for value in values)


def step_rows(record: CrossEntropyRecord) -> list[dict[str, str]]:
    """Every step of every sample."""
    rows = []
    for n in range(len(record.target_N)):
        target, ignored = int(record.target_N[n]), bool(record.ignored_N[n])
        shown = {
            "sample": str(n + 1),
            "target": f"{target} (ignored)" if ignored else str(target),
            "logits": _list(record.logits_NC[n]),
            "softmax": _list(record.softmax_NC[n]),
            "p of the target": "–" if ignored else f"{record.softmax_NC[n, target]:.4f}",
            "−log p": "–" if ignored else f"{-record.log_softmax_NC[n, target]:.4f}",
            "weight": "–" if ignored else f"{record.weight_C[target]:g}",
            "weight × loss": "–" if ignored else f"{record.loss_N[n]:.4f}",
        }
        rows.append(shown)
    return rows


def steps(record: CrossEntropyRecord, settings: LossSettings) -> str:
    """The chosen sample, the divisor, smoothing."""
    n = settings.sample - 1
    target = int(record.target_N[n])
    sentences = []
    if record.ignored_N[n]:
        sentences.append(f"Sample {n + 1} is ignored: it adds nothing, and its gradient is 0.")
    else:
        p = float(record.softmax_NC[n, target])
        sentences.append(
            f"Sample {n + 1} gives its target class {target} p = {p:.3f}, so −log p ="
            f" {-record.log_softmax_NC[n, target]:.3f} nats: nothing for a sure right answer,"
            " ln 3 = 1.099 for guessing among three."
        )
    if settings.reduction == "mean":
        sentences.append(_about_mean(record))
    if settings.label_smoothing:
        sentences.append(
            f"Smoothing with ε = {settings.label_smoothing:g} asks for"
            f" {1 - settings.label_smoothing * 2 / 3:.2f} at the target and"
            f" {settings.label_smoothing / 3:.2f} elsewhere: every class's"
            " −log p counts, with that class's weight, and being surer than that costs again."
        )
    return " ".join(sentences)


def _about_mean(record: CrossEntropyRecord) -> str:
    counted = int((~record.ignored_N).sum())
    if not record.divisor:
        return (
            'With "mean" there is nothing to divide by: the weights of the counted targets sum to'
            " 0, and torch answers nan."
        )
    if abs(record.divisor - counted) < 1e-9:
        return f'"mean" divides by {counted}, the number of samples that count.'
    return (
        f'"mean" divides by {record.divisor:g}, the summed weights of the targets, and not by the'
        f" {counted} samples that count."
    )


def imbalance_numbers(record: ImbalanceRecord) -> dict[str, str]:
    """Recall at weight 1 and at the chosen weight, and what mean divides by."""
    chosen = record.chosen
    return {
        "Recall of class 1, weight 1": f"{record.minority_recall_W[0]:.1%}",
        "With your weight": f"{record.minority_recall_W[chosen]:.1%}",
        "Recall of class 0": f"{record.majority_recall_W[chosen]:.1%}",
        "Σ w·loss / Σ w (mean)": f"{record.mean_loss:.4f}",
        "Σ w·loss / N": f"{record.per_sample:.4f}",
    }


def imbalance(record: ImbalanceRecord) -> str:
    """What the weight bought, and what it cost."""
    weight = float(record.weight_W[record.chosen])
    before, after = record.minority_recall_W[0], record.minority_recall_W[record.chosen]
    lost = record.majority_recall_W[0] - record.majority_recall_W[record.chosen]
    n, few = len(record.label_N), int(record.label_N.sum())
    if not record.chosen:
        return (
            f"{few} of {n} points are of class 1. Unweighted, {before:.0%} of that class are found:"
            " with so few of them, a boundary that costs them little is cheap. Raise the weight"
            f" towards {record.balanced_weight:.3g}, where both classes count the same."
            if record.balanced_weight > 1.2
            else f"Both classes are about equally frequent: {before:.0%} of class 1 are found."
        )
    return (
        f"A weight of {weight:.3g} moves the boundary towards class 0: recall of class 1 goes from"
        f" {before:.0%} to {after:.0%}, recall of class 0 falls by {100 * lost:.1f} points."
        " The weight does not make the classes easier to tell apart, it moves along one trade-off."
        f' "mean" divides by the summed weights {record.sum_of_weights:.5g}, not by {n}: the'
        " weighted loss keeps its scale, and with it the learning rate its meaning."
    )


def curves(settings: LossSettings) -> str:
    """What each shown loss does far from the target."""
    about = {
        "mse": "The squared error pulls in proportion to the error: one outlier can outweigh many"
        " good samples.",
        "l1": "The absolute error pulls with the same strength everywhere, even right beside the"
        " target, where it jumps.",
        "huber": f"Huber is squared up to an error of δ = {settings.huber_delta:g} and linear"
        f" beyond: it never pulls harder than {settings.huber_delta:g}.",
        "bce_with_logits": _about_bce(settings.target),
    }
    shown = [about[name] for name in about if name in settings.losses]
    return " ".join(shown)


def _about_bce(target: float) -> str:
    aim = min(max(target, 0.0), 1.0)
    words = f"Binary cross-entropy with target {aim:g} has the gradient σ(z) − {aim:g}: "
    if 0 < aim < 1:
        least = math.log(aim / (1 - aim))
        return words + f"it is 0 at the logit {least:.2f}, and the least loss is not 0."
    return words + "it never turns, the surer the better, and its size never exceeds 1."


def saturation_numbers(records: tuple[SaturationRecord, SaturationRecord]) -> dict[str, str]:
    """Gradients at the start and the step at which the answer turns right."""
    numbers = {}
    for record in records:
        gradient = np.interp(record.z_T[0], record.z_Z, record.gradient_Z)
        name = record.name.capitalize()
        numbers[f"{name}: ∂L/∂z at the start"] = f"{gradient:.2e}"
        half = record.step_half
        numbers[f"{name}: right from step"] = "–" if half is None else str(half)
    return numbers


def saturation(records: tuple[SaturationRecord, SaturationRecord], settings: LossSettings) -> str:
    """Who gets away from the flat end."""
    squared, entropy = records
    p = float(squared.probability_T[0])
    if p > 0.5:
        return (
            f"The answer starts right, p = {p:.3f}: both gradients are small because there is"
            " little left to learn. Start at a negative logit to see them part."
        )
    at_start = p * (1 - p)
    text = (
        f"At the start the answer is p = {p:.2g} and should be 1. Cross-entropy pulls with"
        f" 1 − p = {1 - p:.3f}; the squared error's pull is multiplied by 2 p (1 − p) ="
        f" {2 * at_start:.2g}, twice the slope of the sigmoid there."
    )
    halves = (squared.step_half, entropy.step_half)
    if halves[1] is None:
        return text + f" In {settings.n_steps} steps neither turns right: take larger ones."
    if halves[0] is None:
        return text + (
            f" Cross-entropy answers right from step {halves[1]} on, the squared error not within"
            f" {settings.n_steps} steps."
        )
    return text + (
        f" Cross-entropy answers right from step {halves[1]} on, the squared error from step"
        f" {halves[0]}."
    )
