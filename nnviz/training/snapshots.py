"""A Snapshot of a trainer: its answers in evaluation mode and what its last step did.

Shapes: N points, C classes or outputs, G grid points a side.
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnviz.blocks.kind import LearnedTensor
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.data import input_grid, load
from nnviz.network import bias_has_no_effect
from nnviz.recorders import BackwardRecorder, FiniteWatch, ForwardRecorder, layer_record
from nnviz.recorders.data_summary import data_summary
from nnviz.recorders.examples import N_EXAMPLES, seen_in
from nnviz.recorders.forward import BlockForward
from nnviz.recorders.layers import StepOfBlock, TensorOfStep
from nnviz.recorders.parts import learned_part
from nnviz.recorders.wires import wires_record
from nnviz.records import (
    CurveRecord,
    DataSummaryRecord,
    FloatArray,
    Histogram,
    LayerRecord,
    Snapshot,
    SurfaceRecord,
    WiresRecord,
)
from nnviz.spec import DataSpec, LayerShape
from nnviz.spec.batches import batch_bounds
from nnviz.spec.work import N_GRID, N_REFERENCE, reference_points, train_sample
from nnviz.training.trainer import Trainer

N_GRID_CURVE = 200
MAP_STRIDE = 2
MAX_NUMBERS_A_CHUNK = 4_000_000


@dataclass(frozen=True)
class StepRecord:
    """What a recorded training step left to be read.

    `flat_gradient` is the gradient of the loss without penalties and before any clipping,
    `flat_before` the weights before the update; None where no update was taken.
    """

    loss: float
    learning_rate: float
    heard: BackwardRecorder
    flat_gradient: Tensor
    flat_before: Tensor | None = None


def snapshot(trainer: Trainer, step: StepRecord) -> Snapshot:
    """Measure the trainer where it stands; nothing of it changes."""
    trainer.network.eval()
    try:
        with torch.no_grad():
            return _measured(trainer, step)
    finally:
        trainer.network.train()


def _measured(trainer: Trainer, step: StepRecord) -> Snapshot:
    data = trainer.data
    sample = train_sample(trainer.layers, len(trainer.train_x))
    train_x, train_y = trainer.train_x[:sample], trainer.train_y[:sample]
    test_y = data.test_y.to(trainer.device)
    n_reference = min(reference_points(trainer.layers), len(train_x))
    reference = ForwardRecorder(trainer.network, n_reference)
    train_NC = _answers(trainer, train_x, reference)
    test_NC = _answers(trainer, data.test_x.to(trainer.device))
    losses = float(trainer.loss(train_NC, train_y)), float(trainer.loss(test_NC, test_y))
    answer, maps = _over_the_inputs(trainer)
    seen = seen_in(trainer.network, trainer.layers, data.test_x[:N_EXAMPLES].to(trainer.device))
    wires = _wires(reference, step.heard)
    layers = [
        _layer(trainer, shape, reference, step, maps.get(shape.name), wires["eval"])
        for shape in trainer.layers
    ]
    return Snapshot(
        step=trainer.step,
        epoch=trainer.epoch + trainer.position / trainer.spec.data.n_train,
        task=data.record.task,
        train_loss=losses[0],
        test_loss=losses[1],
        train_accuracy=accuracy(train_NC, train_y),
        test_accuracy=accuracy(test_NC, test_y),
        batch_loss=step.loss,
        learning_rate=step.learning_rate,
        layers=tuple(replace(each, seen=seen.get(each.name, ())) for each in layers[:-1]),
        output=layers[-1],
        train_sample=sample,
        n_reference=n_reference,
        wires=wires,
        overflow=_overflow(trainer, train_x, losses),
        data=_data(trainer, train_y),
        surface=answer if isinstance(answer, SurfaceRecord) else None,
        curve=answer if isinstance(answer, CurveRecord) else None,
        **_confusion(test_NC, test_y, trainer.spec.data.classes),
    )


def _wires(reference: ForwardRecorder, heard: BackwardRecorder) -> dict[str, WiresRecord]:
    """What flowed on every wire, in both modes and backward."""
    passes = {"train": heard.wires, "gradient": heard.wire_gradients, "eval": reference.wires}
    return {name: wires_record(values) for name, values in passes.items() if values}


def accuracy(output_NC: Tensor, target: Tensor) -> float:
    """Share of correct classes, or R² = 1 - squared error / variance for values."""
    if target.is_floating_point():
        # squares must not overflow before the values do
        target, output_NC = target.cpu().double(), output_NC.cpu().double()
        spread = float((target - target.mean()).square().sum())
        return 1 - float((output_NC - target).square().sum()) / spread if spread else math.nan
    return float((output_NC.argmax(dim=1) == target).float().mean())


def _answers(trainer: Trainer, x: Tensor, first: ForwardRecorder | None = None) -> Tensor:
    """Outputs in chunks; `first` listens to the first one, which holds the reference set."""
    numbers = sum(math.prod(layer.output_shape) for layer in trainer.layers)
    n_rows = max(MAX_NUMBERS_A_CHUNK // numbers, N_REFERENCE)
    n_rows += len(x) % n_rows == 1  # no single row is left for batch statistics
    chunks = x.split(n_rows)
    with first or nullcontext():
        answers = [trainer.network(chunks[0])]
    answers += [trainer.network(chunk) for chunk in chunks[1:]]
    return torch.cat(answers)


@lru_cache(maxsize=64)
def _batch_sizes(n_train: int, batch_size: int) -> tuple[int, int]:
    """The first batch of an epoch and the smallest one."""
    sizes = [end - start for start, end in batch_bounds(n_train, batch_size)]
    return sizes[0], min(sizes)


@lru_cache(maxsize=16)
def _summary(spec: DataSpec) -> DataSummaryRecord:
    return data_summary(load(spec).record)


def _data(trainer: Trainer, target: Tensor) -> DataSummaryRecord:
    """The data's summary with the loss of the answer that is best where all answers are equal."""
    if target.is_floating_point():
        answer_NC = target.mean(dim=0).expand_as(target)
    else:
        n_each_C = torch.bincount(target.flatten(), minlength=trainer.spec.data.classes)
        share_C = n_each_C / target.numel()
        logits = trainer.spec.training.loss == "cross_entropy"
        answer_C = share_C.clamp(min=1e-6).log() if logits else share_C
        answer_NC = answer_C.expand(*target.shape, -1).movedim(-1, 1)
    loss = float(trainer.loss(answer_NC, target))
    return replace(_summary(trainer.spec.data), constant_loss=loss)


def _overflow(trainer: Trainer, train_x: Tensor, losses: tuple[float, float]) -> str | None:
    """The first layer whose answer is not finite, on the training points if it is one of them."""
    if all(map(math.isfinite, losses)):
        return None
    x = trainer.data.test_x.to(trainer.device) if math.isfinite(losses[0]) else train_x
    with FiniteWatch(trainer.network) as watch:
        _answers(trainer, x)
    return watch.activation or trainer.layers[-1].name


@lru_cache(maxsize=16)
def _grid(spec: DataSpec) -> tuple[tuple[FloatArray, ...], Tensor] | None:
    record = load(spec).record
    axes = input_grid(record, N_GRID if record.train_x.shape[-1] == 2 else N_GRID_CURVE)
    if axes is None:
        return None
    mesh = np.meshgrid(*axes)
    return axes, torch.as_tensor(np.stack([m.ravel() for m in mesh], axis=1), dtype=torch.float32)


def _over_the_inputs(
    trainer: Trainer,
) -> tuple[SurfaceRecord | CurveRecord | None, dict[str, Tensor]]:
    """The network's answer over all inputs it may get, and what each block's units compute."""
    grid = _grid(trainer.spec.data)
    if grid is None:
        return None, {}
    axes, points = grid
    values, maps = points.to(trainer.device), {}
    for name, block in trainer.network.named_children():
        values = block(values)
        maps[name] = values
    if len(axes) == 1:
        return CurveRecord(axes[0], values[:, 0].cpu().numpy().copy()), {}
    surface = _surface(axes, values, trainer.spec.data.classes)
    return surface, {name: _thinned(over_plane) for name, over_plane in maps.items()}


def _thinned(over_plane: Tensor) -> Tensor:
    side = math.isqrt(len(over_plane))
    return over_plane.view(side, side, -1)[::MAP_STRIDE, ::MAP_STRIDE].flatten(0, 1)


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
    pair = target.flatten() * n_classes + predicted_N.flatten()
    counts = torch.bincount(pair, minlength=n_classes**2)
    return {
        "confusion_CC": counts.view(n_classes, n_classes).cpu().numpy(),
        "test_predicted_N": predicted_N.to(torch.uint8).cpu().numpy(),
    }


def _layer(
    trainer: Trainer,
    shape: LayerShape,
    reference: ForwardRecorder,
    step: StepRecord,
    maps: Tensor | None,
    wires: WiresRecord,
) -> LayerRecord:
    block = trainer.network.get_submodule(shape.name)
    gradient = weight_before = None
    tensors: tuple[TensorOfStep, ...] = ()
    if (learned := learned_part(block)) is not None:
        own = [parameter for parameter in learned.parameters() if parameter.dim() > 1]
        gradient = _joined([trainer.part_of(step.flat_gradient, weight) for weight in own])
        if step.flat_before is not None:
            weight_before = _joined([trainer.part_of(step.flat_before, weight) for weight in own])
        if len(own) > 1:
            tensors = tuple(_tensor(trainer, each, step) for each in shape.block.tensors(learned))
    delta_rms = step.heard.delta_rms.get(shape.name, math.nan)
    return layer_record(
        shape.name,
        shape.kind,
        block,
        ACTIVATIONS[shape.settings.activation] if shape.settings else None,
        reference.blocks[shape.name],
        StepOfBlock(
            gradient,
            weight_before,
            delta_rms,
            step.heard.batch_moments.get(shape.name),
            _batch_sizes(trainer.spec.data.n_train, trainer.spec.training.batch_size),
            tensors,
            step.heard.step_gradients.get(shape.name),
        ),
        maps,
        bias_has_no_effect(block),
        _known(shape, reference.blocks[shape.name], wires),
    )


def _known(shape: LayerShape, forward: BlockForward, wires: WiresRecord) -> dict[str, Histogram]:
    """Histograms of a block that its wires have already, where all values are finite."""
    parts = {"pre_activation": shape.core.learned, "normalized": "normalization"}
    parts["activation"] = "activation"
    found = {}
    for quantity, part in parts.items():
        name, values = f"{shape.name}.{part}", getattr(forward, quantity)
        if values is not None and name in wires.names:
            histogram = wires.histogram(wires.names.index(name))
            if histogram.counts_B.sum() == values.numel():
                found[quantity] = histogram
    return found


def _joined(weights: list[Tensor]) -> Tensor:
    return weights[0] if len(weights) == 1 else torch.cat([each.flatten() for each in weights])


def _tensor(trainer: Trainer, tensor: LearnedTensor, step: StepRecord) -> TensorOfStep:
    before = step.flat_before
    return TensorOfStep(
        tensor.role,
        tensor.values.detach(),
        trainer.part_of(step.flat_gradient, tensor.values),
        None if before is None else trainer.part_of(before, tensor.values),
    )
