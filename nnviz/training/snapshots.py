"""A Snapshot of a trainer: its answers in evaluation mode and what its last step did.

Shapes: N points, C classes or outputs, G grid points a side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.data import input_grid, load
from nnviz.network import bias_has_no_effect
from nnviz.recorders import BackwardRecorder, ForwardRecorder, layer_record
from nnviz.recorders.layers import StepOfBlock
from nnviz.recorders.parts import learned_part
from nnviz.records import CurveRecord, FloatArray, LayerRecord, Snapshot, SurfaceRecord
from nnviz.spec import DataSpec
from nnviz.training.trainer import Trainer

N_REFERENCE = 256
N_TRAIN_EVALUATED = 2000
N_GRID = 48
N_GRID_CURVE = 200
MAP_STRIDE = 2
MAX_NUMBERS_A_CHUNK = 4_000_000


@dataclass(frozen=True)
class StepRecord:
    """What a recorded training step left to be read: its loss, rate, gradients and old weights."""

    loss: float
    learning_rate: float
    heard: BackwardRecorder
    flat_before: Tensor | None


@lru_cache(maxsize=16)
def _grid(spec: DataSpec) -> tuple[tuple[FloatArray, ...], Tensor] | None:
    record = load(spec).record
    axes = input_grid(record, N_GRID if record.train_x.shape[-1] == 2 else N_GRID_CURVE)
    if axes is None:
        return None
    mesh = np.meshgrid(*axes)
    return axes, torch.as_tensor(np.stack([m.ravel() for m in mesh], axis=1), dtype=torch.float32)


def snapshot(trainer: Trainer, step: StepRecord, updates_per_second: float = math.nan) -> Snapshot:
    """Measure the trainer where it stands; nothing of it changes."""
    network, data, device = trainer.network, trainer.data, trainer.device
    network.eval()
    try:
        with torch.no_grad():
            train_x, train_y = (
                trainer.train_x[:N_TRAIN_EVALUATED],
                trainer.train_y[:N_TRAIN_EVALUATED],
            )
            with ForwardRecorder(network, N_REFERENCE) as reference:
                train_NC = _answers(trainer, train_x, first=N_REFERENCE)
            test_y = data.test_y.to(device)
            test_NC = _answers(trainer, data.test_x.to(device))
            grid = _grid(trainer.spec.data)
            maps: dict[str, Tensor] = {}
            surface, curve = None, None
            if grid is not None:
                axes, points = grid
                with ForwardRecorder(network) as over_plane:
                    answer_NC = network(points.to(device))
                if len(axes) == 2:
                    surface = _surface(axes, answer_NC, trainer.spec.data.classes)
                    maps = {
                        n: _thinned(b.output)
                        for n, b in over_plane.blocks.items()
                        if b.output is not None
                    }
                else:
                    curve = CurveRecord(axes[0], answer_NC[:, 0].cpu().numpy().copy())
            layers = [
                _layer(trainer, name, block, reference, step, maps.get(name))
                for name, block in network.named_children()
            ]
            return Snapshot(
                step=trainer.step,
                epoch=trainer.epoch + trainer.position / trainer.spec.data.n_train,
                task=data.record.task,
                train_loss=float(trainer.loss(train_NC, train_y)),
                test_loss=float(trainer.loss(test_NC, test_y)),
                train_accuracy=accuracy(train_NC, train_y),
                test_accuracy=accuracy(test_NC, test_y),
                batch_loss=step.loss,
                learning_rate=step.learning_rate,
                layers=tuple(layers[:-1]),
                output=layers[-1],
                surface=surface,
                curve=curve,
                updates_per_second=updates_per_second,
                **_confusion(test_NC, test_y, trainer.spec.data.classes),
            )
    finally:
        network.train()


def accuracy(output_NC: Tensor, target: Tensor) -> float:
    """Share of correct classes, or R² = 1 - squared error / variance for values."""
    if target.is_floating_point():
        spread = float((target - target.mean()).square().sum())
        return 1 - float((output_NC - target).square().sum()) / spread if spread else math.nan
    return float((output_NC.argmax(dim=1) == target).float().mean())


def _answers(trainer: Trainer, x: Tensor, first: int = 0) -> Tensor:
    """Outputs in chunks; the first chunk holds at least `first` rows, for a recorder's sake."""
    numbers = sum(math.prod(layer.output_shape) for layer in trainer.spec.layer_shapes)
    n_rows = max(MAX_NUMBERS_A_CHUNK // numbers, first)
    if len(x) <= n_rows:
        return trainer.network(x)  # type: ignore[no-any-return]
    return torch.cat([trainer.network(chunk) for chunk in x.split(n_rows)])


def _thinned(output: Tensor) -> Tensor:
    side = math.isqrt(len(output))
    return output.view(side, side, -1)[::MAP_STRIDE, ::MAP_STRIDE].flatten(0, 1)


def _surface(axes: tuple[FloatArray, ...], answer_NC: Tensor, n_classes: int) -> SurfaceRecord:
    shape = (len(axes[1]), len(axes[0]))
    label_GG = None
    if n_classes:
        probability_NC = answer_NC.softmax(dim=1)
        best_N, label_N = probability_NC.max(dim=1)
        label_GG = label_N.view(shape).to(torch.uint8).cpu().numpy()
        value_N = probability_NC[:, 1] if n_classes == 2 else best_N
    else:
        value_N = answer_NC[:, 0]
    value_GG = value_N.view(shape).cpu().numpy().copy()
    return SurfaceRecord(axes[0], axes[1], value_GG, label_GG, n_classes)


def _confusion(output_NC: Tensor, target: Tensor, n_classes: int) -> dict[str, Any]:
    if not n_classes:
        return {}
    predicted_N = output_NC.argmax(dim=1)
    counts = torch.bincount(target * n_classes + predicted_N, minlength=n_classes**2)
    return {
        "confusion_CC": counts.view(n_classes, n_classes).cpu().numpy(),
        "test_predicted_N": predicted_N.to(torch.uint8).cpu().numpy(),
    }


def _layer(
    trainer: Trainer,
    name: str,
    block: nn.Module,
    reference: ForwardRecorder,
    step: StepRecord,
    maps: Tensor | None,
) -> LayerRecord:
    shape = next(layer for layer in trainer.spec.layer_shapes if layer.name == name)
    activation = ACTIVATIONS[shape.settings.activation] if shape.settings else None
    gradient = weight_before = None
    if (learned := learned_part(block)) is not None:
        start, end = trainer.place_of(learned.weight)
        gradient = trainer.gradient[start:end].view_as(learned.weight)
        if step.flat_before is not None:
            weight_before = step.flat_before[start:end].view_as(learned.weight)
    moments = step.heard.batch_moments.get(name)
    delta_rms = step.heard.delta_rms.get(name, math.nan)
    return layer_record(
        name,
        shape.kind,
        block,
        activation,
        reference.blocks[name],
        StepOfBlock(gradient, weight_before, delta_rms, moments),
        maps,
        bias_has_no_effect(block),
    )
