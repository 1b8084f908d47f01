"""train() against eval(): the same batch through both modes of one network.

Shapes: B points of the batch, C classes or outputs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nnviz.experiments.mode_gap.records import LayerModes, ModeGapRecord, SinglePoint
from nnviz.recorders import ForwardRecorder
from nnviz.recorders.measures import moments
from nnviz.records import FloatArray
from nnviz.spec import ExperimentSpec
from nnviz.training import TrainingState
from nnviz.training.snapshots import accuracy
from nnviz.training.trainer import Trainer


def differs_by_mode(spec: ExperimentSpec) -> bool:
    """Whether the network has BatchNorm or dropout."""
    settings = [layer.settings for layer in spec.layer_shapes if layer.settings]
    return any(each.normalization == "batch" or each.dropout > 0 for each in settings)


def mode_gap(state: TrainingState | bytes) -> ModeGapRecord:
    """Measure where a training stands. The state and the caller's random state stay as they are.

    Dropout draws the masks that the next training step will draw.
    """
    if isinstance(state, bytes):
        state = TrainingState.from_bytes(state)
    with torch.no_grad():
        trainer = Trainer(state.spec)
        trainer.load(state)
        x, y = trainer.next_batch()
        train_BC, train = _through(trainer, x, training=True)
        eval_BC, evaluated = _through(trainer, x, training=False)
        return ModeGapRecord(
            step=state.step,
            differs=differs_by_mode(state.spec),
            train_loss=float(trainer.loss(train_BC, y)),
            eval_loss=float(trainer.loss(eval_BC, y)),
            train_accuracy=accuracy(train_BC, y),
            eval_accuracy=accuracy(eval_BC, y),
            train_output_BC=train_BC.cpu().numpy().copy(),
            eval_output_BC=eval_BC.cpu().numpy().copy(),
            layers=_layers(train, evaluated),
            single=_single(trainer, x[:1]),
        )


def _through(trainer: Trainer, x: Tensor, training: bool) -> tuple[Tensor, ForwardRecorder]:
    trainer.network.train(training)
    with trainer.untouched(), ForwardRecorder(trainer.network) as heard:
        return trainer.network(x), heard


def _layers(train: ForwardRecorder, evaluated: ForwardRecorder) -> tuple[LayerModes, ...]:
    found = []
    for name, block in train.blocks.items():
        in_train, in_eval = block.output, evaluated.blocks[name].output
        assert in_train is not None
        assert in_eval is not None
        a, b = moments(in_train), moments(in_eval)
        found.append(LayerModes(name, a.mean, a.std, b.mean, b.std))
    return tuple(found)


def _single(trainer: Trainer, x: Tensor) -> SinglePoint:
    return SinglePoint(*_alone(trainer, x, True), *_alone(trainer, x, False))


def _alone(trainer: Trainer, x: Tensor, training: bool) -> tuple[FloatArray | None, str | None]:
    network: nn.Module = trainer.network.train(training)
    try:
        with trainer.untouched():
            return network(x)[0].cpu().numpy().copy(), None
    except ValueError as error:  # torch: more than one value per channel is needed
        return None, str(error)
