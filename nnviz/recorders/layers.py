"""One block's LayerRecord from what its recorders heard."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.activations import Activation
from nnviz.catalog.initializers import Learned
from nnviz.recorders import measures
from nnviz.recorders.forward import BlockForward
from nnviz.recorders.normalized import normalization_record
from nnviz.recorders.parts import BATCH_NORMS, learned_part, part, weight_of
from nnviz.records import BatchStatisticsRecord, FloatArray, Histogram, LayerRecord, TensorRecord

MAX_DRAWN_WEIGHTS = 4096
MAX_DRAWN_UNITS = 12


@dataclass(frozen=True)
class TensorOfStep:
    """One tensor of a block after a step, its gradient in that step and itself before it."""

    role: str
    values: Tensor
    gradient: Tensor | None = None
    before: Tensor | None = None

    @property
    def record(self) -> TensorRecord:
        """Norms and the histogram."""
        return TensorRecord(
            self.role,
            measures.norm(self.values),
            measures.histogram(self.values),
            math.nan if self.gradient is None else measures.norm(self.gradient),
            _update_ratio(self.values, self.before),
        )


@dataclass(frozen=True)
class StepOfBlock:
    """What the training step did at one block; None where the step was not taken.

    `weight_before` is the weight before the update, `gradient` its gradient in that step; both
    on the CPU and, where a block has several, of all tensors end to end: each for itself is one
    of `tensors`. `batch_sizes` are the usual and the smallest of an epoch.
    """

    gradient: Tensor | None = None
    weight_before: Tensor | None = None
    delta_rms: float = math.nan
    batch_moments: tuple[Tensor, Tensor] | None = None
    batch_sizes: tuple[int, int] = (0, 0)
    tensors: tuple[TensorOfStep, ...] = ()
    step_gradient_T: Tensor | None = None


def layer_record(
    name: str,
    kind: str,
    block: nn.Module,
    activation: Activation | None,
    forward: BlockForward,
    step: StepOfBlock,
    maps: Tensor | None = None,
    bias_has_no_effect: bool = False,
    known: Mapping[str, Histogram] | None = None,
) -> LayerRecord:
    """Everything measured of one block.

    `forward` holds the reference set in evaluation mode, `maps` the block's output over the
    input grid, (G·G, D) with the last axis the units; `known` are histograms of `forward` by their
    quantity that were measured before.
    """
    output = forward.output
    assert output is not None
    return LayerRecord(
        name=name,
        kind=kind,
        n_units=output.shape[1],
        is_learned=learned_part(block) is not None,
        bias_has_no_effect=bias_has_no_effect,
        delta_rms=step.delta_rms,
        normalization=normalization_record(
            part(block, "normalization"), tuple(output.shape[1:]), *step.batch_sizes
        ),
        batch_statistics=_batch_statistics(block, step),
        unit_maps_KGG=_unit_maps(maps),
        step_gradient_T=_array(step.step_gradient_T),
        histograms=_histograms(block, forward, step, known),
        **_weight_numbers(block, step),
        **_affine(block),
        **_forward_numbers(forward, activation),
    )


def _weight_numbers(block: nn.Module, step: StepOfBlock) -> dict[str, Any]:
    learned = learned_part(block)
    if learned is None:
        return {}
    weight = weight_of(learned).cpu()
    numbers: dict[str, Any] = {"weight_norm": measures.norm(weight)}
    if isinstance(learned, Learned):
        numbers["unit_difference"] = measures.unit_difference(weight, learned.bias)
    if isinstance(learned, nn.Linear) and weight.numel() <= MAX_DRAWN_WEIGHTS:
        numbers["weight_DF"] = weight.numpy().copy()
    if len(step.tensors) > 1:
        numbers["tensors"] = tuple(tensor.record for tensor in step.tensors)
    if step.gradient is not None:
        norm = measures.norm(step.gradient)
        numbers |= {"grad_norm": norm, "grad_rms": norm / math.sqrt(step.gradient.numel())}
    numbers["update_to_weight_ratio"] = _update_ratio(weight, step.weight_before)
    return numbers


def _affine(block: nn.Module) -> dict[str, Any]:
    """Mean and standard deviation of γ and β over the channels."""
    numbers: dict[str, Any] = {}
    normalization = part(block, "normalization")
    for name, learned in (("scale", "weight"), ("shift", "bias")):
        values = getattr(normalization, learned, None)
        if isinstance(values, Tensor):
            variance, mean = torch.var_mean(values.detach().double(), correction=0)
            numbers |= {f"{name}_mean": float(mean), f"{name}_std": math.sqrt(float(variance))}
    return numbers


def _update_ratio(weight: Tensor, before: Tensor | None) -> float:
    """‖change‖ / ‖weight before‖; NaN where there was no update or nothing before it."""
    if before is None or not (norm := measures.norm(before)) > 0:
        return math.nan
    return measures.norm(weight.cpu().double() - before.cpu()) / norm


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


def _histograms(
    block: nn.Module,
    forward: BlockForward,
    step: StepOfBlock,
    known: Mapping[str, Histogram] | None,
) -> dict[str, Histogram]:
    learned = learned_part(block)
    has_own = learned is None or isinstance(learned, Learned)
    values = {
        "pre_activation": forward.pre_activation,
        "normalized": forward.normalized,
        "activation": forward.activation if has_own else forward.output,
        "weight": None if learned is None else weight_of(learned),
        "gradient": step.gradient,
    }
    before = known if known is not None and has_own else {}
    return {
        name: before[name] if name in before else measures.histogram(v)
        for name, v in values.items()
        if v is not None
    }


def _batch_statistics(block: nn.Module, step: StepOfBlock) -> BatchStatisticsRecord | None:
    normalization = part(block, "normalization")
    if step.batch_moments is None or not isinstance(normalization, BATCH_NORMS):
        return None
    if normalization.running_mean is None or normalization.running_var is None:
        return None
    mean_D, variance_D = step.batch_moments
    arrays = (normalization.running_mean, normalization.running_var, mean_D, variance_D)
    return BatchStatisticsRecord(*(array.cpu().numpy().copy() for array in arrays))


def _array(values: Tensor | None) -> FloatArray | None:
    return None if values is None else np.asarray(values.cpu().numpy())


def _unit_maps(maps: Tensor | None) -> FloatArray | None:
    if maps is None or maps.dim() != 2:
        return None
    side = math.isqrt(len(maps))
    shown = maps[:, :MAX_DRAWN_UNITS].T.reshape(-1, side, side)
    return np.asarray(shown.half().cpu().numpy())
