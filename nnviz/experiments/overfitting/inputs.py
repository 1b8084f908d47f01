"""What is done to the inputs themselves: noise on them in training, and the least telling left out.

Shapes: S seeds, N points, F inputs of a point; `…` is the shape of one sample.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nnviz.ensemble import Ensemble, EnsembleData
from nnviz.randomness import torch_generator
from nnviz.records import FloatArray
from nnviz.seeds import derived_seed


class NoisyInputs:
    """Fresh Gaussian noise on every training input before each update; evaluations see none.

    Replicates take their batches from `data.train_x`, which is written anew in place.
    """

    def __init__(self, data: EnsembleData, sd: float, seeds: Sequence[int]) -> None:
        self._x, self._clean, self._sd = data.train_x, data.train_x.clone(), sd
        self._generators = [torch_generator(derived_seed("input noise", s)) for s in seeds]

    def advance(self, ensemble: Ensemble, n_steps: int) -> None:
        """Train on for `n_steps` updates."""
        for _ in range(n_steps):
            for x, clean, generator in zip(self._x, self._clean, self._generators, strict=True):
                torch.randn(clean.shape, generator=generator, out=x)
                x.mul_(self._sd).add_(clean)
            ensemble.advance(1)


def told_by(x_NF: FloatArray, y_N: np.ndarray) -> FloatArray:
    """How much each input tells of the target by itself: η², or r² for values, (F,).

    The share of the input's variance that lies between the classes' means (the F statistic's
    order), or the squared correlation with the target; 0 for a constant input.
    """
    x_NF = x_NF - x_NF.mean(axis=0)
    total_F = (x_NF**2).sum(axis=0)
    if np.issubdtype(y_N.dtype, np.integer):
        means = [(x_NF[y_N == k].mean(axis=0), (y_N == k).sum()) for k in np.unique(y_N)]
        found_F = sum(n * mean_F**2 for mean_F, n in means)
    else:
        y_N = y_N.reshape(len(y_N), -1)[:, 0] - y_N.mean()
        found_F = (x_NF * y_N[:, None]).sum(axis=0) ** 2 / max(float((y_N**2).sum()), 1e-30)
    return np.asarray(found_F / np.where(total_F > 0, total_F, 1.0))


def kept_inputs(x: Tensor, y: Tensor, n_dropped: int) -> Tensor:
    """1 for the inputs that a seed keeps, 0 for the `n_dropped` that tell least, (S, 1, F).

    Each seed judges by its own training points (S, N, F). A dropped input is 0 in training and
    in every evaluation: it says nothing, as if it were not there.
    """
    kept = torch.ones(len(x), 1, x.shape[2])
    for s, (x_NF, y_N) in enumerate(zip(x.numpy(), y.numpy(), strict=True)):
        kept[s, 0, np.argsort(told_by(x_NF, y_N), kind="stable")[:n_dropped].tolist()] = 0.0
    return kept
