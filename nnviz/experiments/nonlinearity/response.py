"""Activation functions as curves, and what they make of a distribution of inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.experiments.nonlinearity.records import CurveRecord, ResponseRecord
from nnviz.records import FloatArray

N_CURVE = 401
N_DRAWN = 20_000
N_BINS = 60

Distribution = Literal["normal", "uniform"]


def activation_curves(names: Sequence[str], reach: float = 5.0) -> list[CurveRecord]:
    """Each activation and its derivative (by autograd) on [-reach, reach]."""
    z_Z = torch.linspace(-reach, reach, N_CURVE, dtype=torch.float64)
    records = []
    for name in names:
        value_Z, slope_Z = _value_and_slope(name, z_Z)
        records.append(CurveRecord(name, z_Z.numpy(), value_Z.numpy(), slope_Z.numpy()))
    return records


def draw_inputs(distribution: Distribution, mean: float, std: float) -> Tensor:
    """20,000 evenly spread quantiles, so that shares are those of the distribution itself.

    Uniform means mean ± √3·std, which has that standard deviation.
    """
    share_N = (torch.arange(N_DRAWN, dtype=torch.float64) + 0.5) / N_DRAWN
    if distribution == "uniform":
        return mean + std * math.sqrt(3) * (2 * share_N - 1)
    return mean + std * torch.special.ndtri(share_N)


def activation_responses(names: Sequence[str], inputs_N: Tensor) -> list[ResponseRecord]:
    """Histograms before and after each activation, and shares of the inputs it flattens."""
    before = _histogram(inputs_N.numpy())
    return [_response(name, inputs_N, before) for name in names]


def _response(
    name: str, inputs_N: Tensor, before: tuple[FloatArray, FloatArray]
) -> ResponseRecord:
    value_N, slope_N = _value_and_slope(name, inputs_N)
    saturation = ACTIVATIONS[name].saturation
    saturated = math.nan
    if saturation is not None:
        low, high = saturation
        saturated = float(((value_N < low) | (value_N > high)).double().mean())
    edges_B, share_B = _histogram(value_N.numpy())
    return ResponseRecord(
        name=name,
        input_edges_B=before[0],
        input_share_B=before[1],
        output_edges_B=edges_B,
        output_share_B=share_B,
        mean=float(value_N.mean()),
        std=float(value_N.std(correction=0)),
        saturated_share=saturated,
        zero_share=float((value_N == 0).double().mean()),
        mean_slope=float(slope_N.mean()),
        mean_square_slope=float(slope_N.square().mean()),
    )


def _value_and_slope(name: str, z: Tensor) -> tuple[Tensor, Tensor]:
    z = z.clone().requires_grad_()
    value = ACTIVATIONS[name].make().double()(z)
    (slope,) = torch.autograd.grad(value.sum(), z)
    return value.detach(), slope


def _histogram(values_N: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Edges and share of the values in each bin, over the range that holds them all."""
    low, high = float(values_N.min()), float(values_N.max())
    if high - low < 1e-9 * max(1.0, abs(low)):
        low, high = low - 0.5, high + 0.5
    counts_B, edges_B = np.histogram(values_N, bins=N_BINS, range=(low, high))
    return edges_B, counts_B / len(values_N)
