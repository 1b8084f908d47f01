"""PReLU of all replicates at once.

Shapes: R replicates, B points.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from nnviz.blocks.layout import Layer, Pass


def prelu(name: str, flat: bool) -> Layer:
    """One learned slope a replicate."""

    def layer(x: Tensor, run: Pass) -> Tensor:
        groups = (1, len(x), -1) if flat else (len(x), run.n_replicates, -1)
        return F.prelu(x.reshape(groups), run.tensors[f"{name}.weight"]).view(x.shape)

    return layer
