"""What has no batched form runs one replicate after another.

Shapes: R replicates, B points.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call

from nnviz.blocks.layout import Layer, Pass, joined, separated
from nnviz.ensemble.dropouts import OwnDropout


def one_by_one(name: str, module: nn.Module, flat: bool, gives_flat: bool) -> Layer:
    """Any module, called R times; samples that it gets and gives are flat or have positions."""
    shapes = {key: tensor.shape for key, tensor in module.state_dict().items()}

    def layer(x: Tensor, run: Pass) -> Tensor:
        module.train(run.training)
        own = {
            key: run.tensors[f"{name}.{key}"].view(run.n_replicates, *shape)
            for key, shape in shapes.items()
        }
        answers = [
            _called(module, r, {key: tensor[r] for key, tensor in own.items()}, x_B, run)
            for r, x_B in enumerate(separated(x, flat, run.n_replicates))
        ]
        return joined(torch.stack(answers), gives_flat)

    return layer


def _called(module: nn.Module, r: int, own: dict[str, Tensor], x_B: Tensor, run: Pass) -> Tensor:
    for part in module.modules():
        if isinstance(part, OwnDropout):
            part.replicate, part.step = r, run.step
    answer: Tensor = functional_call(module, own, x_B)
    return answer
