"""A stream of batches through BatchNorm, as a script with {fields}."""

CODE = """\
import torch
from torch import nn

generator = torch.Generator().manual_seed({seed})
size = ({steps}, {batch}, 1)
batches = torch.randn(size, generator=generator, dtype=torch.float64) * {std} + {mean}
layer = nn.BatchNorm1d(1, momentum={momentum}, affine=False, track_running_stats={track},
                       dtype=torch.float64)
for batch in batches:
    try:
        layer(batch)  # in training mode: normalizes with the batch, remembers a little of it
    except ValueError as error:
        print("torch refuses:", error)
        break
mean, variance = layer.running_mean, layer.running_var
print("running mean", mean, "running variance", variance)

layer.eval()
evaluation = torch.randn(2000, 1, dtype=torch.float64) * {std} * {stretch} + {mean} + {shift}
y = layer(evaluation)  # with the running statistics, if there are any
print("shifted data: mean", y.mean().item(), "deviation", y.std().item())
"""
