"""What has no batched form runs one replicate after another.

Shapes: R replicates, B points.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.func import functional_call

from nnviz.ensemble.layout import Layer, Pass, joined, separated


def one_by_one(name: str, module: nn.Module, flat: bool) -> Layer:
    """Any module that keeps the sample's shape flat or spatial, called R times."""
    shapes = {key: tensor.shape for key, tensor in module.state_dict().items()}

    def layer(x: Tensor, run: Pass) -> Tensor:
        module.train(run.training)
        own = {
            key: run.tensors[f"{name}.{key}"].view(run.n_replicates, *shape)
            for key, shape in shapes.items()
        }
        answers = [
            functional_call(module, {key: tensor[r] for key, tensor in own.items()}, x_B)
            for r, x_B in enumerate(separated(x, flat, run.n_replicates))
        ]
        return joined(torch.stack(answers), flat)

    return layer
