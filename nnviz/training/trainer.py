"""One network, its data and its optimizer ready to take steps; all its memory is in the state.

All parameters are views of one flat vector and all gradients of another, so that an optimizer
step, clearing the gradient and the L1 term are one operation each, however many layers there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from nnviz.catalog.losses import LOSSES, LossOptions
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.data import load
from nnviz.network import build_network
from nnviz.recorders.forward import ForwardRecorder
from nnviz.records import DivergenceRecord
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.training.device import resolve_device
from nnviz.training.dropout_masks import seed_dropouts
from nnviz.training.state import TrainingState

_BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


class Trainer:
    """Takes training steps of one spec, starting from whatever state was loaded last."""

    def __init__(self, spec: ExperimentSpec) -> None:
        self.spec = spec
        self.device, _ = resolve_device(spec.training.device, spec.n_parameters)
        self.layers = spec.layer_shapes
        self.data = load(spec.data)
        self.train_x = self.data.train_x.to(self.device)
        self.train_y = self.data.train_y.to(self.device)
        network = build_network(
            spec.network, self.data.input_shape, spec.data.n_outputs, spec.training.seed
        )
        self.network = network.to(self.device).train()
        self._parts = [part for block in self.network for part in block.children()]
        self._flatten()
        self.optimizer = self._fresh_optimizer()
        self._factor = SCHEDULES[spec.training.schedule.name].factor
        self._schedule_arguments = spec.training.schedule.arguments
        self._loss = LOSSES[spec.training.loss].compute
        self._loss_options = self._options()
        self._skips_single = any(isinstance(m, _BATCH_NORMS) for m in network.modules())
        self._batches: tuple[int, tuple[Tensor, Tensor]] | None = None
        self.step = self.epoch = self.position = 0
        seed_dropouts(self.network, spec.training.seed, lambda: self.step, self.device)

    def load(self, state: TrainingState) -> None:
        """Stand exactly where `state` stands; nothing of an earlier state is left."""
        with torch.no_grad():
            for name, parameter in self.network.named_parameters():
                parameter.copy_(state.parameters[name])
            for name, buffer in self.network.named_buffers():
                buffer.copy_(state.buffers[name])
        memory = {
            name: tensor.to(self._home(name)).clone() for name, tensor in state.optimizer.items()
        }
        self.optimizer = self._fresh_optimizer()
        if memory and self.spec.training.optimizer.momentum:  # just switched on: starts at rest
            memory.setdefault("momentum_buffer", torch.zeros_like(self.flat.detach()))
        if memory:
            self.optimizer.state[self.flat].update(memory)
        self.step, self.epoch, self.position = state.step, state.epoch, state.position

    def state(self, divergence: DivergenceRecord | None = None) -> TrainingState:
        """A copy of where the training stands, on the CPU."""
        flat = self.flat.detach().to("cpu", copy=True)
        parameters = {
            name: flat[start : start + shape.numel()].view(shape)
            for name, start, shape in self._layout
        }
        buffers = {n: b.detach().to("cpu", copy=True) for n, b in self.network.named_buffers()}
        memory = {
            name: tensor.detach().to("cpu", copy=True)
            for name, tensor in self.optimizer.state[self.flat].items()
            if isinstance(tensor, Tensor)
        }
        place = (self.step, self.epoch, self.position)
        return TrainingState(self.spec, parameters, buffers, memory, *place, divergence)

    @property
    def learning_rate(self) -> float:
        """The rate of the next update."""
        training = self.spec.training
        factor = self._factor(self.step, training.n_steps, self._schedule_arguments)
        return training.optimizer.learning_rate * factor

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        """The training loss without penalties, mean over the batch."""
        return self._loss(output, target, self._loss_options)

    def backward(self) -> Tensor:
        """The next batch's loss (training mode, before the update), its gradient in `gradient`."""
        values, target = self.next_batch()
        self.gradient.zero_()
        for part in self._parts:  # what the network does, without a call for each block
            values = part(values)
        loss = self.loss(values, target)
        loss.backward()
        return loss.detach()

    def update(self) -> None:
        """Apply `gradient` and move on to the next batch."""
        if self.spec.training.l1:
            self.gradient.add_(
                self.flat.detach().sign() * self._penalized, alpha=self.spec.training.l1
            )
        self.optimizer.param_groups[0]["lr"] = self.learning_rate
        self.optimizer.step()
        self.step += 1
        self.position += self._batch_size()
        left = self.spec.data.n_train - self.position
        if left <= 0 or (left == 1 and self._skips_single):
            self.epoch, self.position = self.epoch + 1, 0

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Forward passes inside leave the buffers as they were."""
        kept = [buffer.clone() for buffer in self.network.buffers()]
        try:
            yield
        finally:
            for buffer, before in zip(self.network.buffers(), kept, strict=True):
                buffer.copy_(before)

    def divergence(self) -> DivergenceRecord:
        """Where the first non-finite number of this step is: a weight, an activation, the loss."""
        for name, parameter in self.network.named_parameters():
            if not bool(torch.isfinite(parameter).all()):
                return DivergenceRecord(self.step + 1, name.split(".")[0], "weight")
        with self.untouched(), torch.no_grad(), ForwardRecorder(self.network) as heard:
            self.network(self.next_batch()[0])
        for name, block in heard.blocks.items():
            if block.output is not None and not bool(torch.isfinite(block.output).all()):
                return DivergenceRecord(self.step + 1, name, "activation")
        return DivergenceRecord(self.step + 1, "output", "loss")

    def part_of(self, flat: Tensor, parameter: Tensor) -> Tensor:
        """A parameter's own part of a vector laid out like `flat`, in the parameter's shape."""
        start = int(parameter.storage_offset())
        return flat[start : start + parameter.numel()].view(parameter.shape)

    def _flatten(self) -> None:
        named = list(self.network.named_parameters())
        flat = torch.cat([parameter.detach().reshape(-1) for _, parameter in named])
        self.gradient = torch.zeros_like(flat)
        self._penalized = torch.zeros_like(flat)
        self._layout, start = [], 0
        for name, parameter in named:
            end = start + parameter.numel()
            parameter.data = flat[start:end].view(parameter.shape)
            parameter.grad = self.gradient[start:end].view(parameter.shape)
            self._penalized[start:end] = float(parameter.dim() > 1)
            self._layout.append((name, start, parameter.shape))
            start = end
        self.flat = nn.Parameter(flat)
        self.flat.grad = self.gradient

    def _fresh_optimizer(self) -> Optimizer:
        asked = self.spec.training.optimizer
        make = OPTIMIZERS[asked.name].make
        return make(self.flat, asked.learning_rate, asked.weight_decay, asked.arguments)

    def _options(self) -> LossOptions:
        training = self.spec.training
        weights: Tensor | None = None
        if training.class_weights == "balanced":
            counts_C = torch.bincount(self.train_y, minlength=self.spec.data.classes).clamp(min=1)
            weights = len(self.train_y) / (len(counts_C) * counts_C.float())
        elif training.class_weights:
            weights = torch.tensor(training.class_weights, device=self.device)
        return LossOptions(weights, training.label_smoothing, training.huber_delta)

    def _home(self, memory: str) -> torch.device:
        fused = bool(self.optimizer.param_groups[0].get("fused"))
        return self.device if memory != "step" or fused else torch.device("cpu")

    def _batch_size(self) -> int:
        return min(self.spec.training.batch_size, self.spec.data.n_train - self.position)

    def next_batch(self) -> tuple[Tensor, Tensor]:
        """Inputs and targets of the next step; asking again gives the same ones."""
        if self._batches is None or self._batches[0] != self.epoch:
            seed = derived_seed(self.spec.training.seed, "epoch", self.epoch)
            order_N = torch.randperm(
                len(self.train_x), generator=torch.Generator().manual_seed(seed)
            )
            order_N = order_N.to(self.device)
            self._batches = self.epoch, (self.train_x[order_N], self.train_y[order_N])
        x, y = self._batches[1]
        end = self.position + self._batch_size()
        return x[self.position : end], y[self.position : end]


def is_finite(loss: Tensor) -> bool:
    """Whether a loss is an ordinary number."""
    return math.isfinite(float(loss))
