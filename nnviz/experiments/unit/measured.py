"""Looking at one unit where a training stands; nothing of it changes.

Shapes: N test points, K of them, H × W pixels or positions.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.initializers import Learned
from nnviz.experiments.unit.records import AskedUnit, ExcitingImages, UnitRecord
from nnviz.recorders.parts import learned_part
from nnviz.records import FloatArray, has_classes
from nnviz.spec import LayerShape
from nnviz.spec.by_hand import settable, was_in_force
from nnviz.training import TrainingState
from nnviz.training.trainer import Trainer

N_IMAGES, MOST_POINTS, MOST_CHANNELS = 9, 1000, 8
CHUNK = 250


def unit_seen(state: TrainingState, asked: AskedUnit) -> UnitRecord:
    """The unit's own numbers and, of images, those that excite it most and its kernel.

    Raises ValueError where there is no such unit.
    """
    layers = {layer.name: layer for layer in state.spec.layer_shapes}
    layer = layers.get(asked.layer)
    if layer is None:
        raise ValueError(f"layer must be one of {', '.join(layers)}; got {asked.layer!r}")
    if asked.unit >= layer.output_shape[0]:
        raise ValueError(f"{layer.name} has units 0 to {layer.output_shape[0] - 1}")
    standing = was_in_force(state.spec.training.by_hand, state.step)
    with torch.no_grad():
        trainer = Trainer(state.spec)
        trainer.load(state)
        part = learned_part(trainer.network.get_submodule(layer.name))
        bias = getattr(part, "bias", None) if isinstance(part, Learned) else None
        return UnitRecord(
            layer.name,
            asked.unit,
            can_set=settable(layer) is not None,
            can_freeze=any(True for _ in trainer.network.get_submodule(layer.name).parameters()),
            is_off=(layer.name, asked.unit) in standing.off,
            bias=None if bias is None else float(bias[asked.unit]),
            kernel_IHW=_kernel(trainer, layer, part, asked.unit),
            images=_images(trainer, asked),
        )


def _kernel(
    trainer: Trainer, layer: LayerShape, part: nn.Module | None, unit: int
) -> FloatArray | None:
    """Weights that have a place in the plane: a kernel's, or one for each pixel."""
    image = trainer.data.record.image_shape
    if image is None or not isinstance(part, nn.Conv2d | nn.Linear):
        return None
    weight = part.weight.detach()[unit].cpu()
    if isinstance(part, nn.Linear):
        is_first = layer.name == trainer.layers[0].name or layer.arrives.shape == (1, *image)
        if not is_first or weight.numel() != math.prod(image):
            return None
        weight = weight.view(1, *image)
    return weight[:MOST_CHANNELS].numpy().astype(np.float32)


def _images(trainer: Trainer, asked: AskedUnit) -> ExcitingImages | None:
    record = trainer.data.record
    if record.image_shape is None:
        return None
    output_N = _outputs(trainer, asked)
    score_N = output_N.flatten(1).amax(dim=1) if output_N.dim() > 1 else output_N
    best_K = score_N.argsort(descending=True, stable=True)[:N_IMAGES].numpy()
    labels = record.test_y if has_classes(record.task) else np.full(len(record.test_x), -1)
    pixels = np.asarray(record.test_x[best_K], np.float32).reshape(-1, *record.image_shape)
    return ExcitingImages(
        best_K,
        pixels,
        score_N[best_K].numpy(),
        np.asarray(labels)[best_K].astype(np.int32),
        output_N[best_K].numpy() if output_N.dim() == 3 else None,
    )


def _outputs(trainer: Trainer, asked: AskedUnit) -> Tensor:
    """What the unit gives for the first test points, (N,) or (N, H, W)."""
    heard: list[Tensor] = []
    block = trainer.network.get_submodule(asked.layer)
    hook = block.register_forward_hook(
        lambda _, inputs, given: heard.append(given[:, asked.unit].cpu())
    )
    trainer.network.eval()
    with trainer.untouched():
        for chunk in trainer.data.test_x[:MOST_POINTS].to(trainer.device).split(CHUNK):
            trainer.network(chunk)
    hook.remove()
    return torch.cat(heard)
