"""Where in a training step the first number is that is not finite."""

from __future__ import annotations

from types import TracebackType

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from nnviz.recorders.parts import named_blocks
from nnviz.records import DivergenceRecord


class FiniteWatch:
    """Listens to one training step inside its `with` block.

    `activation` is the first block, in the order of computation, with a part whose output is not
    finite. A gradient belongs to the block that owns the number it is taken for: a part's output
    or a parameter.
    """

    def __init__(self, network: nn.Sequential) -> None:
        self._network = network
        self._handles: list[RemovableHandle] = []
        self._bad_gradients: set[str] = set()
        self.activation: str | None = None

    def __enter__(self) -> FiniteWatch:
        for name, block in named_blocks(self._network):
            for part in block.children():
                self._handles.append(part.register_forward_hook(self._on_forward(name)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for handle in self._handles:
            handle.remove()

    @property
    def gradient(self) -> str | None:
        """The first block, in the order of the backward pass, with a gradient not finite."""
        for name, block in reversed(list(named_blocks(self._network))):
            own = [p.grad for p in block.parameters() if p.grad is not None]
            if name in self._bad_gradients or not all(map(is_finite, own)):
                return name
        return None

    def found(self, step: int, loss: Tensor) -> DivergenceRecord | None:
        """What was not finite first on the way to update `step`; None where all was."""
        if self.activation is not None:
            return DivergenceRecord(step, self.activation, "activation")
        if not is_finite(loss):
            return DivergenceRecord(step, next(reversed(self._network._modules)), "loss")
        if (layer := self.gradient) is not None:
            return DivergenceRecord(step, layer, "gradient")
        return None

    def _on_forward(self, name: str):  # type: ignore[no-untyped-def]
        def on_gradient(gradient: Tensor) -> None:
            if not is_finite(gradient):
                self._bad_gradients.add(name)

        def on_output(_: nn.Module, inputs: tuple[Tensor, ...], result: Tensor) -> None:
            if self.activation is None and not is_finite(result):
                self.activation = name
            if result.requires_grad:
                result.register_hook(on_gradient)

        return on_output


def unfinite_weight(network: nn.Sequential, step: int) -> DivergenceRecord | None:
    """The first layer, in the order of computation, with a weight that is not finite."""
    for name, block in named_blocks(network):
        if not all(is_finite(parameter) for parameter in block.parameters()):
            return DivergenceRecord(step, name, "weight")
    return None


def is_finite(values: Tensor) -> bool:
    """Whether every number is finite."""
    return bool(torch.isfinite(values.detach()).all())
