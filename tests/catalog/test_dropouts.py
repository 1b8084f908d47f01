"""Dropout: survivors are scaled, evaluation is the identity, each kind drops what it says."""

import pytest
import torch
from torch import nn

from nnviz import NetworkSpec, SpecError, build_network
from nnviz.catalog.dropouts import DROPOUT_KINDS, refuse_dropout
from nnviz.spec import DenseBlock

SHAPES = {1: (50,), 2: (50, 6), 3: (50, 4, 3)}


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng():
        torch.manual_seed(11)
        yield


def make_dropout(kind, rank, q):
    return DROPOUT_KINDS[kind].call(rank, q)()


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", sorted(DROPOUT_KINDS))
def test_evaluation_is_the_identity_and_training_keeps_the_mean(kind, rank):
    if refuse_dropout(kind, rank):
        pytest.skip("refused")
    module = make_dropout(kind, rank, 0.3)
    x = torch.randn(400, *SHAPES[rank]) + 1
    assert torch.equal(module.eval()(x), x)
    if kind == "alpha":
        x = x - 1  # mean 0 and variance 1 is what it keeps
    dropped = module.train()(x)
    assert not torch.equal(dropped, x)
    n_masks = 400 * 50 * (1 if kind in ("auto", "channel") else x[0, 0].numel())
    error = float(dropped.std()) / n_masks**0.5
    assert abs(float(dropped.mean()) - float(x.mean())) < 5 * error


@pytest.mark.parametrize("rank", [2, 3])
@pytest.mark.parametrize("kind", ["auto", "channel"])
def test_after_convolutions_whole_channels_go(kind, rank):
    dropped = make_dropout(kind, rank, 0.5).train()(torch.ones(40, *SHAPES[rank]))
    per_channel = dropped.flatten(2)
    assert bool(((per_channel == 0).all(dim=2) | (per_channel == 2).all(dim=2)).all())


@pytest.mark.parametrize("kind", ["auto", "elementwise"])
def test_after_dense_layers_single_units_go(kind):
    dropped = make_dropout(kind, 1, 0.25).train()(torch.ones(400, 50))
    survivors = torch.tensor(1.0) / 0.75
    assert bool(((dropped == 0) | torch.isclose(dropped, survivors)).all())
    share = float((dropped == 0).float().mean())
    assert abs(share - 0.25) < 4 * (0.25 * 0.75 / 20_000) ** 0.5
    assert not bool((dropped == 0).all(dim=1).any())  # no whole sample


def test_alpha_keeps_mean_zero_and_variance_one():
    x = torch.randn(4000, 50)
    dropped = make_dropout("alpha", 1, 0.4).train()(x)
    assert abs(float(dropped.mean())) < 5 / 200_000**0.5
    assert float(dropped.var()) == pytest.approx(1, abs=5 * (2 / 200_000) ** 0.5 * 2)


def test_variance_grows_as_science_says():
    q, c, v = 0.3, 1.5, 4.0
    x = c + v**0.5 * torch.randn(400_000)
    dropped = make_dropout("elementwise", 1, q).train()(x[:, None])
    assert float(dropped.var()) == pytest.approx((v + q * c**2) / (1 - q), rel=0.02)


def test_channel_dropout_after_a_dense_layer_is_refused():
    block = DenseBlock(dropout=0.5, dropout_kind="channel")
    with pytest.raises(SpecError, match="would drop whole samples"):
        build_network(NetworkSpec(blocks=(block,)), (2,), 2)
    assert isinstance(make_dropout("auto", 1, 0.5), nn.Dropout)
