"""A lane of a race: a network trained from its initial weights, its activations seen on the way.

Shapes: T recorded steps, N points, D units, L hidden layers, B bins.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.records import FloatArray, IntArray
from nnviz.spec import ExperimentSpec
from nnviz.training import TrainingState, advance_to, initial_state
from nnviz.training.trainer import Trainer

N_BINS = 30
REACH = 3.0
"""Activations are drawn as far as φ goes for pre-activations of -3…3."""
N_FRAMES = 24


@dataclass(frozen=True)
class RaceLaneRecord:
    """One network's way from its initial weights; losses and activations on the training points.

    It has a row for each recorded step that it reached: a network that diverged has none from
    `diverged_at` on, the update that gave no finite numbers.
    """

    spec: ExperimentSpec
    steps_T: IntArray
    loss_T: FloatArray
    accuracy_T: FloatArray
    """Share of the training points answered correctly."""
    edges_B: FloatArray
    share_TLB: FloatArray
    """Share of the activations in each bin; what lies beyond the edges is in the outermost bins."""
    rms_TL: FloatArray
    """√E a² of each hidden layer's activations."""
    diverged_at: int | None = None

    @property
    def is_start(self) -> bool:
        """Whether it is the start alone."""
        return len(self.steps_T) == 1 and self.diverged_at is None

    @property
    def is_lost(self) -> bool:
        """Whether it diverged, or ended without a loss."""
        return self.diverged_at is not None or not bool(np.isfinite(self.loss_T[-1]))


def race_steps(n_steps: int) -> tuple[int, ...]:
    """The recorded steps, ever further apart."""
    wanted_T = n_steps * np.linspace(0, 1, N_FRAMES) ** 2
    return tuple(np.unique(wanted_T.round().astype(int)).tolist())


def race_lane(spec: ExperimentSpec, starts_only: bool = False) -> RaceLaneRecord:
    """Train a classifier and look at the recorded steps, or at the initial weights alone.

    The losses are those of a training of the same spec on a page, number for number.
    """
    start = initial_state(spec)
    if starts_only:
        return _record(spec, (start,), None)
    n_steps = spec.training.n_steps
    kept = frozenset(race_steps(n_steps)).__contains__
    stretch = advance_to(start, n_steps, inf, recorded=lambda step: False, kept=kept)
    found = stretch.state.divergence
    return _record(spec, stretch.states, None if found is None else found.step)


def _record(
    spec: ExperimentSpec, states: tuple[TrainingState, ...], diverged_at: int | None
) -> RaceLaneRecord:
    trainer = Trainer(spec)
    edges_B = activation_edges(spec.network.activation)
    rows = []
    for state in states:
        trainer.load(state)
        rows.append(_seen(trainer.network.eval(), trainer.train_x, trainer.train_y, edges_B))
    losses, accuracies, shares, sizes = zip(*rows, strict=True)
    return RaceLaneRecord(
        spec,
        np.array([state.step for state in states]),
        np.array(losses),
        np.array(accuracies),
        edges_B,
        np.array(shares, np.float32),
        np.array(sizes),
        diverged_at,
    )


def activation_edges(name: str) -> FloatArray:
    """Edges of equal bins over all that φ gives for pre-activations of -3…3."""
    z = torch.linspace(-REACH, REACH, 601)
    with torch.no_grad():
        a = ACTIVATIONS[name].make()(z)
    return np.linspace(float(a.min()), float(a.max()), N_BINS + 1)


@torch.no_grad()
def _seen(
    network: nn.Sequential, x: Tensor, y_N: Tensor, edges_B: FloatArray
) -> tuple[float, float, list[FloatArray], list[float]]:
    """Loss, accuracy, and each hidden layer's histogram and size."""
    shares, sizes = [], []
    *hidden, output = network.children()
    for block in hidden:
        x = block(x)
        shares.append(_shares(x, edges_B))
        sizes.append(float(x.double().square().mean().sqrt()))
    logits_NC = output(x)
    accuracy = float((logits_NC.argmax(dim=1) == y_N).double().mean())
    return float(F.cross_entropy(logits_NC, y_N)), accuracy, shares, sizes


def _shares(values: Tensor, edges_B: FloatArray) -> FloatArray:
    """Share of the values in each bin; the outermost hold what lies beyond them."""
    low, high = float(edges_B[0]), float(edges_B[-1])
    counts = torch.histc(values.clamp(low, high).float(), len(edges_B) - 1, low, high)
    return np.asarray(counts / values.numel())
