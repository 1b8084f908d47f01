"""What BatchNorm keeps from training for evaluation, and where the two part.

Shapes: B numbers of a batch, T steps. One feature, batches drawn from N(mean, std²). Source:
Ioffe & Szegedy 2015; torch.nn.BatchNorm1d: new = (1 - m)·old + m·batch, the unbiased variance
kept and the biased one used to normalize, momentum None for the cumulative average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.experiments.distributions import distribution_of, shared_edges
from nnviz.experiments.normalization.records import ModeRecord, RunningRecord
from nnviz.randomness import torch_generator
from nnviz.records import FloatArray
from nnviz.seeds import derived_seed

N_OUTPUTS = 2000
"""At least so many outputs go into a distribution."""


@dataclass(frozen=True)
class BatchStream:
    """Batches of one feature and the BatchNorm layer that they pass through."""

    batch_size: int = 16
    momentum: float | None = 0.1
    track: bool = True
    n_steps: int = 60
    mean: float = 2.0
    std: float = 1.5
    seed: int = 0

    def layer(self, start: float = 0.0) -> nn.BatchNorm1d:
        """A fresh layer without γ and β whose running mean starts at `start`."""
        made = nn.BatchNorm1d(
            1,
            momentum=self.momentum,
            affine=False,
            track_running_stats=self.track,
            dtype=torch.float64,
        )
        if made.running_mean is not None:
            made.running_mean.fill_(start)
        return made

    def batches(self) -> Tensor:
        """The training data, (T, B, 1)."""
        return self.drawn("train", self.n_steps) * self.std + self.mean

    def drawn(self, purpose: str, n_batches: int) -> Tensor:
        """Standard normal numbers, (n_batches, B, 1), float64."""
        generator = torch_generator(derived_seed(self.seed, purpose))
        size = (n_batches, self.batch_size, 1)
        return torch.randn(size, generator=generator, dtype=torch.float64)


def follow_running(stream: BatchStream) -> RunningRecord:
    """Running statistics step by step, with what theory expects and how far chance reaches.

    Without running statistics (`track` False) they are NaN. Where torch refuses a batch of one
    number, its words are kept and the running values stay where they started.
    """
    data_TB1 = stream.batches()
    layer, twin = stream.layer(), stream.layer(start=1.0)
    running, says = [_state(layer, twin)], None
    with torch.no_grad():
        for batch_B1 in data_TB1:
            try:
                layer(batch_B1), twin(batch_B1)
            except ValueError as error:
                says = f"{type(error).__name__}: {error}"
            running.append(_state(layer, twin))
    mean_T, variance_T, remaining_T = np.array(running).T
    data_TB = data_TB1[..., 0].numpy()
    expected = _expected(stream, 1.0 * np.arange(stream.n_steps + 1))
    if says is not None or not stream.track:
        expected = {name: values_T * np.nan for name, values_T in expected.items()}
    return RunningRecord(
        stream.batch_size,
        stream.momentum,
        np.arange(stream.n_steps + 1),
        mean_T,
        variance_T,
        _with_start(data_TB.mean(1)),
        _with_start(data_TB.var(1)),
        _with_start(data_TB.var(1, ddof=1) if stream.batch_size > 1 else data_TB[:, 0] * np.nan),
        remaining_T,
        true_mean=stream.mean,
        true_variance=stream.std**2,
        torch_says=says,
        **expected,
    )


def _state(layer: nn.BatchNorm1d, twin: nn.BatchNorm1d) -> tuple[float, float, float]:
    if layer.running_mean is None or layer.running_var is None or twin.running_mean is None:
        return (np.nan, np.nan, np.nan)
    mean = float(layer.running_mean)
    return mean, float(layer.running_var), float(twin.running_mean) - mean


def _with_start(values_T: FloatArray) -> FloatArray:
    return np.concatenate([[np.nan], values_T])


def _expected(stream: BatchStream, step_T: FloatArray) -> dict[str, FloatArray]:
    """Expectations of the running mean and variance, and their standard deviations."""
    if stream.momentum is None:
        left_T = np.where(step_T == 0, 1.0, 0.0)
        squares_T = np.where(step_T == 0, 0.0, 1 / np.maximum(step_T, 1))
    else:
        left_T = (1 - stream.momentum) ** step_T
        squares_T = stream.momentum * (1 - left_T**2) / (2 - stream.momentum)
    variance = stream.std**2
    spread = variance * np.sqrt(2 / (stream.batch_size - 1)) if stream.batch_size > 1 else np.nan
    return {
        "expected_mean_T": np.asarray((1 - left_T) * stream.mean),
        "expected_variance_T": np.asarray(left_T + (1 - left_T) * variance),
        "mean_error_T": np.sqrt(squares_T * variance / stream.batch_size),
        "variance_error_T": np.asarray(np.sqrt(squares_T) * spread),
    }


def compare_modes(stream: BatchStream, shift: float, stretch: float) -> tuple[ModeRecord, ...]:
    """Outputs in training mode, in evaluation mode, and in evaluation on shifted data.

    Evaluation data have mean + `shift` and std · `stretch`. Empty where torch refuses to train.
    """
    if stream.batch_size == 1:
        return ()
    layer = stream.layer()
    _outputs(layer, stream.batches())
    n_batches = -(-N_OUTPUTS // stream.batch_size)
    same = stream.drawn("same", n_batches) * stream.std + stream.mean
    moved = stream.drawn("moved", n_batches) * stream.std * stretch + stream.mean + shift
    outputs = {
        "training mode": _outputs(stream.layer(), same),
        "evaluation, same data": _outputs(layer.eval(), same),
        "evaluation, shifted data": _outputs(layer.eval(), moved),
    }
    theory = [(0.0, np.nan), _theory(layer, stream, 0, 1), _theory(layer, stream, shift, stretch)]
    edges = shared_edges(*outputs.values())
    return tuple(
        ModeRecord(distribution_of(label, values, edges), *expected)
        for (label, values), expected in zip(outputs.items(), theory, strict=True)
    )


def _outputs(layer: nn.BatchNorm1d, batches: Tensor) -> FloatArray:
    with torch.no_grad():
        return np.concatenate([layer(batch_B1).numpy().ravel() for batch_B1 in batches])


def _theory(
    layer: nn.BatchNorm1d, stream: BatchStream, shift: float, stretch: float
) -> tuple[float, float]:
    """Mean and deviation of (x - running mean) / √(running variance + ε)."""
    if layer.running_mean is None or layer.running_var is None:
        return 0.0, float("nan")
    scale = float(torch.sqrt(layer.running_var + layer.eps))
    mean = (stream.mean + shift - float(layer.running_mean)) / scale
    return mean, stream.std * stretch / scale
