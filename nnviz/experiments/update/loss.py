"""The loss of the update as arithmetic: a sample's term, the mean of all, what goes back.

Shapes: B samples of the batch, C outputs, T places that have a class each.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from nnviz.catalog.losses import LOSSES, LossOptions
from nnviz.experiments.update.looked import Looked, gradient
from nnviz.experiments.update.naming import unit_name
from nnviz.experiments.update.records import Line
from nnviz.experiments.update.sums import summed
from nnviz.experiments.update.taken import Taken


@dataclass(frozen=True)
class Terms:
    """Each sample's loss and what all are divided by: the loss is Σ terms_B / divisor."""

    terms_B: Tensor
    divisor: float
    wrong_B: Tensor | None
    """None for a regression."""


def loss_terms(taken: Taken) -> Terms:
    """The parts of the batch's loss, by the trainer's own loss function without its mean."""
    options = taken.trainer._loss_options
    entry, output = LOSSES[taken.spec.training.loss], taken.blocks[-1].output.detach()
    apart = entry.call(options)
    target = _target(taken)
    elements = apart(output, target, reduction="none").double()
    weights = options.class_weight_C
    divisor = float(elements.numel())
    if isinstance(weights, Tensor) and entry.compares == "labels":
        divisor = float(weights[taken.y].double().sum())
    wrong_B = None
    if not taken.y.is_floating_point():
        wrong_B = (output.argmax(1) != taken.y).reshape(len(output), -1).any(1).cpu()
    return Terms(elements.reshape(len(output), -1).sum(1).cpu(), divisor, wrong_B)


def _target(taken: Taken) -> Tensor:
    """What the loss compares with: labels, or values."""
    if LOSSES[taken.spec.training.loss].compares == "labels" or taken.y.is_floating_point():
        return taken.y
    output = taken.blocks[-1].output
    one_hot = torch.nn.functional.one_hot(taken.y, output.shape[1])
    return one_hot.movedim(-1, 1).to(output.dtype)


def loss_lines(taken: Taken, looked: Looked, terms: Terms) -> tuple[Line, ...]:
    """From the outputs to ∂L/∂z of each of them."""
    lines: list[Line] = []
    if looked.sample is not None:
        lines = _own(taken, looked.sample, terms)
    names = _sample_names(terms)
    share = Line("L", _mean_words(taken, terms), taken.loss, note=_penalty_words(taken))
    part_B = torch.full_like(terms.terms_B, 1 / terms.divisor)
    lines.append(summed(share, (terms.terms_B, part_B), names, looked.sample))
    return (*lines, *_going_back(taken, looked))


def _own(taken: Taken, sample: int, terms: Terms) -> list[Line]:
    """The sample's own term."""
    output_C = taken.blocks[-1].output.detach()[sample].double()
    value = float(terms.terms_B[sample])
    if taken.spec.training.loss != "cross_entropy":
        return [_distance(taken, sample, output_C, value)]
    if output_C.dim() > 1:
        return [Line("ℓ", "Σ −ln p over all places", value)]
    label = int(taken.y[sample])
    chance = float(output_C.softmax(0)[label])
    all_C = output_C.exp()
    named = unit_name(taken, "output", label)
    whole = float(all_C.sum())
    fits = 0 < whole < 1e6
    line = Line(
        "p", "softmax: e^z / Σ e^z", chance,
        "e^{} / {}" if fits else "", (float(output_C[label]), whole) if fits else (),
        f"for {named}, the right one",
    )  # fmt: skip
    return [line, _surprise(taken, label, chance, value)]


def _surprise(taken: Taken, label: int, chance: float, value: float) -> Line:
    options: LossOptions = taken.trainer._loss_options
    weights = options.class_weight_C
    weight = float(weights[label]) if isinstance(weights, Tensor) else None
    if options.label_smoothing:
        share = options.label_smoothing
        words = f"the target has {share:g} of its weight spread over all classes"
        weighted = "" if weight is None else ", and classes have weights"
        return Line("ℓ", "Σ −q·ln p", value, note=words + weighted)
    if weight is None:
        return Line("ℓ", "−ln p", value, "−ln {}", (chance,))
    return Line("ℓ", "−w·ln p", value, "−{} · ln {}", (weight, chance), "w: the class's weight")


def _distance(taken: Taken, sample: int, output_C: Tensor, value: float) -> Line:
    target_C = _target(taken)[sample].double()
    if taken.spec.training.loss == "huber":
        words = f"squared up to {taken.spec.training.huber_delta:g}, linear beyond"
        return Line("ℓ", "Huber(answer − target)", value, note=words)
    if output_C.numel() == 1:
        numbers = (float(output_C.flatten()[0]), float(target_C.flatten()[0]))
        return Line("ℓ", "(answer − target)²", value, "({} − {})²", numbers)
    line = Line("ℓ", "Σ (answer − target)²", value)
    error_C = (output_C - target_C).flatten()
    return summed(line, (error_C, error_C), lambda unit: (unit_name(taken, "output", unit), unit))


def _mean_words(taken: Taken, terms: Terms) -> str:
    n = len(terms.terms_B)
    if terms.divisor == n:
        return f"mean of ℓ over {n} samples"
    return f"Σ ℓ over {n} samples, divided by {terms.divisor:.4g}"


def _penalty_words(taken: Taken) -> str:
    return "the L1 penalty joins at the update" if taken.spec.training.l1 else ""


def _sample_names(terms: Terms):  # type: ignore[no-untyped-def]
    def name(sample: int) -> tuple[str, int]:
        wrong = terms.wrong_B is not None and bool(terms.wrong_B[sample])
        return f"sample {sample + 1}{' (wrong)' if wrong else ''}", -1

    return name


def _going_back(taken: Taken, looked: Looked) -> list[Line]:
    """∂L/∂z of the first outputs: where the way back begins."""
    output = taken.blocks[-1].output
    slopes = gradient(output)
    if output.dim() > 2:
        return []
    own_C = (slopes.sum(0) if looked.sample is None else slopes[looked.sample]).double()
    plain = _is_plain(taken) and looked.sample is not None
    lines = []
    for unit in own_C.abs().argsort(descending=True, stable=True)[:3].tolist():
        named = unit_name(taken, "output", unit)
        formula, numbers = "summed over the batch" if looked.sample is None else "", ""
        values: tuple[float, ...] = ()
        if taken.spec.training.loss == "mse" and looked.sample is not None:
            formula, numbers = "2·(answer − target) / numbers of the batch", "2 · ({} − {}) / {}"
            given, wanted = output.detach()[looked.sample, unit], _target(taken)[looked.sample]
            values = (float(given), float(wanted[unit]), float(output.numel()))
        if plain:
            assert looked.sample is not None
            chance = float(output.detach()[looked.sample].double().softmax(0)[unit])
            right = float(int(taken.y[looked.sample]) == unit)
            formula, numbers = "(p − right) / batch", "({} − {}) / {}"
            values = (chance, right, float(len(output)))
        lines.append(Line("∂L/∂z", formula, float(own_C[unit]), numbers, values, f"for {named}"))
    return lines


def _is_plain(taken: Taken) -> bool:
    training = taken.spec.training
    plain = training.loss == "cross_entropy" and not training.class_weights
    return plain and not training.label_smoothing
