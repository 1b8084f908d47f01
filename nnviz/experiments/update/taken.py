"""The next update of a training as its trainer really takes it, with every tensor of the way.

Shapes: B samples of the batch, then units or channels, then positions, if any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from nnviz.blocks.residual import Residual
from nnviz.recorders.parts import learned_part, named_blocks
from nnviz.spec import ExperimentSpec, LayerShape
from nnviz.training import TrainingState
from nnviz.training.trainer import Trainer

KINDS = ("dense", "convolution", "pool", "flatten", "residual", "output")
"""What can be taken apart: each number comes from numbers of the same sample by one sum."""


@dataclass
class PartPass:
    """One part of a block in the pass: what it was given and gave, with their gradients in them."""

    name: str
    module: nn.Module
    given: Tensor
    result: Tensor

    def slopes(self, given: Tensor | None = None) -> Tensor:
        """∂result/∂given, number by number, of a part that treats every number alone."""
        given = (self.given if given is None else given).detach().requires_grad_()
        with torch.enable_grad():
            (slopes,) = torch.autograd.grad(self.module(given).sum(), given)
        return slopes


@dataclass
class BlockPass:
    """One block in the pass; `learned` is its part with weights."""

    shape: LayerShape
    block: nn.Module
    parts: list[PartPass] = field(default_factory=list)
    output: Tensor = field(default_factory=lambda: torch.empty(0))

    @property
    def name(self) -> str:
        """The block's name in the network."""
        return self.shape.name

    @property
    def learned(self) -> PartPass | None:
        """The part with the weights, or None."""
        module = learned_part(self.block)
        return next((part for part in self.parts if part.module is module), None)

    @property
    def around(self) -> list[PartPass]:
        """What stands behind the weights, in order."""
        names = ("normalization", "activation", "dropout", "switches")
        return [part for part in self.parts if part.name in names]


@dataclass(frozen=True)
class Taken:
    """The whole update. `raw` is the loss's gradient, `used` what the optimizer gets; flat vectors.

    The trainer's parameters and dropout masks are those of the pass.
    """

    trainer: Trainer
    blocks: tuple[BlockPass, ...]
    step: int
    x: Tensor
    y: Tensor
    loss: float
    rate: float
    raw: Tensor
    used: Tensor
    before: Tensor
    after: Tensor
    memory: Mapping[str, Tensor]
    memory_after: Mapping[str, Tensor]

    @property
    def spec(self) -> ExperimentSpec:
        """What is trained."""
        return self.trainer.spec

    def of(self, flat: Tensor, parameter: Tensor) -> Tensor:
        """A parameter's own part of a vector over all of them."""
        return self.trainer.part_of(flat, parameter)


def take(state: TrainingState) -> Taken:
    """Take the update that follows `state`, beside the training: nothing of it changes.

    Raises ValueError, which says why there is nothing to take apart.
    """
    refuse(state)
    trainer = Trainer(state.spec)
    trainer.load(state)
    rate, memory = trainer.learning_rate, _copied(trainer.memory())
    x, y = trainer.next_batch()
    x = x.detach().clone().requires_grad_()
    with _heard(trainer) as blocks:
        loss = trainer.backward_of(x, y)
    raw, before = trainer.gradient.clone(), trainer.flat.detach().clone()
    trainer.update()
    used, after = trainer.gradient.clone(), trainer.flat.detach().clone()
    memory_after = _copied(trainer.memory())
    with torch.no_grad():
        trainer.flat.copy_(before)
    return Taken(
        trainer, tuple(blocks.values()), state.step, x, y, float(loss), rate, raw, used,
        before, after, memory, memory_after,
    )  # fmt: skip


def _copied(memory: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in memory.items()}


def refuse(state: TrainingState) -> None:
    """Raise ValueError in words where no update can be taken apart."""
    if state.divergence is not None:
        raise ValueError("This training has diverged here: there is no next update.")
    others = [layer.name for layer in state.spec.layer_shapes if layer.kind not in KINDS]
    if others:
        raise ValueError(
            "Look inside takes networks of dense, convolution and pool blocks apart; this one has"
            f" {', '.join(others)}."
        )


@contextmanager
def _heard(trainer: Trainer) -> Iterator[dict[str, BlockPass]]:
    """Listen to every part of every block; gradients stay in what the parts gave."""
    shapes = {layer.name: layer for layer in trainer.layers}
    found = {name: BlockPass(shapes[name], block) for name, block in named_blocks(trainer.network)}
    handles = []
    for heard in found.values():
        if isinstance(heard.block, Residual):
            handles.append(heard.block.register_forward_hook(_on_block(heard)))
            continue
        for name, part in heard.block.named_children():
            handles.append(part.register_forward_hook(_on_part(heard, name)))
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def _on_part(heard: BlockPass, name: str):  # type: ignore[no-untyped-def]
    def keep(module: nn.Module, inputs: tuple[Tensor, ...], result: Tensor) -> None:
        result.retain_grad()
        heard.parts.append(PartPass(name, module, inputs[0], result))
        heard.output = result

    return keep


def _on_block(heard: BlockPass):  # type: ignore[no-untyped-def]
    def keep(module: nn.Module, inputs: tuple[Tensor, ...], result: Tensor) -> None:
        result.retain_grad()
        heard.output = result

    return keep
