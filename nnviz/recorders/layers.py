"""One block's LayerRecord from what its recorders heard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from nnviz.catalog.activations import Activation
from nnviz.recorders import measures
from nnviz.recorders.forward import BlockForward
from nnviz.recorders.normalized import normalization_record
from nnviz.recorders.parts import BATCH_NORMS, learned_part, part
from nnviz.records import BatchStatisticsRecord, FloatArray, Histogram, LayerKind, LayerRecord

MAX_DRAWN_WEIGHTS = 4096
MAX_DRAWN_UNITS = 12


@dataclass(frozen=True)
class StepOfBlock:
    """What the training step did at one block; None where the step was not taken.

    `weight_before` is the weight before the update, `gradient` its gradient in that step; both
    on the CPU. `batch_sizes` are the usual and the smallest of an epoch.
    """

    gradient: Tensor | None = None
    weight_before: Tensor | None = None
    delta_rms: float = math.nan
    batch_moments: tuple[Tensor, Tensor] | None = None
    batch_sizes: tuple[int, int] = (0, 0)


def layer_record(
    name: str,
    kind: LayerKind,
    block: nn.Module,
    activation: Activation | None,
    forward: BlockForward,
    step: StepOfBlock,
    maps: Tensor | None = None,
    bias_has_no_effect: bool = False,
) -> LayerRecord:
    """Everything measured of one block.

    `forward` holds the reference set in evaluation mode, `maps` the block's output over the
    input grid, (G·G, D) with the last axis the units.
    """
    output = forward.output
    assert output is not None
    return LayerRecord(
        name=name,
        kind=kind,
        n_units=output.shape[1],
        bias_has_no_effect=bias_has_no_effect,
        delta_rms=step.delta_rms,
        normalization=normalization_record(
            part(block, "normalization"), tuple(output.shape[1:]), *step.batch_sizes
        ),
        batch_statistics=_batch_statistics(block, step),
        unit_maps_KGG=_unit_maps(maps),
        histograms=_histograms(block, forward, step),
        **_weight_numbers(block, step),
        **_forward_numbers(forward, activation),
    )


def _weight_numbers(block: nn.Module, step: StepOfBlock) -> dict[str, Any]:
    learned = learned_part(block)
    if learned is None:
        return {}
    weight = learned.weight.detach().cpu()
    numbers: dict[str, Any] = {
        "weight_norm": measures.norm(weight),
        "unit_difference": measures.unit_difference(weight, learned.bias),
    }
    if weight.dim() == 2 and weight.numel() <= MAX_DRAWN_WEIGHTS:
        numbers["weight_DF"] = weight.numpy().copy()
    if step.gradient is not None:
        norm = measures.norm(step.gradient)
        numbers |= {"grad_norm": norm, "grad_rms": norm / math.sqrt(step.gradient.numel())}
    if step.weight_before is not None and (before := measures.norm(step.weight_before)) > 0:
        change = measures.norm(weight.double() - step.weight_before)
        numbers["update_to_weight_ratio"] = change / before
    return numbers


def _forward_numbers(forward: BlockForward, activation: Activation | None) -> dict[str, Any]:
    output, z = forward.output, forward.pre_activation
    assert output is not None
    values = output if forward.activation is None else forward.activation
    own = measures.moments(values)
    entering = own if output is values else measures.moments(output)
    numbers: dict[str, Any] = {
        "mean": own.mean,
        "std": own.std,
        "unit_mean_D": own.mean_D,
        "unit_std_D": own.std_D,
        "zero_fraction": measures.share(values == 0),
        "output_mean": entering.mean,
        "output_std": entering.std,
        "negative_fraction": measures.share(output < 0),
        "effective_rank": measures.effective_rank(output),
        "sample_cosine": measures.sample_cosine(output),
    }
    if z is not None:
        before = own if z is values else measures.moments(z)
        numbers |= {"pre_activation_mean": before.mean, "pre_activation_std": before.std}
    return numbers | _health(values, forward.activation_input, activation)


def _health(
    values: Tensor, activation_input: Tensor | None, activation: Activation | None
) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    if activation is None or activation_input is None:
        return numbers
    if activation.saturation is not None:
        numbers["saturated_fraction"] = measures.saturated_fraction(values, *activation.saturation)
    if activation.dead_below is not None:
        dead_D = measures.dead_units(activation_input, activation.dead_below)
        numbers |= {"dead_D": dead_D, "dead_fraction": float(dead_D.mean())}
    return numbers


def _histograms(block: nn.Module, forward: BlockForward, step: StepOfBlock) -> dict[str, Histogram]:
    learned = learned_part(block)
    values = {
        "pre_activation": forward.pre_activation,
        "normalized": forward.normalized,
        "activation": forward.activation,
        "weight": None if learned is None else learned.weight,
        "gradient": step.gradient,
    }
    return {name: measures.histogram(v) for name, v in values.items() if v is not None}


def _batch_statistics(block: nn.Module, step: StepOfBlock) -> BatchStatisticsRecord | None:
    normalization = part(block, "normalization")
    if step.batch_moments is None or not isinstance(normalization, BATCH_NORMS):
        return None
    if normalization.running_mean is None or normalization.running_var is None:
        return None
    mean_D, variance_D = step.batch_moments
    arrays = (normalization.running_mean, normalization.running_var, mean_D, variance_D)
    return BatchStatisticsRecord(*(array.cpu().numpy().copy() for array in arrays))


def _unit_maps(maps: Tensor | None) -> FloatArray | None:
    if maps is None or maps.dim() != 2:
        return None
    side = math.isqrt(len(maps))
    shown = maps[:, :MAX_DRAWN_UNITS].T.reshape(-1, side, side)
    return np.asarray(shown.half().cpu().numpy())
