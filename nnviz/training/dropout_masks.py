"""Dropout masks drawn from the training seed, the step and the layer's own name."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from nnviz.seeds import derived_seed

_DROPOUTS = (nn.modules.dropout._DropoutNd,)


def seed_dropouts(
    network: nn.Module, seed: int, step: Callable[[], int], device: torch.device
) -> None:
    """Make every dropout layer of `network` draw the mask of its name at `step()`.

    So networks that share a layer's name and width drop the same units, and a training that is
    stopped goes on with the same masks.
    """
    generator = _generator(device)
    for name, module in network.named_modules():
        if isinstance(module, _DROPOUTS):
            base = derived_seed(seed, "dropout", name)
            module.register_forward_pre_hook(_seeder(base, step, generator))


def _seeder(
    base: int, step: Callable[[], int], generator: torch.Generator
) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
    def seed(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if module.training:
            generator.manual_seed(derived_seed(base, step()))

    return seed


def _generator(device: torch.device) -> torch.Generator:
    """Dropout takes no generator of its own: it draws from the device's default one."""
    if device.type == "cuda":
        torch.cuda.init()
        return torch.cuda.default_generators[device.index or 0]
    if device.type == "mps":
        return torch.mps._get_default_mps_generator()
    return torch.default_generator
