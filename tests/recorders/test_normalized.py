"""Over how many values a normalization averages, by what it does to them."""

import pytest
import torch
from torch import nn

from nnviz.recorders.normalized import normalization_record

CASES = [
    (nn.BatchNorm1d(6, affine=False), (6,), 4),
    (nn.BatchNorm2d(6, affine=False), (6, 3, 2), 24),
    (nn.LayerNorm(6, elementwise_affine=False), (6,), 6),
    (nn.LayerNorm((6, 3), elementwise_affine=False), (6, 3), 18),
    (nn.InstanceNorm1d(6), (6, 5), 5),
    (nn.GroupNorm(3, 6, affine=False), (6,), 2),
    (nn.GroupNorm(3, 6, affine=False), (6, 3, 2), 12),
]


@pytest.mark.parametrize(("module", "shape", "n_values"), CASES)
def test_as_many_values_answer_to_one_as_share_a_mean(module, shape, n_values):
    record = normalization_record(module, shape, 4, 4)
    x = torch.randn(4, *shape, generator=torch.Generator().manual_seed(1), requires_grad=True)
    module(x)[(0,) * x.dim()].backward()
    assert int((x.grad != 0).sum()) == n_values == record.n_values
    assert int((x.grad != 0).flatten(1).any(dim=1).sum()) == record.n_samples


def test_the_fewest_are_those_of_the_smallest_batch():
    assert normalization_record(nn.BatchNorm2d(6), (6, 3, 2), 4, 2).n_fewest == 12
    assert normalization_record(nn.GroupNorm(3, 6), (6,), 4, 2).n_fewest == 2


def test_no_normalization_has_no_record_and_an_unknown_one_is_refused():
    assert normalization_record(None, (6,), 4, 4) is None
    with pytest.raises(TypeError, match="LocalResponseNorm"):
        normalization_record(nn.LocalResponseNorm(2), (6,), 4, 4)
