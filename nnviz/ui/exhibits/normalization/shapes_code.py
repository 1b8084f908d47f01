"""One of torch's BatchNorm modules on a drawn block, as a script with {fields}."""

CODE = """\
import torch
from torch import nn

generator = torch.Generator().manual_seed({seed})


def normal(*size):
    return torch.randn(*size, generator=generator, dtype=torch.float64)


x = 0.6 * normal({shape}) + normal({per_sample}) + 1.2 * normal({per_channel})
x = x.round(decimals=2)

layer = nn.{module}({channels}, dtype=torch.float64)
y = None
try:
    y = layer(x)
except ValueError as error:
    print("torch refuses:", error)
over = [axis for axis in range(x.dim()) if axis != 1]
mean = x.mean(over, keepdim=True)
variance = x.var(over, correction=0, keepdim=True)
by_hand = (x - mean) / torch.sqrt(variance + layer.eps)
print(y if y is None else (y - by_hand).abs().max())
print([(name, tuple(value.shape)) for name, value in layer.state_dict().items()])
"""
