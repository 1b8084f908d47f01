"""Dropout masks drawn from the training seed, the step and the layer's own name."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nnviz.catalog.dropout_noise import DropoutNoise
from nnviz.network import dropouts_of
from nnviz.seeds import derived_seed
from nnviz.spec import LayerShape


class MaskedDropout(nn.Module):
    """A dropout layer whose mask lies ready: `draw` fills it, `forward` only multiplies.

    The mask is drawn on the CPU and so is the same on every device. It keeps its place in memory:
    a captured step finds each new one there.
    """

    def __init__(
        self, module: nn.Module, noise: DropoutNoise, base_seed: int, device: torch.device
    ) -> None:
        super().__init__()
        self._noise, self._base, self._words = noise, base_seed, module.extra_repr()
        self._factor = noise.factor[0].to(device)
        self._shift = None if noise.shift is None else noise.shift[0].to(device)
        self._is_elsewhere = device.type != "cpu"

    def draw(self, step: int, n_rows: int) -> None:
        """The mask of update number `step` (from 0) for a batch of `n_rows`."""
        noise = self._noise
        noise.draw((derived_seed(self._base, step),), n_rows)
        if self._is_elsewhere:  # from pageable memory, which is read before copy_ returns
            self._factor.copy_(noise.factor[0], non_blocking=True)
            if self._shift is not None and noise.shift is not None:
                self._shift.copy_(noise.shift[0], non_blocking=True)

    def forward(self, x: Tensor) -> Tensor:
        """x · factor (+ shift) in training mode, x in evaluation mode."""
        if not self.training:
            return x
        masked = x * self._factor[: len(x)]
        return masked if self._shift is None else masked.add_(self._shift[: len(x)])

    def extra_repr(self) -> str:
        """As torch's own module says it."""
        return self._words


def mask_dropouts(
    network: nn.Module,
    layers: tuple[LayerShape, ...],
    seed: int,
    n_rows: int,
    device: torch.device,
) -> list[MaskedDropout]:
    """Put a `MaskedDropout` in the place of every dropout layer; they are returned in order.

    Networks that share a layer's name and width drop the same units, and a training that is
    stopped goes on with the same masks.
    """
    masked = []
    for shape in layers:
        for path, dropped in dropouts_of(shape).items():
            place, _, own = f"{shape.name}.{path}".rpartition(".")
            module = network.get_submodule(f"{place}.{own}")
            base = derived_seed(seed, "dropout", f"{place}.{own}")
            mask = MaskedDropout(module, DropoutNoise(module, dropped, n_rows), base, device)
            setattr(network.get_submodule(place), own, mask)
            masked.append(mask)
    return masked
