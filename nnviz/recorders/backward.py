"""What a training step does at each block: the loss gradient at z, and the batch's statistics."""

from __future__ import annotations

import math
from types import TracebackType

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from nnviz.blocks.residual import Residual
from nnviz.recorders.measures import norm
from nnviz.recorders.parts import BATCH_NORMS, learned_part, named_blocks, part
from nnviz.recorders.wires import INPUT, wired_parts


class BackwardRecorder:
    """Listens to one training step inside its `with` block.

    `delta_rms`: block → RMS of ∂L/∂z over batch and units, z what the part with weights gives.
    `step_gradients`: block → the same of ∂L/∂x at each step, of blocks that read sequences.
    `wires`, `wire_gradients`: what each part handed on, and ∂L/∂ of it, named as in `wires.py`.
    `batch_moments`: block → mean and unbiased variance per channel of what BatchNorm got.
    """

    def __init__(self, network: nn.Sequential) -> None:
        self._network = network
        self._handles: list[RemovableHandle] = []
        self.delta_rms: dict[str, float] = {}
        self.wires: dict[str, Tensor] = {}
        self.wire_gradients: dict[str, Tensor] = {}
        self.step_gradients: dict[str, Tensor] = {}
        self.batch_moments: dict[str, tuple[Tensor, Tensor]] = {}

    def __enter__(self) -> BackwardRecorder:
        for name, block in named_blocks(self._network):
            if (learned := learned_part(block)) is not None:
                self._handles.append(learned.register_forward_hook(self._on_forward(name)))
                if getattr(learned, "reads_steps", False):
                    hook = learned.register_forward_pre_hook(self._on_sequence(name))
                    self._handles.append(hook)
            normalization = part(block, "normalization")
            if isinstance(normalization, BATCH_NORMS):
                self._handles.append(normalization.register_forward_pre_hook(self._on_norm(name)))
        first = next(self._network.children())  # a trainer calls the parts, not the network
        first = first if isinstance(first, Residual) else next(first.children())
        self._handles.append(first.register_forward_pre_hook(self._on_input))
        for name, wired in wired_parts(self._network):
            self._handles.append(wired.register_forward_hook(self._on_wire(name)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for handle in self._handles:
            handle.remove()

    def _on_forward(self, name: str):  # type: ignore[no-untyped-def]
        def on_gradient(gradient: Tensor) -> None:
            self.delta_rms[name] = norm(gradient) / math.sqrt(gradient.numel())

        def on_output(_: nn.Module, inputs: tuple[Tensor, ...], result: Tensor) -> None:
            if result.requires_grad:
                result.register_hook(on_gradient)

        return on_output

    def _on_input(self, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self.wires[INPUT] = inputs[0].detach()

    def _on_wire(self, name: str):  # type: ignore[no-untyped-def]
        def on_gradient(gradient: Tensor) -> None:
            self.wire_gradients[name] = gradient

        def on_output(_: nn.Module, inputs: tuple[Tensor, ...], result: Tensor) -> None:
            self.wires[name] = result.detach()
            if result.requires_grad:
                result.register_hook(on_gradient)

        return on_output

    def _on_sequence(self, name: str):  # type: ignore[no-untyped-def]
        def on_gradient(gradient_NCT: Tensor) -> None:
            self.step_gradients[name] = gradient_NCT.square().mean(dim=(0, 1)).sqrt()

        def on_input(_: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            x = inputs[0] if inputs[0].requires_grad else inputs[0].detach().requires_grad_()
            x.register_hook(on_gradient)
            return (x,)

        return on_input

    def _on_norm(self, name: str):  # type: ignore[no-untyped-def]
        def on_input(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            values = inputs[0].detach()
            axes = [axis for axis in range(values.dim()) if axis != 1]
            variance, mean = torch.var_mean(values, dim=axes, correction=1)
            self.batch_moments[name] = (mean, variance)

        return on_input
