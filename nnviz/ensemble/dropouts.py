"""Dropout with the masks each replicate would draw alone.

Shapes: R replicates, B points, … shape of one sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from nnviz.blocks.layout import Layer, Pass, joined
from nnviz.blocks.sample import Shape
from nnviz.catalog.dropout_noise import DropoutNoise
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


class OwnDropout(nn.Module):
    """A dropout layer inside a module that the replicates pass one after another."""

    def __init__(self, noise: DropoutNoise, bases: Sequence[int]) -> None:
        super().__init__()
        self._noise, self._bases = noise, bases
        self._drawn: tuple[int, int] | None = None
        self.replicate = self.step = 0

    def forward(self, x: Tensor) -> Tensor:
        """x · this replicate's mask of this step in training mode, x in evaluation mode."""
        if not self.training:
            return x
        if self._drawn != (self.step, len(x)):
            self._noise.draw([derived_seed(base, self.step) for base in self._bases], len(x))
            self._drawn = self.step, len(x)
        return x * self._noise.factor[self.replicate, : len(x)].to(x.device)


def with_own_dropouts(
    module: nn.Module, name: str, inside: Mapping[str, Shape], seeds: Sequence[int], n_rows: int
) -> nn.Module:
    """The same module; the dropout layers inside it, by their path, drop what each seed drops."""
    for path, got in inside.items():
        bases = [derived_seed(seed, "dropout", f"{name}.{path}") for seed in seeds]
        place, _, own = path.rpartition(".")
        noise = DropoutNoise(module.get_submodule(path), got, n_rows, len(seeds))
        setattr(module.get_submodule(place), own, OwnDropout(noise, bases))
    return module
