"""One network in both modes: BatchNorm and dropout, what each unit hands on, what is answered.

2 inputs, 6 hidden units, 2 classes, trained on moons. Shapes: B samples of the batch, U units.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.initializers import default_linear
from nnviz.data import load
from nnviz.randomness import lent, torch_generator
from nnviz.records import FloatArray, IntArray
from nnviz.seeds import derived_seed
from nnviz.spec import DataSpec

DropoutPlace = Literal["before", "after"]
UNITS, LARGEST_BATCH, N_STEPS, MOST_ASKED = 6, 16, 120, 24
DATA = DataSpec(name="moons")


@dataclass(frozen=True)
class ModeAnswer:
    """What a network hands on and answers in one mode."""

    stages: tuple[FloatArray, ...]
    """After each part but the last, (B, U); incomplete where torch refuses."""
    answer_B: FloatArray
    """P(class 1) of each sample, the last time."""
    asked_K: FloatArray
    """P(class 1) of the first sample, each time."""
    torch_says: str


@dataclass(frozen=True)
class TwoModesRecord:
    """One network and one batch in training and in evaluation mode."""

    parts: list[str]
    training: ModeAnswer
    evaluation: ModeAnswer
    size_K: IntArray
    """Batch sizes, and what the first sample is answered in a batch of each."""
    training_K: FloatArray
    evaluation_K: FloatArray


def both_modes_network(place: DropoutPlace, q: float) -> nn.Sequential:
    """Linear, BatchNorm, ReLU and dropout, before or after BatchNorm; 120 updates by Adam.

    A copy of the caller's own: its mode and its statistics may be changed.
    """
    return deepcopy(_trained(place, q))


@lru_cache(maxsize=16)
def _trained(place: DropoutPlace, q: float) -> nn.Sequential:
    generator = torch_generator(derived_seed("both modes"))
    first = default_linear(2, UNITS, generator)
    normalized: list[nn.Module] = [nn.BatchNorm1d(UNITS), nn.ReLU()]
    inner = [nn.Dropout(q), *normalized] if place == "before" else [*normalized, nn.Dropout(q)]
    network = nn.Sequential(first, *inner, default_linear(UNITS, 2, generator))
    optimizer = torch.optim.Adam(network.parameters(), 0.03)
    data = load(DATA)
    for _ in range(N_STEPS):
        batch_B = torch.randint(len(data.train_x), (32,), generator=generator)
        with lent(generator):
            answers = network(data.train_x[batch_B])
        optimizer.zero_grad()
        nn.functional.cross_entropy(answers, data.train_y[batch_B]).backward()
        optimizer.step()
    return network.requires_grad_(False)


def ask_both_modes(
    place: DropoutPlace, q: float, batch_size: int, n_asked: int, neighbours_change: bool, seed: int
) -> TwoModesRecord:
    """The batch's answers in both modes, each asked `n_asked` times.

    Its first sample is always the same; so are the others unless `neighbours_change`. The
    running statistics stay as training left them: here, asking in training mode moves nothing.
    """
    network = both_modes_network(place, q)
    batches = [asked_batch(k if neighbours_change else 0, batch_size, seed)
               for k in range(n_asked)]  # fmt: skip
    training = _answer(network.train(), batches, seed)
    sizes = np.arange(2, LARGEST_BATCH + 1)
    whole = asked_batch(0, LARGEST_BATCH, seed)
    cut = [whole[:size] for size in sizes.tolist()]
    by_size = [_answer(network.train(mode), cut, seed, again=False) for mode in (True, False)]
    return TwoModesRecord(
        [type(part).__name__ for part in list(network)[:-1]],
        training,
        _answer(network.eval(), batches, seed),
        sizes,
        by_size[0].asked_K,
        by_size[1].asked_K,
    )


def asked_batch(draw: int, batch_size: int, seed: int) -> Tensor:
    """Test points, the first one always the same."""
    x_NI = load(DATA).test_x
    others = torch.randperm(len(x_NI) - 1, generator=torch_generator(derived_seed(seed, draw)))
    return torch.cat([x_NI[:1], x_NI[1 + others[: LARGEST_BATCH - 1]]])[:batch_size]


def _answer(
    network: nn.Sequential, batches: list[Tensor], seed: int, again: bool = True
) -> ModeAnswer:
    """P(class 1) of the first sample for each batch, and all of the last; or torch's refusal."""
    norm = next(part for part in network if isinstance(part, nn.BatchNorm1d))
    kept = {name: value.clone() for name, value in norm.named_buffers()}
    stages: list[FloatArray] = []
    asked: list[float] = []
    says, answers = "", np.zeros(0)
    for draw, value in enumerate(batches):
        generator, stages = torch_generator(derived_seed(seed, "mask", draw if again else 0)), []
        try:
            with lent(generator):
                for part in network:
                    value = part(value)
                    stages.append(value.numpy())
        except ValueError as error:
            says = f"{type(error).__name__}: {error}"
            break
        answers = torch.softmax(value, 1)[:, 1].numpy()
        asked.append(float(answers[0]))
    for name, value in norm.named_buffers():
        value.copy_(kept[name])
    return ModeAnswer(tuple(stages[: len(network) - 1]), answers, np.array(asked), says)
