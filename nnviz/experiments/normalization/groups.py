"""Which numbers of a block share a mean, and what torch makes of the block.

Shapes: N samples, C channels, then space (nothing, L, H and W, or D, H and W), G groups of
channels, K groups of numbers. Source: Wu & He 2018, figure 2; documentation of torch.nn. float64.
"""

from __future__ import annotations

from typing import assert_never

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.experiments.normalization.records import (
    KINDS,
    NormalizationKind,
    NormalizedRecord,
    Trap,
)
from nnviz.randomness import torch_generator
from nnviz.records import FloatArray, IntArray
from nnviz.seeds import derived_seed

WORKED_EXAMPLE = (
    (-0.6577, -0.5797, 0.6360),
    (0.7392, 0.2145, 1.5230),
    (0.2432, 0.5662, 0.3220),
)
"""A worked example with BatchNorm1d(3): 3 samples of 3 features."""


def drawn_block(shape: tuple[int, ...], seed: int) -> FloatArray:
    """A block in which samples differ in brightness and channels in offset, to two decimals."""
    generator = torch_generator(derived_seed(seed, "block"))

    def normal(*size: int) -> Tensor:
        return torch.randn(*size, generator=generator, dtype=torch.float64)

    space = (1,) * (len(shape) - 2)
    block = 0.6 * normal(*shape) + normal(shape[0], 1, *space) + 1.2 * normal(1, shape[1], *space)
    return np.asarray(block.round(decimals=2).numpy())


def group_numbers(shape: tuple[int, ...], kind: NormalizationKind, n_groups: int = 1) -> IntArray:
    """For each place of a block the number of the group whose mean it shares."""
    n_samples, n_channels = shape[:2]
    sample_N1 = np.arange(n_samples)[:, None]
    channel_1C = np.arange(n_channels)[None, :]
    number_NC = {
        "batch": channel_1C + 0 * sample_N1,
        "layer": sample_N1 + 0 * channel_1C,
        "instance": sample_N1 * n_channels + channel_1C,
        "group": sample_N1 * n_groups + channel_1C * n_groups // n_channels,
    }[kind]
    return np.broadcast_to(number_NC.reshape(*shape[:2], *(1,) * (len(shape) - 2)), shape)


def make_normalization(
    shape: tuple[int, ...], kind: NormalizationKind, n_groups: int, epsilon: float
) -> nn.Module:
    """torch's own module for a block of this shape, in training mode, with γ and β to set."""
    n_channels, rank = shape[1], len(shape)
    match kind:
        case "layer":
            return nn.LayerNorm(shape[1:], eps=epsilon, dtype=torch.float64)
        case "group":
            return nn.GroupNorm(n_groups, n_channels, eps=epsilon, dtype=torch.float64)
        case "instance":
            instance = nn.InstanceNorm2d if rank == 4 else nn.InstanceNorm1d
            return instance(n_channels, eps=epsilon, affine=True, dtype=torch.float64)
        case "batch":
            batch = nn.BatchNorm2d if rank == 4 else nn.BatchNorm1d
            return batch(n_channels, eps=epsilon, dtype=torch.float64)
        case _:
            assert_never(kind)


def normalize(
    values: FloatArray,
    kind: NormalizationKind,
    n_groups: int = 1,
    gamma: float = 1.0,
    beta: float = 0.0,
    epsilon: float = 1e-5,
) -> NormalizedRecord:
    """The block through torch's module, beside the mean and variance of every group.

    Raises ValueError, in torch's own words, where torch refuses the block.
    """
    values = np.asarray(values, np.float64)
    module = make_normalization(values.shape, kind, n_groups, epsilon)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.fill_(gamma if name == "weight" else beta)
        outputs = module(torch.from_numpy(values)).numpy()
    group_of = group_numbers(values.shape, kind, n_groups)
    mean_K, variance_K = _moments(values, group_of)
    return NormalizedRecord(
        kind, n_groups, values, outputs, group_of, mean_K, variance_K, gamma, beta, epsilon
    )


def _moments(values: FloatArray, group_of: IntArray) -> tuple[FloatArray, FloatArray]:
    flat_M, ids_M = values.ravel(), group_of.ravel()
    size_K = np.bincount(ids_M)
    mean_K = np.bincount(ids_M, flat_M) / size_K
    return mean_K, np.bincount(ids_M, (flat_M - mean_K[ids_M]) ** 2) / size_K


def find_trap(values: FloatArray, kind: NormalizationKind, n_groups: int = 1) -> Trap | None:
    """Why this normalization is refused on the block, or what is odd about it; or None."""
    shape = values.shape
    if kind == "instance" and len(shape) == 2:
        return _instance_on_table(values)
    size = values.size // (int(group_numbers(shape, kind, n_groups).max()) + 1)
    if size > 2:
        return None
    try:
        normalize(values, kind, n_groups)
    except ValueError as error:
        return Trap(
            "One number alone has no variance, and torch refuses to normalize it in training mode.",
            refused=True,
            torch_says=f"{type(error).__name__}: {error}",
        )
    if size == 1:
        words = (
            f"With {n_groups} groups for {shape[1]} channels each group is"
            if kind == "group"
            else "Each group is"
        )
        return Trap(
            f"{words} a single number: its mean is the number itself, so every output is β and"
            " nothing of the input is left. torch raises no error here.",
            refused=False,
        )
    return Trap(
        "Each group holds two numbers: whatever they are, one becomes β + γ and the other β - γ"
        " (as long as their distance is large against √ε). Only which of them is larger survives.",
        refused=False,
    )


def _instance_on_table(values: FloatArray) -> Trap:
    """torch would read the table as one unbatched sample, with a row for each channel."""
    table = torch.from_numpy(np.asarray(values, np.float64))
    says = None
    try:
        with torch.no_grad():
            given = nn.InstanceNorm1d(values.shape[0])(table)
        layer = nn.functional.layer_norm(table, table.shape[1:])
        difference = float((given - layer).abs().max())
        what = f"it gives what layer normalization gives (largest difference {difference:.0e})"
    except ValueError as error:
        what, says = "with one feature nothing is left to average", f"ValueError: {error}"
    return Trap(
        "Instance normalization averages over space, and a table of samples and features has"
        " none. torch's InstanceNorm1d quietly reads the table as one sample with as many channels"
        f" as there are rows: {what}.",
        refused=True,
        torch_says=says,
    )


def changes_on_removal(
    values: FloatArray, n_kept: int, n_groups: int = 1, epsilon: float = 1e-5
) -> dict[NormalizationKind, float]:
    """Largest |Δy| of the first `n_kept` samples when all others leave the batch.

    A kind that can't be applied to both batches is left out.
    """
    changes: dict[NormalizationKind, float] = {}
    for kind in KINDS:
        if kind == "instance" and values.ndim == 2:
            continue
        try:
            whole = normalize(values, kind, n_groups, epsilon=epsilon).outputs[:n_kept]
            kept = normalize(values[:n_kept], kind, n_groups, epsilon=epsilon).outputs
        except ValueError:
            continue
        changes[kind] = float(np.abs(whole - kept).max())
    return changes
