"""The fast tanh is tanh, with its gradient."""

from __future__ import annotations

import pytest
import torch

from nnviz.blocks.layout import Pass
from nnviz.ensemble.tanh import MIN_NUMBERS, tanh

RUN = Pass({}, 1, training=True, step=0)


@pytest.mark.parametrize("scale", [1e-8, 1e-3, 1.0, 100.0])
@pytest.mark.parametrize("n", [10, MIN_NUMBERS])
def test_it_is_as_exact_as_float32_allows_at_any_scale(scale: float, n: int) -> None:
    z = scale * torch.randn(n, generator=torch.Generator().manual_seed(0))
    exact = torch.tanh(z.double())
    error = ((tanh(z, RUN).double() - exact) / exact).abs().max()
    assert float(error) < 2.0**-22


def test_its_gradient_is_that_of_torch() -> None:
    z = torch.randn(MIN_NUMBERS, generator=torch.Generator().manual_seed(0), requires_grad=True)
    gradient = torch.randn(MIN_NUMBERS, generator=torch.Generator().manual_seed(1))
    [fast] = torch.autograd.grad(tanh(z, RUN), z, gradient)
    [own] = torch.autograd.grad(torch.tanh(z), z, gradient)
    torch.testing.assert_close(fast, own, rtol=1e-5, atol=1e-6)


def test_what_is_not_a_number_stays_so_and_infinity_saturates() -> None:
    z = torch.zeros(MIN_NUMBERS)
    z[:3] = torch.tensor([torch.nan, torch.inf, -torch.inf])
    out = tanh(z, RUN)
    assert out[0].isnan()
    assert out[1:3].tolist() == [1.0, -1.0]
    assert (out[3:] == 0).all()
