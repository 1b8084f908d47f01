"""Activation functions as curves, and what they make of a distribution of inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, assert_never

import numpy as np
import torch
from torch import Tensor

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.experiments.nonlinearity.records import CurveRecord, ResponseRecord
from nnviz.records import FloatArray

N_CURVE = 401
N_DRAWN = 20_000
N_BINS = 80

Distribution = Literal["normal", "uniform"]


def activation_curves(names: Sequence[str], reach: float = 5.0) -> list[CurveRecord]:
    """Each activation and its derivative (by autograd) on [-reach, reach]."""
    z_Z = torch.linspace(-reach, reach, N_CURVE, dtype=torch.float64)
    records = []
    for name in names:
        value_Z, slope_Z = _value_and_slope(name, z_Z)
        records.append(CurveRecord(name, z_Z.numpy(), value_Z.numpy(), slope_Z.numpy()))
    return records


def activation_at(names: Sequence[str], z: float) -> list[tuple[float, float]]:
    """Value and slope of each activation at one place."""
    pairs = [_value_and_slope(name, torch.tensor([z], dtype=torch.float64)) for name in names]
    return [(float(value), float(slope)) for value, slope in pairs]


def draw_inputs(distribution: Distribution, mean: float, std: float) -> Tensor:
    """20,000 evenly spread quantiles, so that shares are those of the distribution itself.

    Uniform means mean ± √3·std, which has that standard deviation.
    """
    share_N = (torch.arange(N_DRAWN, dtype=torch.float64) + 0.5) / N_DRAWN
    match distribution:
        case "uniform":
            return mean + std * math.sqrt(3) * (2 * share_N - 1)
        case "normal":
            unit_N: Tensor = torch.special.ndtri(share_N)
            return mean + std * unit_N
        case _:
            assert_never(distribution)


def activation_responses(names: Sequence[str], inputs_N: Tensor) -> list[ResponseRecord]:
    """Histograms before and after each activation on common bins, and what it flattens."""
    responses = [_value_and_slope(name, inputs_N) for name in names]
    edges_B = _common_edges([inputs_N, *(value_N for value_N, _ in responses)])
    input_share_B = _shares(inputs_N, edges_B)
    return [
        _response(name, value_N, slope_N, edges_B, input_share_B)
        for name, (value_N, slope_N) in zip(names, responses, strict=True)
    ]


def _response(
    name: str, value_N: Tensor, slope_N: Tensor, edges_B: FloatArray, input_share_B: FloatArray
) -> ResponseRecord:
    saturation = ACTIVATIONS[name].saturation
    saturated = math.nan
    if saturation is not None:
        low, high = saturation
        saturated = float(((value_N < low) | (value_N > high)).double().mean())
    return ResponseRecord(
        name=name,
        edges_B=edges_B,
        input_share_B=input_share_B,
        output_share_B=_shares(value_N, edges_B),
        saturated_share=saturated,
        zero_share=float((value_N == 0).double().mean()),
        mean_slope=float(slope_N.mean()),
    )


def _value_and_slope(name: str, z: Tensor) -> tuple[Tensor, Tensor]:
    z = z.clone().requires_grad_()
    value = ACTIVATIONS[name].make().double()(z)
    (slope,) = torch.autograd.grad(value.sum(), z)
    return value.detach(), slope


def _common_edges(values: Sequence[Tensor]) -> FloatArray:
    """Edges of equal bins, 0 in the middle of one of them, that hold all values."""
    low, high = (float(min(v.min() for v in values)), float(max(v.max() for v in values)))
    width = max(high - low, 1e-6) / N_BINS
    first, last = math.floor(low / width - 0.5), math.ceil(high / width + 0.5)
    return (np.arange(first, last + 1) + 0.5) * width


def _shares(values_N: Tensor, edges_B: FloatArray) -> FloatArray:
    counts_B, _ = np.histogram(values_N.numpy(), bins=edges_B)
    return counts_B / len(values_N)
