"""Dropout with the masks each replicate would draw alone.

Shapes: R replicates, B points, … shape of one sample.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from nnviz.catalog.dropout_noise import DropoutNoise
from nnviz.ensemble.layout import Layer, Pass, joined
from nnviz.seeds import derived_seed


def dropout(
    name: str, module: nn.Module, sample_shape: tuple[int, ...], seeds: Sequence[int], n_rows: int
) -> Layer:
    """Drawn for each replicate from its seed and the step, for batches of at most `n_rows`."""
    bases = [derived_seed(seed, "dropout", name) for seed in seeds]
    noise = DropoutNoise(module, sample_shape, n_rows, len(seeds))
    flat = len(sample_shape) == 1

    def layer(x: Tensor, run: Pass) -> Tensor:
        if not run.training:
            return x
        n = x.shape[2] if flat else len(x)
        noise.draw([derived_seed(base, run.step) for base in bases], n)

        def ready(values: Tensor) -> Tensor:
            return joined(values[:, :n].to(x.device, non_blocking=True), flat)

        masked = x * ready(noise.factor)
        return masked if noise.shift is None else masked + ready(noise.shift)

    return layer
