"""Training sets of many replicates, drawn from a known truth with known noise.

Shapes: R replicates, M training points, N test points, F inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from nnviz.experiments.classical_models.specs import SineSpec
from nnviz.randomness import numpy_generator, seed_sequence
from nnviz.records import FloatArray

Stream = Literal["inputs", "noise", "weights", "biases", "trees"]
STREAMS: tuple[Stream, ...] = get_args(Stream)


def random_stream(seed: int, stream: Stream) -> np.random.Generator:
    """A generator of its own for each use of one seed, so that no two uses share numbers."""
    return numpy_generator(seed_sequence(seed, STREAMS.index(stream)))


@dataclass(frozen=True)
class TrainingSetsRecord:
    """The training sets of R replicates: inputs (R, M, F) and noisy targets (R, M)."""

    x_RMF: FloatArray
    y_RM: FloatArray
    noise_variance: float


def sine_truth(x_NF: ArrayLike) -> FloatArray:
    """The noiseless target sin(π x₁); x has shape (N,) or (…, F), the answer (N,) or (…)."""
    x = np.asarray(x_NF, dtype=np.float64)
    return np.asarray(np.sin(np.pi * (x if x.ndim == 1 else x[..., 0])))


def draw_training_sets(spec: SineSpec, n_replicates: int, seed: int = 0) -> TrainingSetsRecord:
    """One training set for each replicate; replicate r is the same whatever `n_replicates` is."""
    R, M, F = n_replicates, spec.n_samples, spec.n_inputs
    if R < 1:
        raise ValueError(f"n_replicates must be at least 1; got {R}")
    n_designs = 1 if spec.design == "fixed" else R
    x_RMF = random_stream(seed, "inputs").uniform(-1, 1, (n_designs, M, F))
    x_RMF = np.broadcast_to(x_RMF, (R, M, F)).copy()
    y_RM = sine_truth(x_RMF) + spec.noise * random_stream(seed, "noise").standard_normal((R, M))
    return TrainingSetsRecord(x_RMF, y_RM, spec.noise**2)
