"""One network, its data and its optimizer ready to take steps; all its memory is in the state.

All parameters are views of one flat vector and all gradients of another, so that an optimizer
step, clearing the gradient and the L1 term are one operation each, however many layers there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from nnviz.blocks.residual import Residual
from nnviz.catalog.losses import LOSSES, LossOptions
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.data import load
from nnviz.network import build_network
from nnviz.randomness import torch_generator
from nnviz.records import DivergenceRecord
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.spec.batches import batch_end, epoch_is_over
from nnviz.spec.training import ROOM_OF_CLIPPING
from nnviz.training.by_hand import ByHand
from nnviz.training.device import resolve_device
from nnviz.training.dropout_masks import mask_dropouts
from nnviz.training.flat import FlatParameters
from nnviz.training.state import TrainingState
from nnviz.training.whole_step import WholeStep


@dataclass(frozen=True)
class Checkpoint:
    """A copy, on the trainer's own device, of everything that a step changes."""

    flat: Tensor
    buffers: tuple[Tensor, ...]
    memory: Mapping[str, Tensor]
    place: tuple[int, int, int]


class Trainer:
    """Takes training steps of one spec, starting from whatever state was loaded last.

    `device` left out is the one that the spec names, and the CPU for "auto".
    """

    def __init__(self, spec: ExperimentSpec, device: torch.device | None = None) -> None:
        self.spec = spec
        self.device = device or resolve_device(spec.training.device)[0]
        self.layers = spec.layer_shapes
        self.data = load(spec.data)
        self.train_x = self.data.train_x.to(self.device)
        self.train_y = self.data.train_y.to(self.device)
        network = build_network(
            spec.network, spec.data.sample, spec.data.output_shape, spec.training.seed
        )
        self.network = network.to(self.device).train()
        self._n_train, self._batch_size = spec.data.n_train, spec.training.batch_size
        n_rows = min(self._batch_size + 1, self._n_train)  # one may be joined
        self._dropouts = mask_dropouts(
            network, self.layers, spec.training.seed, n_rows, self.device
        )
        self._by_hand = ByHand(spec, self.network, self.device)
        self._parts = [part for block in self.network for part in _parts(block)]
        self._parameters = FlatParameters(network)
        self.flat, self.gradient = self._parameters.values, self._parameters.gradient
        self.optimizer = self._fresh_optimizer()
        self._factor = SCHEDULES[spec.training.schedule.name].factor
        self._schedule_arguments = spec.training.schedule.arguments
        self._loss = LOSSES[spec.training.loss].compute
        self._loss_options = self._options()
        self._batches: tuple[int, tuple[Tensor, Tensor]] | None = None
        self.captured: WholeStep | None = None
        self.step = self.epoch = self.position = 0
        self.step_seconds = 0.0
        """What the last update took; bursts keep their time by it."""
        self._by_hand.stand(0)

    def load(self, state: TrainingState) -> None:
        """Stand exactly where `state` stands; nothing of an earlier state is left."""
        with torch.no_grad():
            for name, parameter in self.network.named_parameters():
                parameter.copy_(state.parameters[name])
            for name, buffer in self.network.named_buffers():
                buffer.copy_(state.buffers[name])
        memory = dict(state.optimizer)
        if memory and self.spec.training.optimizer.momentum:  # just switched on: starts at rest
            memory.setdefault("momentum_buffer", torch.zeros_like(self.flat.detach()))
        self._remember(memory)
        self.step, self.epoch, self.position = state.step, state.epoch, state.position
        if epoch_is_over(self._n_train, self._batch_size, self.position):
            self.epoch, self.position = self.epoch + 1, 0
        self._by_hand.stand(self.step)

    def memory(self) -> dict[str, Tensor]:
        """What the optimizer remembers, over all parameters laid end to end."""
        state = self.optimizer.state[self.flat]
        return {name: tensor for name, tensor in state.items() if isinstance(tensor, Tensor)}

    def checkpoint(self) -> Checkpoint:
        """What `restore` needs to stand here again."""
        return Checkpoint(
            self.flat.detach().clone(),
            tuple(buffer.clone() for buffer in self.network.buffers()),
            {name: tensor.clone() for name, tensor in self.memory().items()},
            (self.step, self.epoch, self.position),
        )

    def restore(self, kept: Checkpoint) -> None:
        """Stand where the checkpoint was taken."""
        with torch.no_grad():
            self.flat.copy_(kept.flat)
            for buffer, before in zip(self.network.buffers(), kept.buffers, strict=True):
                buffer.copy_(before)
        self._remember(kept.memory)
        self.step, self.epoch, self.position = kept.place
        self._by_hand.stand(self.step)

    def state(self, divergence: DivergenceRecord | None = None) -> TrainingState:
        """A copy of where the training stands, on the CPU."""
        parameters = self._parameters.named_copies()
        buffers = {n: b.detach().to("cpu", copy=True) for n, b in self.network.named_buffers()}
        memory = {name: t.detach().to("cpu", copy=True) for name, t in self.memory().items()}
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
        return self.backward_of(*self.next_batch())

    def backward_of(self, values: Tensor, target: Tensor) -> Tensor:
        """`backward` of this batch, after what is done by hand before the update."""
        self._by_hand.begin(self.step)
        self.gradient.zero_()
        for part in self._parts:  # what the network does, without a call for each block
            values = part(values)
        loss = self.loss(values, target)
        loss.backward()
        return loss.detach()

    def take_step(self) -> Tensor:
        """One update, its loss not yet looked at: nothing waits for a number."""
        if self.captured is not None and self.captured.takes(self._end() - self.position):
            loss = self.captured(*self.next_batch(), self.learning_rate)
            self.move_on()
            return loss
        loss = self.backward()
        self.update()
        return loss

    def update(self) -> None:
        """Apply `gradient` and move on to the next batch."""
        self._set_rate(self.learning_rate)
        self.apply_gradient()
        self.move_on()

    def apply_gradient(self) -> None:
        """The optimizer's step along `gradient`, the L1 term added and clipped, at its own rate.

        What is frozen by hand stays as it is.
        """
        if self.spec.training.l1:
            self.gradient.add_(
                self.flat.detach().sign() * self._parameters.penalized, alpha=self.spec.training.l1
            )
        with self._by_hand.held(self.flat.detach(), self.gradient):
            if clip_norm := self.spec.training.clip_norm:
                factor = clip_norm / (torch.linalg.vector_norm(self.gradient) + ROOM_OF_CLIPPING)
                self.gradient.mul_(factor.clamp_(max=1.0))
            self.optimizer.step()

    def move_on(self) -> None:
        """The next batch's turn."""
        self.step += 1
        self.position = self._end()
        if self.position == self._n_train:
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

    def part_of(self, flat: Tensor, parameter: Tensor) -> Tensor:
        """A parameter's own part of a vector laid out like `flat`, in the parameter's shape."""
        start = int(parameter.storage_offset())
        return flat[start : start + parameter.numel()].view(parameter.shape)

    def _fresh_optimizer(self) -> Optimizer:
        asked = self.spec.training.optimizer
        make = OPTIMIZERS[asked.name].make
        return make(self.flat, asked.learning_rate, asked.weight_decay, asked.arguments)

    def _options(self) -> LossOptions:
        training = self.spec.training
        weights: Tensor | None = None
        if training.class_weights == "balanced":
            labels = self.train_y.flatten()
            counts_C = torch.bincount(labels, minlength=self.spec.data.classes).clamp(min=1)
            weights = len(labels) / (len(counts_C) * counts_C.float())
        elif training.class_weights:
            weights = torch.tensor(training.class_weights, device=self.device)
        return LossOptions(weights, training.label_smoothing, training.huber_delta)

    def _home(self, memory: str) -> torch.device:
        fused = bool(self.optimizer.param_groups[0].get("fused"))
        return self.device if memory != "step" or fused else torch.device("cpu")

    def _set_rate(self, rate: float) -> None:
        group = self.optimizer.param_groups[0]
        if self.captured is None:
            group["lr"] = rate
        else:
            self.captured.set_rate(rate)

    def _remember(self, memory: Mapping[str, Tensor]) -> None:
        """An optimizer that remembers a copy of this and nothing else."""
        if self.captured is not None:
            self.captured.remember(memory)
            return
        self.optimizer = self._fresh_optimizer()
        if memory:
            own = {name: tensor.to(self._home(name)).clone() for name, tensor in memory.items()}
            self.optimizer.state[self.flat].update(own)

    def _end(self) -> int:
        return batch_end(self._n_train, self._batch_size, self.position)

    def next_batch(self) -> tuple[Tensor, Tensor]:
        """Inputs and targets of the next step, its dropout masks drawn; the same if asked again."""
        if self._batches is None or self._batches[0] != self.epoch:
            seed = derived_seed(self.spec.training.seed, "epoch", self.epoch)
            order_N = torch.randperm(len(self.train_x), generator=torch_generator(seed))
            order_N = order_N.to(self.device, non_blocking=True)
            self._batches = self.epoch, (self.train_x[order_N], self.train_y[order_N])
        x, y = self._batches[1]
        end = self._end()
        for dropout in self._dropouts:
            dropout.draw(self.step, end - self.position)
        return x[self.position : end], y[self.position : end]


def _parts(block: nn.Module) -> list[nn.Module]:
    """What a block does in order; a residual one is more than that."""
    return [block] if isinstance(block, Residual) else list(block.children())
