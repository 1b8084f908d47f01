"""A small network, one of its masks and thousands of them, as torch code."""

from __future__ import annotations

from collections.abc import Sequence

from nnviz.experiments.dropout.masks import N_INPUTS, N_MASKS, SmallNetwork
from nnviz.seeds import derived_seed

CODE = """\
import torch
from torch import nn

torch.manual_seed({seed})
sizes = {sizes}
layers = [nn.Dropout({input_q})]
for n_in, n_out in zip(sizes, sizes[1:]):
    layers += [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout({q})]
net = nn.Sequential(*layers, nn.Linear(sizes[-1], 1)).double()
x = torch.randn({n_inputs}, dtype=torch.float64)

with torch.no_grad():
    evaluation = net.eval()(x)
    torch.manual_seed({mask_seed})
    training, turned = x, iter({turned})  # units turned over by hand, layer by layer
    for layer in net.train():
        if isinstance(layer, nn.Dropout):
            mask, units = layer(torch.ones_like(training)), next(turned)  # 0 or 1/(1 - q)
            mask[units] = 1 / (1 - layer.p) - mask[units]
        training = training * mask if isinstance(layer, nn.Dropout) else layer(training)
    torch.manual_seed({many_seed})
    outputs = net(x.expand({n_masks}, -1))  # each row under a mask of its own
print("evaluation", evaluation.item(), "this mask", training.item())
print("mean over masks", outputs.mean().item(), "variance", outputs.var(correction=0).item())
"""


def masks_code(network: SmallNetwork, draw: int, by_hand: Sequence[int]) -> str:
    """The same network, mask and masks."""
    sizes = [N_INPUTS, *[network.width] * network.depth]
    first = [sum(sizes[:place]) for place in range(len(sizes))]
    turned = [
        [unit - start for unit in by_hand if start <= unit < start + size]
        for start, size in zip(first, sizes, strict=True)
    ]
    return CODE.format(
        seed=derived_seed(network.seed, "small network"), q=network.q, input_q=network.input_q,
        mask_seed=derived_seed(network.seed, "mask", draw), sizes=sizes, turned=turned,
        many_seed=derived_seed(network.seed, "many masks"), n_inputs=N_INPUTS, n_masks=N_MASKS,
    )  # fmt: skip
