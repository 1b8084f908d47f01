"""One piece of the work: some seeds of one lane, trained at once and measured on the way.

Shapes: S seeds, T checkpoints, N points, C classes or outputs.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from nnviz.ensemble import Ensemble, EnsembleData
from nnviz.experiments.overfitting.gallery_records import FEWER_INPUTS
from nnviz.experiments.overfitting.inputs import NoisyInputs, kept_inputs
from nnviz.experiments.overfitting.records import LaneRecord
from nnviz.experiments.overfitting.remedies import INPUT_NOISE
from nnviz.experiments.overfitting.settings import LanePiece, OverfittingSettings
from nnviz.experiments.replicate_data import ReplicateSource, replicate_source
from nnviz.randomness import numpy_generator
from nnviz.records import FloatArray
from nnviz.seeds import derived_seed
from nnviz.spec import DataSpec

N_DRAWN = 600
"""Validation and test points that are drawn where a set can be drawn."""
N_TRAIN_MEASURED = 512


def train_lane(settings: OverfittingSettings, piece: LanePiece) -> LaneRecord:
    """Train the seeds of a piece on fresh training sets and measure them at every checkpoint.

    Seed s of every lane shares its initial weights (where shapes agree), its batch order and,
    at equal size, its training points. The losses are cross-entropy or mean squared error
    without smoothing or class weights, whatever was trained with.
    """
    spec, n_train = settings.lane(piece.lane)
    source = sized(replicate_source(spec.data), n_train)
    seeds = range(piece.start, piece.stop)
    x, y = source.draw([derived_seed("overfitting data", s) % 2**31 for s in seeds])
    validation, test = held_out(source)
    n_dropped = round(settings.extra(piece.lane, FEWER_INPUTS))
    if n_dropped:
        kept = kept_inputs(x, y, n_dropped)
        x, validation, test = x * kept, _masked(validation, kept), _masked(test, kept)
    data = EnsembleData(x, y, *test, train_is_shared=False, test_is_shared=not n_dropped)
    training_seeds = [derived_seed("overfitting training", s) % 2**31 for s in seeds]
    ensemble = Ensemble(spec, training_seeds, data)
    seen = (x[:, :N_TRAIN_MEASURED].clone(), y[:, :N_TRAIN_MEASURED])
    noise = settings.extra(piece.lane, INPUT_NOISE)
    go = NoisyInputs(data, noise, seeds).advance if noise else Ensemble.advance
    rows = []
    for step in settings.checkpoints:
        go(ensemble, step - ensemble.step)
        measured = [_measured(ensemble, seen, False)]
        measured += [_measured(ensemble, each, not n_dropped) for each in (validation, test)]
        rows.append(np.array(measured))
    (train, train_accuracy), (validation_loss, _), (test_loss, accuracy) = np.stack(rows, axis=-1)
    return LaneRecord(
        piece.lane, piece.start, piece.stop, settings.checkpoints, n_train,
        train, validation_loss, test_loss, train_accuracy, accuracy,
    )  # fmt: skip


def _masked(points: tuple[Tensor, Tensor], kept: Tensor) -> tuple[Tensor, Tensor]:
    """The points as each seed sees them, (S, N, F)."""
    x, y = points
    return x * kept, y.expand(len(kept), *y.shape)


def sized(source: ReplicateSource, n_train: int) -> ReplicateSource:
    """The source with another number of training points; test points and scaling stay."""
    spec = source.spec
    if spec.entry.size is None:
        spec = spec.model_copy(update={"n_samples": max(n_train, spec.size)})
    return replace(source, spec=spec, n_train=n_train)


def held_out(source: ReplicateSource) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Validation and test points that no training set holds, a half each."""
    x, y = source.test_x, source.test_y
    if source.spec.entry.size is None:
        x, y = _drawn(source.spec.model_copy(update={"n_samples": None}))
        x = source.scale_x(x)
        y = y if source.spec.classes else source.scale_y(np.asarray(y, float))
    kind = torch.int64 if source.spec.classes else torch.float32
    points = torch.as_tensor(x, dtype=torch.float32)
    targets = torch.as_tensor(y, dtype=kind)
    half = max(1, len(points) // 2)
    return (points[:half], targets[:half]), (points[half:], targets[half:])


@lru_cache(maxsize=8)
def _drawn(spec: DataSpec) -> tuple[FloatArray, FloatArray]:
    rng = numpy_generator(derived_seed("held out", spec.name, spec.seed))
    x, y = spec.model_copy(update={"n_samples": 2 * N_DRAWN}).drawn(rng)
    order = rng.permutation(len(x))
    return x[order], y[order]


def _measured(
    ensemble: Ensemble, points: tuple[Tensor, Tensor], shared: bool
) -> tuple[FloatArray, FloatArray]:
    """Plain loss and accuracy (or R²) of every seed, (S,) each."""
    x, y = points
    out = ensemble.evaluate(x, shared).double()
    if y.is_floating_point():
        target = y.double().expand(len(out), *y.shape[-2:])
        loss = (out - target).square().mean(dim=(1, 2))
        spread = (target - target.mean(dim=1, keepdim=True)).square().mean(dim=(1, 2))
        return loss.numpy(), (1 - loss / spread).numpy()
    labels = y.flatten(0 if shared else 1).expand(len(out), -1)
    logs = out.log_softmax(dim=2)
    loss = -logs.gather(2, labels[..., None])[..., 0].mean(dim=1)
    accuracy = (out.argmax(dim=2) == labels).double().mean(dim=1)
    return loss.numpy(), torch.where(loss.isfinite(), accuracy, torch.nan).numpy()
