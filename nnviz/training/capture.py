"""A whole training step as one CUDA graph: recorded once, then replayed by one call.

The step reads its batch, its dropout masks and its learning rate from memory that never moves, and
leaves weights, statistics and the optimizer's memory where they are. This is the only file that
knows of CUDA graphs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from nnviz.spec.batches import batch_end
from nnviz.training.trainer import Trainer

Step = Callable[[], None]
Recorder = Callable[[Step], Step]
"""From a step to what repeats it."""

N_WARM_UP = 3
_OPTIMIZERS = ("sgd", "adam", "adamw", "rmsprop")


def cuda_graph(step: Step) -> Step:
    """Warm up on a stream of its own, as torch asks for, then record."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(N_WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        step()
    return graph.replay


def why_not_captured(trainer: Trainer) -> str | None:
    """Why this training's steps can't be recorded, None where they can."""
    if trainer.device.type != "cuda":
        return "only CUDA has graphs"
    if trainer.spec.training.by_hand:
        return "what is done by hand changes the step on the way"
    name = trainer.spec.training.optimizer.name
    if name not in _OPTIMIZERS:
        return f"{name} counts its steps outside the device"
    for module in trainer.network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.momentum is None:
            return "a cumulative average counts its batches outside the device"
    return None


class CapturedStep:
    """The step of one trainer for batches of one size; others the trainer takes itself.

    Making one leaves the trainer somewhere: load a state afterwards.
    """

    def __init__(self, trainer: Trainer, record: Recorder = cuda_graph) -> None:
        training, device = trainer.spec.training, trainer.device
        self._trainer = trainer
        self._n_rows = batch_end(trainer.spec.data.n_train, training.batch_size, 0)
        self._x, self._y = (part[: self._n_rows].clone() for part in trainer.next_batch())
        self._loss = torch.zeros((), device=device)
        self._rate = torch.full((), trainer.learning_rate, device=device)
        self._make_static()
        self._replay = record(self._step)

    def __call__(self, x: Tensor, y: Tensor, rate: float) -> Tensor:
        """One update from a batch of the size that `takes` names; the masks lie ready.

        The loss is a copy: the next replay writes over the graph's own.
        """
        self._x.copy_(x)
        self._y.copy_(y)
        self.set_rate(rate)
        self._replay()
        return self._loss.clone()

    def takes(self, n_rows: int) -> bool:
        """Whether batches of this size were recorded."""
        return n_rows == self._n_rows

    def set_rate(self, rate: float) -> None:
        """The learning rate of the next update, captured or not."""
        self._rate.fill_(rate)

    def remember(self, memory: Mapping[str, Tensor]) -> None:
        """The optimizer's memory becomes a copy of this, in place; what is not told is at rest."""
        for name, own in self._trainer.memory().items():
            if name in memory:
                own.copy_(memory[name])
            else:
                own.zero_()

    def _step(self) -> None:
        self._loss.copy_(self._trainer.backward_of(self._x, self._y))
        self._trainer.apply_gradient()

    def _make_static(self) -> None:
        """An optimizer that finds its rate and its counter on the device.

        One step without a gradient makes its memory, which is then put to rest.
        """
        trainer = self._trainer
        group = trainer.optimizer.param_groups[0]
        group["lr"] = self._rate
        if "capturable" in group:
            group["capturable"] = trainer.device.type != "cpu"
            group["foreach"] = not group.get("fused")
            # torch warns where such an optimizer steps outside a graph, as odd batches do
            trainer.optimizer._warned_capturable_if_run_uncaptured = True
        trainer.gradient.zero_()
        trainer.optimizer.step()
        self.remember({})
