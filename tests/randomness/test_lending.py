"""A lent generator, and what is drawn from one's own, are torch's numbers bit for bit."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnviz import randomness
from nnviz.catalog.initializers import default_linear, fill_by_default, initialize, undrawn
from nnviz.experiments.dropped import dropped
from nnviz.randomness import kept_for_library, lent, torch_generator
from tests.randomness.digests import digest, states


def test_a_lent_generator_gives_the_global_ones_numbers_and_goes_on_behind_them():
    def drawn(**own: Any) -> list[torch.Tensor]:
        return [torch.randn(5, **own), torch.rand(3, **own)]

    before, generator = states(), torch_generator(7)
    with lent(generator):
        first = [*drawn(), nn.Dropout(0.4)(torch.ones(9))]
    second = drawn(generator=generator)
    assert states() == before
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        assert digest([*first, *second]) == digest(
            [*drawn(), nn.Dropout(0.4)(torch.ones(9)), *drawn()]
        )


def test_loans_nest():
    before, outer, inner = states(), torch_generator(1), torch_generator(2)
    with lent(outer):
        first = torch.rand(2)
        with lent(inner):
            between = torch.rand(2)
        second = torch.rand(2)
    assert states() == before
    assert torch.equal(between, torch.rand(2, generator=torch_generator(2)))
    alone = torch_generator(1)
    assert torch.equal(first, torch.rand(2, generator=alone))
    assert torch.equal(second, torch.rand(2, generator=alone))


def test_a_loan_ends_with_an_error():
    before = states()
    with pytest.raises(RuntimeError, match="shape"), lent(torch_generator(1)):
        torch.rand(2) @ torch.rand(3, 2)
    assert states() == before
    assert not randomness._TORCH._is_owned()


def test_a_library_may_seed_numpy_and_python():
    before = states()
    with kept_for_library():
        np.random.seed(3)  # noqa: NPY002
        random.seed(3)
    assert states() == before


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        (nn.Linear, (7, 5)),
        (nn.Linear, (1, 1)),
        (nn.Conv1d, (3, 4, 5)),
        (nn.Conv2d, (2, 6, 3)),
    ],
)
def test_default_weights_are_torchs_own_bit_for_bit(kind, sizes, dtype):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        theirs = kind(*sizes, dtype=dtype)
    ours = undrawn(kind, *sizes, dtype=dtype)
    fill_by_default(ours, torch_generator(11))
    assert digest(ours) == digest(theirs)
    assert type(ours) is kind
    if kind is nn.Linear:
        assert digest(default_linear(*sizes, torch_generator(11), dtype)) == digest(theirs)


@pytest.mark.parametrize("q", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_masks_of_a_lab_that_trains_are_torchs_own(q, dtype):
    x = torch.linspace(-2, 3, 700, dtype=dtype).view(-1, 7)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        theirs = torch.stack([nn.functional.dropout(x, q) for _ in range(3)])
    generator = torch_generator(4)
    assert torch.equal(torch.stack([dropped(x, q, generator) for _ in range(3)]), theirs)


TORCHS = {
    "sparse": lambda w: nn.init.sparse_(w, 0.5, 0.1),
    "trunc_normal": lambda w: nn.init.trunc_normal_(w, 0.0, 0.1, -0.2, 0.2),
    "orthogonal": lambda w: nn.init.orthogonal_(w, 1.7),
    "kaiming_uniform": lambda w: nn.init.kaiming_uniform_(w, nonlinearity="linear").mul_(1.7),
    "kaiming_normal": lambda w: nn.init.kaiming_normal_(w, nonlinearity="linear").mul_(1.7),
    "xavier_normal": lambda w: nn.init.xavier_normal_(w, 1.7),
    "xavier_uniform": lambda w: nn.init.xavier_uniform_(w, 1.7),
    "uniform": lambda w: nn.init.uniform_(w, -0.5, 0.5),
    "normal": lambda w: nn.init.normal_(w, 0.0, 0.1),
}


@pytest.mark.parametrize("name", TORCHS)
def test_initializers_give_the_numbers_of_the_globally_seeded_functions(name):
    ours, theirs = torch.empty(2, 20, 30)
    initialize(ours, name, 1.7, {}, 5)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(5)
        TORCHS[name](theirs)
    assert torch.equal(ours, theirs)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU")
def test_a_lent_generator_of_a_gpu_stands_in_for_that_gpus_own():
    before, generator = torch.cuda.get_rng_state(), torch_generator(7, "cuda")
    ones = torch.ones(500, device="cuda")
    with lent(generator):
        dropped_ones = nn.Dropout(0.4)(ones)
        behind = torch.rand(3, device="cuda")
    after = torch.rand(3, device="cuda", generator=generator)
    assert torch.equal(torch.cuda.get_rng_state(), before)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        assert torch.equal(nn.Dropout(0.4)(ones), dropped_ones)
        assert torch.equal(torch.rand(3, device="cuda"), behind)
        assert torch.equal(torch.rand(3, device="cuda"), after)
