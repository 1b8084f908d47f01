"""Fresh training sets for every replicate, beside test points and a scaling that stay the same.

Shapes: R replicates, N points, G grid points; `…` is the shape of one sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nnviz.data import Scaling, fitted_scaling, generator_for, load, with_label_noise
from nnviz.records import FloatArray
from nnviz.spec import DataSpec

N_GRID = 200


@dataclass(frozen=True)
class ReplicateSource:
    """Where training sets come from: new draws of a generated set, or subsamples of a real one.

    A generated set is drawn anew with the scaling of the spec's own draw; its test points are
    the spec's. Of a real set, the spec's test share of ALL its points is held out; the rest is
    the pool, from which every replicate takes `n_train` points without replacement. They are at
    most half of the pool, since replicates that share most of their points hardly vary. Label
    noise is drawn anew for each replicate and leaves the test labels alone.
    """

    spec: DataSpec
    n_train: int
    scale_x: Scaling
    scale_y: Scaling
    pool_x: FloatArray | None
    pool_y: NDArray[Any] | None
    test_x: FloatArray
    test_y: NDArray[Any]

    def draw(self, seeds: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Inputs (R, N, …) and targets (R, N) or (R, N, C), one training set a seed."""
        drawn = [self._draw(seed) for seed in seeds]
        kind = torch.int64 if self.spec.classes else torch.float32
        return (
            torch.as_tensor(np.stack([x for x, _ in drawn]), dtype=torch.float32),
            torch.as_tensor(np.stack([y for _, y in drawn]), dtype=kind),
        )

    @property
    def noise_variance(self) -> float | None:
        """Variance of the targets' noise in the network's unit, where it is known."""
        if self.spec.entry.truth is None:
            return None
        return float(self.spec.noise_level**2 / self.scale_y.factor.item() ** 2)

    def truth_at(self, x_NF: FloatArray) -> FloatArray | None:
        """Noiseless targets (N,) at points as the network sees them, where the set has them."""
        if self.spec.entry.truth is None:
            return None
        raw_N = (x_NF * self.scale_x.factor + self.scale_x.shift)[:, 0]
        return self.scale_y(self.spec.entry.truth(raw_N))

    def grid(self) -> tuple[FloatArray, FloatArray] | None:
        """Points (G,) along the only input as the network sees them, and the truth there."""
        if self.spec.entry.truth is None:
            return None
        raw_G = np.linspace(-1, 1, N_GRID)
        x_G, truth_G = self.scale_x(raw_G[:, None])[:, 0], self.spec.entry.truth(raw_G)
        return x_G, self.scale_y(truth_G)

    def _draw(self, seed: int) -> tuple[FloatArray, NDArray[Any]]:
        spec = self.spec.model_copy(update={"seed": seed})
        rng = generator_for(spec, "draw")
        if self.pool_x is None or self.pool_y is None:
            x, y = spec.drawn(rng)
        else:
            x, y = self.pool_x, self.pool_y
        chosen_N = rng.permutation(len(x))[: self.n_train]
        targets = y[chosen_N] if spec.classes else self.scale_y(np.asarray(y[chosen_N], float))
        return self.scale_x(x[chosen_N]), with_label_noise(spec, targets)[0]


def replicate_source(spec: DataSpec) -> ReplicateSource:
    """The source of a spec; the same spec gives the same test points and scaling."""
    entry, n_train = spec.entry, spec.n_train
    drawn = spec if entry.size is None else spec.model_copy(update={"n_samples": entry.size})
    x, y = drawn.drawn(generator_for(drawn, "draw"))
    train_N = drawn.split_order(generator_for(drawn, "split"))[drawn.n_test :]
    scale_x = fitted_scaling(spec.input_scaling, x[train_N])
    scale_y = fitted_scaling(spec.scaling if entry.scale_target else "none", y[train_N])
    record = load(drawn).record
    pool_x = pool_y = None
    if entry.size is not None:
        pool_x, pool_y = x[train_N], y[train_N]
        n_train = min(n_train, len(train_N) // 2)
    return ReplicateSource(
        spec, n_train, scale_x, scale_y, pool_x, pool_y, record.test_x, record.test_y
    )
