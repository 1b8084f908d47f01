"""The training with noise after BatchNorm as a script of torch alone but for the digits."""

from nnviz.experiments.normalization.shifting import BATCH, DEPTH, NOISE_STRIDE, WIDTH, noise_seed
from nnviz.seeds import derived_seed

_SCRIPT = """\
import math
import torch
from torch import nn
from nnviz.data import load
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


generator = torch.Generator().manual_seed({weights})


def linear(n_in, n_out):  # He's weights
    layer = nn.Linear(n_in, n_out)
    with torch.no_grad():
        layer.weight.normal_(0, math.sqrt(2 / n_in), generator=generator)
        layer.bias.zero_()
    return layer


layers, noises = [], [Noise({first} + {stride} * layer) for layer in range({depth})]
for layer in range({depth}):
    layers += [linear({width} if layer else 64, {width}), nn.BatchNorm1d({width})]
    layers += [noises[layer], nn.ReLU()]
network = nn.Sequential(*layers, linear({width}, 10))
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


def script(noise: float, rate: float, n_steps: int) -> str:
    """The lane with noise, of seed 0; it ends in `accuracy`."""
    return _SCRIPT.format(
        noise=noise, rate=rate, steps=n_steps, weights=derived_seed(0, "weights"),
        first=noise_seed(0), stride=NOISE_STRIDE, depth=DEPTH, width=WIDTH, batch=BATCH,
        batches=derived_seed(0, "batches"),
    )  # fmt: skip
