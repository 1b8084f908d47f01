"""An optimizer on the one flat parameter is torch.optim's on the separate parameters."""

import pytest
import torch

from nnviz import OptimizerSpec
from nnviz.catalog.optimizers import OPTIMIZERS

SHAPES = [(5, 3), (5,), (4, 5), (4,)]
N_STEPS = 50
TORCH = {
    "sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop, "adagrad": torch.optim.Adagrad,
}  # fmt: skip
CASES = [
    ({"name": "sgd"}, {}),
    ({"name": "sgd", "weight_decay": 0.1}, {}),
    ({"name": "sgd", "momentum": 0.9}, {"momentum": 0.9}),
    ({"name": "sgd", "momentum": 0.8, "nesterov": True}, {"momentum": 0.8, "nesterov": True}),
    ({"name": "adam"}, {}),
    ({"name": "adam", "weight_decay": 0.1, "beta1": 0.8}, {"betas": (0.8, 0.999)}),
    ({"name": "adam", "beta1": 0.0, "beta2": 0.9}, {"betas": (0.0, 0.9)}),
    ({"name": "adamw", "weight_decay": 0.1}, {}),
    ({"name": "adamw", "beta2": 0.95}, {"betas": (0.9, 0.95)}),
    ({"name": "rmsprop"}, {}),
    ({"name": "rmsprop", "momentum": 0.9, "weight_decay": 0.1}, {"momentum": 0.9}),
    ({"name": "adagrad"}, {}),
    ({"name": "adagrad", "weight_decay": 0.1}, {}),
]


def test_every_optimizer_has_a_case():
    assert {case["name"] for case, _ in CASES} == set(OPTIMIZERS) == set(TORCH)


@pytest.mark.parametrize(("asked", "options"), CASES, ids=lambda case: "-".join(map(str, case)))
def test_flat_parameter_moves_as_the_separate_ones(asked, options):
    spec = OptimizerSpec(learning_rate=0.02, **asked)
    generator = torch.Generator().manual_seed(4)
    separate = [torch.nn.Parameter(torch.randn(s, generator=generator)) for s in SHAPES]
    flat = torch.nn.Parameter(torch.cat([p.detach().reshape(-1) for p in separate]))
    start = flat.detach().clone()
    ours = OPTIMIZERS[spec.name].make(flat, 0.02, spec.weight_decay, spec.arguments)
    # torch's own optimizer with its own defaults, decay made explicit: AdamW's default is not 0
    theirs = TORCH[spec.name](separate, lr=0.02, weight_decay=spec.weight_decay, **options)
    for _ in range(N_STEPS):
        flat.grad = torch.randn(len(flat), generator=generator)
        pieces = flat.grad.split([p.numel() for p in separate])
        for parameter, piece in zip(separate, pieces, strict=True):
            parameter.grad = piece.view_as(parameter).clone()
        ours.step()
        theirs.step()
    together = torch.cat([p.detach().reshape(-1) for p in separate])
    # the gradients are given, so rounding only adds up: a few units in the last place a step
    bound = N_STEPS * 4 * torch.finfo(torch.float32).eps * float(together.abs().max())
    assert float((flat.detach() - together).abs().max()) <= bound
    assert float((flat.detach() - start).abs().max()) > 100 * bound


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_defaults_are_torchs_own(name):
    parameter = torch.nn.Parameter(torch.zeros(2))
    ours = OPTIMIZERS[name].make(parameter, 0.1, 0.0, OptimizerSpec(name=name).arguments)
    theirs = TORCH[name]([parameter], lr=0.1, weight_decay=0.0)
    passed_over = {"foreach", "fused", "params", "weight_decay"}
    for option, value in theirs.param_groups[0].items():
        if option not in passed_over:
            assert ours.param_groups[0][option] == value, option
