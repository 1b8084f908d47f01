"""Why BatchNorm helps: the settings, one training as torch code, experiments to try and compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.comparisons import COMPARISONS, DEFAULT_COMPARISON
from nnviz.experiments.normalization.shifting import BATCH, DEPTH, NOISE_STRIDE, WIDTH, noise_seed
from nnviz.experiments.normalization.training_records import RATES
from nnviz.experiments.normalization.trials import Trial
from nnviz.export import to_pytorch
from nnviz.seeds import derived_seed
from nnviz.spec import ComparisonSpec, ExperimentSpec, LaneSpec, OverrideSpec

N_SHIFTING, SHIFTING_RATE = 200, 0.3
Story = Literal["rate", "start", "noise"]
STORIES: Mapping[Story, tuple[str, str]] = {
    "rate": ("Larger steps", ":material/speed:"),
    "start": ("Deep sigmoid layers", ":material/stairs:"),
    "noise": ("Is it the shift?", ":material/earthquake:"),
}


class WhySettings(Spec):
    """Which of the three is looked at, and how."""

    story: Story = "rate"
    learning_rate: Annotated[float, Field(ge=0.05, le=5)] = Field(
        1.0, title="Learning rate", json_schema_extra={"offered": list(RATES)},
        description="Of the loss curves; drag it in the picture.",
    )  # fmt: skip
    noise: Annotated[float, Field(ge=0, le=1)] = Field(
        0.5, title="Noise after BatchNorm", json_schema_extra={"step": 0.25},
        description="Each unit's mean jumps by up to this at every update, its deviation by half"
        " of it; 0.5 is the paper's.",
    )  # fmt: skip

    @property
    def rate(self) -> float:
        """The measured rate that is nearest."""
        return min(RATES, key=lambda rate: abs(np.log(rate / self.learning_rate)))


def code(settings: WhySettings) -> str:
    """One training of the story with BatchNorm."""
    if settings.story == "noise":
        return _SCRIPT.format(
            noise=settings.noise, rate=SHIFTING_RATE, steps=N_SHIFTING, first=noise_seed(0),
            stride=NOISE_STRIDE, depth=DEPTH, width=WIDTH, batch=BATCH,
            batches=derived_seed(0, "batches"),
        )  # fmt: skip
    return to_pytorch(experiment(settings))


def experiment(settings: WhySettings) -> ExperimentSpec:
    """The story's network with BatchNorm."""
    if settings.story == "start":
        return Trial("sigmoid", "batch", 0.1, 32, 400, 0).spec
    rate = SHIFTING_RATE if settings.story == "noise" else settings.rate
    return Trial("rates", "batch", rate, 32, 150, 0).spec


def lanes(settings: WhySettings) -> ComparisonSpec:
    """The same network without and with; where noise can't be compared, before and after."""
    if settings.story == "noise":
        return COMPARISONS[DEFAULT_COMPARISON].spec
    without = OverrideSpec(path="network.normalization", value="none")
    return ComparisonSpec(
        base=experiment(settings),
        lanes=(LaneSpec(name="no normalization", overrides=(without,)), LaneSpec(name="BatchNorm")),
    )


_SCRIPT = """\
import torch
from torch import nn
from nnviz.data import load
from nnviz.experiments.normalization.shifting import shifting_network
from nnviz.spec import DataSpec

NOISE, RATE, STEPS = {noise}, {rate}, {steps}
data = load(DataSpec(name="digits"))
x, y = data.train_x.flatten(1), data.train_y


class Noise(nn.Module):  # after BatchNorm: another mean and deviation for each unit, every update
    def __init__(self, seed):
        super().__init__()
        self.seed, self.update = seed, 0

    def forward(self, a):
        if not self.training or not NOISE:
            return a
        generator = torch.Generator().manual_seed(self.seed + self.update)
        mean, scale = torch.rand(2, a.shape[1], generator=generator)
        m, s = torch.rand(2, *a.shape, generator=generator)
        m = (2 * mean - 1) * NOISE + 0.2 * m - 0.1
        s = 1 + scale * NOISE / 2 + 0.2 * s - 0.1
        return s * a + m


layers, noises = [], []
for part in shifting_network("batch", 0, 0):  # {depth} × ({width} units, norm, ReLU), 10 outputs
    layers.append(part)
    if isinstance(part, nn.BatchNorm1d):
        noises.append(Noise({first} + {stride} * len(noises)))
        layers.append(noises[-1])
network = nn.Sequential(*layers)
optimizer = torch.optim.SGD(network.parameters(), RATE)
order = torch.Generator().manual_seed({batches})
for step in range(STEPS):
    batch = torch.randint(len(x), ({batch},), generator=order)
    optimizer.zero_grad()
    nn.functional.cross_entropy(network(x[batch]), y[batch]).backward()
    optimizer.step()
    for noise in noises:
        noise.update = step + 1
network.eval()  # without noise
right = network(data.test_x.flatten(1)).argmax(1) == data.test_y
accuracy = right.float().mean().item()
print(accuracy)
"""
