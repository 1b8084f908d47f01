"""Many replicates of one architecture that train at once.

Shapes: R replicates, N points, C classes or outputs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from nnviz.data import load
from nnviz.ensemble.data import EnsembleData, shared_data
from nnviz.ensemble.group import Group
from nnviz.ensemble.measured import EnsembleSnapshot
from nnviz.ensemble.memory import keep_freed_memory
from nnviz.network import build_network
from nnviz.records import BoolArray, FloatArray
from nnviz.spec import ExperimentSpec
from nnviz.spec.work import train_sample

CACHED_NUMBERS = 262_144
"""Numbers of the widest layer, over batch and replicates, that still fit a core's own cache."""
MIN_TOGETHER = 8
MAX_NUMBERS_OF_A_GROUP = {"cpu": 20_000_000, "cuda": 500_000_000}


class Ensemble:
    """R networks of one spec, each with its own seed, in step with each other.

    Replicate r is what a single training with `training.seed = seeds[r]` gives: the same initial
    weights, batch order and dropout masks, equal up to the rounding of float32 (which a training
    may amplify: Adam makes steps of the rounding errors in a gradient that is 0). The seed of the
    spec itself is not used. `data` left out is the spec's own set, shared by all. A replicate
    that diverges leaves the others as they are, bit for bit.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        seeds: Sequence[int],
        data: EnsembleData | None = None,
        device: str | torch.device = "cpu",
    ) -> None:
        if not seeds:
            raise ValueError("an ensemble needs at least one seed")
        self.spec, self.seeds, self.device = spec, tuple(seeds), torch.device(device)
        data = data or shared_data(load(spec.data))
        keep_freed_memory()
        n = replicates_at_once(spec, self.device)
        self._starts = range(0, len(self.seeds), n)
        self._groups = [
            Group(spec, self.seeds[k : k + n], data.part(k, k + n, self.device), self.device)
            for k in self._starts
        ]

    @property
    def step(self) -> int:
        """Updates taken so far."""
        return self._groups[0].step

    @property
    def one_by_one(self) -> tuple[str, ...]:
        """Parts of the network that have no batched form and run one replicate after another."""
        return tuple(self._groups[0].network.one_by_one)

    @property
    def reason(self) -> str | None:
        """Why not everything is batched; None where it is."""
        if not self.one_by_one:
            return None
        return f"no batched form, one replicate after another: {', '.join(self.one_by_one)}"

    @property
    def diverged(self) -> BoolArray:
        """Whose training loss has ever been, or whose weights are now, no finite numbers."""
        finite_R = torch.cat([group.are_finite for group in self._groups])
        return ~finite_R.cpu().numpy()

    @property
    def parameters(self) -> Mapping[str, Tensor]:
        """Every parameter by its name in the network, (R, …), as a copy."""
        return self._gathered("parameters")

    @property
    def buffers(self) -> Mapping[str, Tensor]:
        """Every buffer by its name in the network, (R, …), as a copy."""
        return self._gathered("buffers")

    def advance(self, n_steps: int) -> None:
        """Train every replicate on for `n_steps` updates."""
        for group in self._groups:
            group.advance(n_steps)

    def evaluate(self, x: Tensor, shared: bool = True) -> Tensor:
        """Outputs (R, N, C) in evaluation mode on points (N, …), or (R, N, …) if not `shared`.

        Where each of T places has an answer, (R, N·T, C), the places of a point one by one.
        """
        outputs = []
        for start, group in zip(self._starts, self._groups, strict=True):
            own = x if shared else x[start : start + group.network.n_replicates]
            outputs.append(group.outputs(own.to(self.device), shared).mT)
        return torch.cat(outputs)

    def network(self, r: int) -> nn.Sequential:
        """Replicate r as an ordinary network on the CPU, in training mode."""
        data = self.spec.data
        network = build_network(self.spec.network, data.sample, data.output_shape)
        group = self._groups[r // self._starts.step]
        tensors = {**group.network.parameters, **group.network.buffers}
        place = r % self._starts.step
        network.load_state_dict({name: tensor[place] for name, tensor in tensors.items()})
        return network

    def snapshot(self) -> EnsembleSnapshot:
        """Losses and accuracies of every replicate on its training and test points."""
        train = [_measured(group, "train") for group in self._groups]
        test = [_measured(group, "test") for group in self._groups]
        finite_R = torch.cat([group.are_finite for group in self._groups])
        train_loss_R, train_accuracy_R = _joined(train, finite_R)
        test_loss_R, test_accuracy_R = _joined(test, finite_R)
        return EnsembleSnapshot(
            step=self.step,
            train_loss_R=train_loss_R,
            test_loss_R=test_loss_R,
            train_accuracy_R=train_accuracy_R,
            test_accuracy_R=test_accuracy_R,
            diverged_R=self.diverged,
            batched=self.reason is None,
            reason=self.reason,
            train_sample=train_sample(self.spec.layer_shapes, self._groups[0].data.n_train),
        )

    def _gathered(self, kind: str) -> dict[str, Tensor]:
        each = [getattr(group.network, kind) for group in self._groups]
        return {name: torch.cat([one[name].detach() for one in each]) for name in each[0]}


def train_ensemble(
    spec: ExperimentSpec,
    seeds: Sequence[int],
    checkpoints: Iterable[int],
    data: EnsembleData | None = None,
    device: str | torch.device = "cpu",
) -> Iterator[EnsembleSnapshot]:
    """Train all replicates and measure them after each number of updates in `checkpoints`."""
    ensemble = Ensemble(spec, seeds, data, device)
    for step in sorted(set(checkpoints)):
        ensemble.advance(step - ensemble.step)
        yield ensemble.snapshot()


def replicates_at_once(spec: ExperimentSpec, device: torch.device) -> int:
    """How many replicates share a batched network: as many as a core's cache or memory holds."""
    shapes = spec.layer_shapes
    batch_size = min(spec.training.batch_size, spec.data.n_train)
    numbers = batch_size * sum(math.prod(layer.output_shape) for layer in shapes)
    most = MAX_NUMBERS_OF_A_GROUP["cuda" if device.type == "cuda" else "cpu"]
    fitting = max(1, most // (numbers + spec.n_parameters))
    if device.type == "cuda":
        return fitting
    widest = batch_size * max(math.prod(layer.output_shape) for layer in shapes)
    return min(fitting, max(MIN_TOGETHER, CACHED_NUMBERS // widest))


def _measured(group: Group, part: str) -> tuple[Tensor, Tensor]:
    data = group.data
    if part == "test":
        return group.measure(data.test_x, data.test_y, data.test_is_shared)
    sample = train_sample(group.spec.layer_shapes, data.n_train)
    seen = (slice(None),) * (not data.train_is_shared) + (slice(sample),)
    return group.measure(data.train_x[seen], data.train_y[seen], data.train_is_shared)


def _joined(parts: list[tuple[Tensor, Tensor]], finite_R: Tensor) -> tuple[FloatArray, FloatArray]:
    """Losses and accuracies of all groups, NaN where a replicate has diverged."""
    loss_R, accuracy_R = (torch.cat(values) for values in zip(*parts, strict=True))
    told_R = finite_R & loss_R.isfinite()
    return tuple(  # type: ignore[return-value]
        torch.where(told_R, values, torch.nan).cpu().numpy().astype(float)
        for values in (loss_R, accuracy_R)
    )
