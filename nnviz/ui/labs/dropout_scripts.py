"""The dropout lab's torch scripts, with <names> where the page's settings go."""

from __future__ import annotations

_MASKS = """\
import torch
from torch import nn

torch.manual_seed(<seed>)
sizes = <sizes>
layers = [nn.Dropout(<input q>)]
for n_in, n_out in zip(sizes, sizes[1:]):
    layers += [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(<q>)]
net = nn.Sequential(*layers, nn.Linear(sizes[-1], 1)).double()
x = torch.randn(<network inputs>, dtype=torch.float64)

with torch.no_grad():
    evaluation = net.eval()(x)
    torch.manual_seed(<mask seed>)
    training = net.train()(x)  # under one mask
    torch.manual_seed(<many seed>)
    outputs = net(x.expand(<masks>, -1))  # each row under a mask of its own
print("evaluation", evaluation.item(), "this mask", training.item())
print("mean over masks", outputs.mean().item(), "variance", outputs.var(correction=0).item())
"""

_VARIANCE = """\
import torch
from torch import nn

torch.manual_seed(<seed>)
x = <mean> + <std> * torch.randn(<samples>, <inputs>, dtype=torch.float64)
linear = nn.Linear(<inputs>, 1).double()
with torch.no_grad():
    dropped = nn.Dropout(<q>)(x)
    evaluation, training = linear(x), linear(dropped)

q, c, v = <q>, <mean>, <std>**2
squares = (linear.weight.detach() ** 2).sum()
print("after dropout", dropped.var(correction=0).item(), "theory", (v + q * c**2) / (1 - q))
difference = training.var(correction=0) - evaluation.var(correction=0)
theory = q / (1 - q) * squares * (v + c**2)
print("linear, training - evaluation", difference.item(), "theory", theory.item())
"""

_CHANNELS = """\
import torch
from sklearn.datasets import load_digits
from torch import nn

images = torch.tensor(load_digits().images[<images>, None] / 16)
kernels = torch.tensor(<filters>, dtype=torch.float64)
kernels = kernels / kernels.abs().sum(dim=(1, 2), keepdim=True)


def filtered(images):
    return nn.functional.conv2d(images, kernels[:, None], padding=1)


<maps>
torch.manual_seed(<seed>)
elementwise = nn.Dropout(<q>)(maps)
channel = nn.<channel layer>(<q>)(maps)
print("numbers left:", (elementwise != 0).sum().item(), "and", (channel != 0).sum().item())
"""

_ALPHA = """\
import math

import torch
from torch import nn

torch.manual_seed(<seed>)
x = torch.randn(<numbers>, dtype=torch.float64)
dropout = nn.Dropout(<q>)(x)
alpha = nn.AlphaDropout(<q>)(x)
print("dropout variance", dropout.var(correction=0).item(), "theory", 1 / (1 - <q>))
print("alpha mean", alpha.mean().item(), "variance", alpha.var(correction=0).item())

deviations = []
for layer in (nn.Identity(), nn.AlphaDropout(<q>), nn.Dropout(<q>)):
    torch.manual_seed(<deep seed>)
    h = torch.randn(<alpha samples>, <alpha width>)
    weights = torch.randn(<layers>, <alpha width>, <alpha width>) / math.sqrt(<alpha width>)
    for weight in weights:
        h = layer(nn.functional.selu(h @ weight))
    deviations.append(h.std().item())
    print(layer, "deviation after the last layer", deviations[-1])
"""

_SHIFT = """\
import torch
from torch import nn

torch.manual_seed(<seed>)
linear = nn.Linear(<in>, <out>).double()
norm = nn.BatchNorm1d(<out>, momentum=None, affine=False, dtype=torch.float64)
net = nn.Sequential(<before>, linear, norm, <behind>)
batches = torch.randn((<stream>), dtype=torch.float64)<made>
with torch.no_grad():
    for batch in batches:
        net(batch)  # training mode: batch norm collects its running variance
    met = linear(batches.flatten(0, 1)).var(dim=0)  # what it meets in evaluation
    outputs = net.eval()(batches.flatten(0, 1))
ratio = norm.running_var.mean() / met.mean()
print("training / evaluation variance", ratio.item())
print("deviation of the outputs in evaluation", outputs.std().item())
"""

_UNCERTAINTY = """\
import torch
from torch import nn

torch.manual_seed(<seed>)
share = torch.rand(<points>).sort().values * (2 - <gap>)
x = torch.where(share < <gap start> + 1, share - 1, share - 1 + <gap>)[:, None]
y = torch.sin(torch.pi * x) + <noise> * torch.randn(<points>, 1)
net = nn.Sequential(
    nn.Linear(1, <width>), nn.ReLU(), nn.Dropout(<q>),
    nn.Linear(<width>, <width>), nn.ReLU(), nn.Dropout(<q>),
    nn.Linear(<width>, 1),
)
optimizer = torch.optim.Adam(net.parameters(), lr=<rate>, fused=True)
for _ in range(<steps>):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()

grid = torch.linspace(-1.6, 1.6, <grid>)[:, None]
with torch.no_grad():
    passes = net(grid.repeat(<passes>, 1)).view(<passes>, <grid>)  # dropout still on
    mean, deviation = passes.mean(dim=0), passes.std(dim=0)
    evaluation = net.eval()(grid)[:, 0]
print("deviation over the passes, on average", deviation.mean().item())
"""

SCRIPTS = {
    "masks": _MASKS,
    "variance": _VARIANCE,
    "channels": _CHANNELS,
    "alpha": _ALPHA,
    "shift": _SHIFT,
    "uncertainty": _UNCERTAINTY,
}
