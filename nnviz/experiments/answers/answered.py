"""Asking a training where it stands what it answers for one input; nothing of it changes.

Shapes: B samples of the batch, C classes or values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from nnviz.experiments.answers.inputs import inputs_of, listed_points
from nnviz.experiments.answers.records import AnswerRecord, AskedInput, BlockAnswer
from nnviz.recorders import ForwardRecorder
from nnviz.recorders.forward import BlockForward
from nnviz.records import FloatArray, has_classes
from nnviz.training import TrainingState
from nnviz.training.trainer import Trainer

MOST_UNITS, MOST_CHANNELS, MOST_ALONG = 256, 16, 32
LARGEST = 65504.0
"""What a number of 16 bits can hold."""


def answered(state: TrainingState, asked: AskedInput) -> AnswerRecord:
    """The network's answer for the asked input, and what every block passes on.

    In training mode the masks are those of the next step. Raises ValueError where the input does
    not fit the network; what torch refuses is told in the record.
    """
    with torch.no_grad():
        trainer = Trainer(state.spec)
        trainer.load(state)
        x, target = _point(trainer, asked)
        output, refusal, blocks = _through(trainer, x, asked)
        trainer.network.eval()
        near = asked.near
        return AnswerRecord(
            step=state.step,
            mode=asked.mode,
            x=x.flatten().cpu().numpy().copy(),
            target=None if target is None else np.atleast_1d(target.numpy().copy()),
            output=None if output is None else output.cpu().numpy().copy(),
            probability=_probability(trainer, output),
            refusal=refusal,
            blocks=tuple(_block(name, heard) for name, heard in blocks.items()),
            inputs=inputs_of(trainer.data.record) if asked.about else None,
            listed=None if near is None else listed_points(trainer, near, asked.only_wrong),
        )


def _point(trainer: Trainer, asked: AskedInput) -> tuple[Tensor, Tensor | None]:
    """The input as a batch of one, and what is right where that is known."""
    data = trainer.data
    if asked.values is None:
        n_test, point = len(data.test_x), asked.point or 0
        if not 0 <= point < n_test:
            raise ValueError(f"point must be one of the {n_test} test points; got {point}")
        return data.test_x[point : point + 1].to(trainer.device), data.test_y[point]
    shape = data.input_shape
    if len(asked.values) != math.prod(shape):
        words = " × ".join(map(str, shape))
        raise ValueError(f"an input is {words} numbers; got {len(asked.values)}")
    names = data.record.token_names
    if names and not all(value in range(len(names)) for value in asked.values):
        raise ValueError(f"tokens are whole numbers from 0 to {len(names) - 1}")
    return torch.tensor(asked.values, device=trainer.device).view(1, *shape), None


def _through(
    trainer: Trainer, x: Tensor, asked: AskedInput
) -> tuple[Tensor | None, str | None, Mapping[str, BlockForward]]:
    """The first sample's answer, or torch's refusal, and what the blocks have computed."""
    batch_B, _ = trainer.next_batch()
    if asked.mode == "batch":
        x = torch.cat([x, batch_B[1:]])
    trainer.network.train(asked.mode != "evaluation")
    try:
        with trainer.untouched(), ForwardRecorder(trainer.network, n_rows=1) as heard:
            return trainer.network(x)[0], None, heard.blocks
    except ValueError as error:  # more than one value per channel is needed
        return None, str(error), {}


def _probability(trainer: Trainer, output: Tensor | None) -> FloatArray | None:
    if output is None or not has_classes(trainer.data.record.task):
        return None
    return output.softmax(dim=0).cpu().numpy().copy()


def _block(name: str, heard: BlockForward) -> BlockAnswer:
    assert heard.output is not None
    output, z = heard.output[0], heard.pre_activation
    is_units = output.dim() == 1
    return BlockAnswer(
        name,
        _bounded(output),
        _bounded(z[0]) if is_units and z is not None and z[0].shape == output.shape else None,
    )


def _bounded(values: Tensor) -> FloatArray:
    """Units, or channels × positions, small enough to be sent at each move of the pointer."""
    if values.dim() == 1:
        kept = values[:MOST_UNITS]
    else:
        if values.dim() == 4:
            values = values[:, values.shape[1] // 2]
        strides = [math.ceil(n / MOST_ALONG) for n in values.shape[1:]]
        kept = values[(slice(MOST_CHANNELS), *(slice(None, None, each) for each in strides))]
    return kept.clamp(-LARGEST, LARGEST).to(torch.float16).numpy().copy()
