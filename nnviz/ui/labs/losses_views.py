"""What the losses lab computes and draws for its settings, a function a view."""

from __future__ import annotations

from functools import lru_cache, partial

from nnviz.experiments.objectives import (
    cross_entropy_by_hand,
    imbalance,
    loss_curves,
    saturated_start,
)
from nnviz.feed import Panel
from nnviz.figures import class_imbalance, cross_entropy
from nnviz.figures import loss_curves as curve_figures
from nnviz.ui.labs import losses_words as say
from nnviz.ui.labs.losses import LossSettings
from nnviz.ui.labs.shown import Shown

fitted = lru_cache(maxsize=64)(imbalance)


def view(settings: LossSettings) -> Shown:
    """Everything that the page shows for these settings."""
    shown = {
        "steps": _steps,
        "imbalance": _imbalance,
        "curves": _curves,
        "saturation": _saturation,
    }[settings.view]
    return shown(settings)


def _steps(settings: LossSettings) -> Shown:
    record = cross_entropy_by_hand(
        settings.logits, settings.targets, settings.weights, settings.reduction,
        settings.label_smoothing, settings.ignore_index,
    )  # fmt: skip
    bars = partial(cross_entropy.class_bars, record, settings.sample - 1)
    which = f"sample {settings.sample}"
    panels = [
        Panel(
            "logits", f"1. Logits of {which}", bars("logits"),
            "What the network's last layer gives: any numbers.", 270, 4,
        ),
        Panel(
            "softmax", "2. Softmax", bars("softmax"),
            "p = exp(z) / Σ exp(z): positive, and 1 together. Black: the label.", 270, 4,
        ),
        Panel(
            "log", "3. −log, then pick", bars("log"),
            "−log p of each class; × is the label's share that picks it.", 270, 4,
        ),
        Panel(
            "samples", "4. Weigh and reduce", cross_entropy.sample_losses(record),
            "Each sample's loss with its weight, and what reduction makes of the batch.", 270, 6,
        ),
        Panel(
            "gradient", f"What it teaches: gradient of {which}", bars("gradient"),
            "∂L/∂z = (softmax − label), with this sample's weight and share of the batch.", 270, 6,
        ),
    ]  # fmt: skip
    return Shown(
        panels, say.steps(record, settings), say.step_numbers(record), say.step_rows(record)
    )


def _imbalance(settings: LossSettings) -> Shown:
    record = fitted(
        settings.minority_share, settings.distance, settings.minority_weight,
        settings.n_points, settings.seed,
    )  # fmt: skip
    panels = [
        Panel(
            "plane", "The boundary", class_imbalance.boundary_plane(record),
            "Both classes are Gaussians of deviation 1. The classifier is linear and minimizes"
            " weighted cross-entropy exactly.", 420, 6,
        ),
        Panel(
            "recall", "Recall of both classes", class_imbalance.recall_curve(record),
            "Share of each class that is found among 2000 fresh points of it, over the weight of"
            " class 1. Dashed: theory. Vertical: your weight, and the one that balances.", 420, 6,
        ),
    ]  # fmt: skip
    return Shown(panels, say.imbalance(record), say.imbalance_numbers(record))


def _curves(settings: LossSettings) -> Shown:
    curves = loss_curves(settings.losses, settings.target, settings.huber_delta)
    draw = partial(curve_figures.loss_lines, curves, target=settings.target)
    panels = [
        Panel(
            "loss", "Loss of one sample", draw("loss"),
            "Over the network's output; the dotted line is the target.", 380, 6,
        ),
        Panel(
            "gradient", "Its gradient", draw("gradient"),
            "How hard the sample pulls at the output, and in which direction.", 380, 6,
        ),
    ]  # fmt: skip
    return Shown(panels, say.curves(settings))


def _saturation(settings: LossSettings) -> Shown:
    records = saturated_start(settings.start, settings.learning_rate, settings.n_steps)
    draw = partial(curve_figures.saturation_lines, records, start=settings.start)
    panels = [
        Panel(
            "loss", "Loss over the logit", draw("loss"),
            "Of p = σ(z) with target 1; the dotted line is the start.", 330, 6,
        ),
        Panel(
            "gradient", "Size of the gradient", draw("gradient"),
            "|∂L/∂z|: how far one step of gradient descent moves the logit.", 330, 6,
        ),
        Panel(
            "probability", "Learning", draw("probability"),
            "The answer p = σ(z) over the steps of gradient descent on z.", 300, 12,
        ),
    ]  # fmt: skip
    return Shown(panels, say.saturation(records, settings), say.saturation_numbers(records))
