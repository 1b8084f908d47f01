"""Facts about convolutions: sizes and fields by formula (21), and what shuffled pixels do (27)."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nnviz.experiments.convolution.receptive import FieldLayer, receptive_fields
from nnviz.experiments.convolution.shuffled import train_shuffled
from nnviz.randomness import lent, torch_generator


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 40), k=st.integers(1, 7), s=st.integers(1, 5), p=st.integers(0, 4),
    d=st.integers(1, 4), pools=st.booleans(),
)  # fmt: skip
def test_fact_21_sizes_follow_the_formula(n, k, s, p, d, pools):
    p = min(p, k // 2) if pools else p
    expected = (n + 2 * p - d * (k - 1) - 1) // s + 1
    if expected < 1:
        return
    x = torch.zeros(1, 1, n)
    answer = (
        F.max_pool1d(x, k, s, p, d) if pools else F.conv1d(x, torch.ones(1, 1, k), None, s, p, d)
    )
    assert answer.shape[-1] == expected


LAYERS = st.lists(
    st.builds(FieldLayer, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.just(False))
    | st.just(FieldLayer(2, 2, is_pool=True)),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=40)
@given(layers=LAYERS)
def test_fact_21_the_receptive_field_is_where_the_gradient_is_not_zero(layers):
    _, records = receptive_fields(layers)
    for record in records:
        assert record.measured == record.by_formula


def _trained(network: nn.Module, x: torch.Tensor, y: torch.Tensor) -> list[float]:
    optimizer = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = F.cross_entropy(network(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _made(kind: str) -> nn.Sequential:
    with lent(torch_generator(3)):
        if kind == "mlp":
            layers = [nn.Flatten(), nn.Linear(40, 16), nn.Tanh(), nn.Linear(16, 4)]
        else:
            layers = [nn.Conv1d(1, 6, 5), nn.Tanh(), nn.Flatten(), nn.Linear(6 * 36, 4)]
        return nn.Sequential(*layers).double()


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_fact_27_only_a_dense_network_trains_alike_on_shuffled_positions(kind):
    generator = torch_generator(0)
    x = torch.randn(64, 1, 40, generator=generator, dtype=torch.float64).cumsum(-1) / 4
    y = torch.randint(4, (64,), generator=generator)
    order = torch.randperm(40, generator=generator)
    plain, shuffled = _made(kind), _made(kind)
    if kind == "mlp":
        with torch.no_grad():  # what read position order[j] now reads position j
            shuffled[1].weight.copy_(plain[1].weight[:, order])
    as_it_is, permuted = _trained(plain, x, y), _trained(shuffled, x[:, :, order], y)
    alike = torch.allclose(torch.tensor(as_it_is), torch.tensor(permuted), rtol=1e-9, atol=1e-12)
    assert alike == (kind == "mlp")
    if kind == "mlp":
        assert torch.allclose(plain[1].weight[:, order], shuffled[1].weight, atol=1e-12)


def test_facts_20_and_27_shuffled_signals_hurt_only_the_convolution():
    for seed in range(3):
        record = train_shuffled(200, seed)
        sliding, dense = (record.plain[name] for name in ("convolutional", "dense"))
        assert sliding[-1] > dense[-1] + 0.05
        assert record.shuffled["convolutional"][-1] < sliding[-1] - 0.1
        assert abs(record.shuffled["dense"] - dense).max() <= 0.002
