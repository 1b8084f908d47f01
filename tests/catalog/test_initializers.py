"""Every initializer is torch.nn.init's own, drawn from a seed, on the ranks that it fits."""

import math

import pytest
import torch
from torch import nn

from nnviz import InitializationSpec, NetworkSpec, SpecError, build_network
from nnviz.catalog.initializers import INITIALIZERS, fits, initialize
from nnviz.spec import ConvolutionBlock, DenseBlock

GAIN = 1.3
SHAPES = {2: (24, 40), 3: (12, 8, 5), 4: (12, 8, 3, 3)}
NAMES = sorted(INITIALIZERS)

DIRECT = {
    "uniform": lambda w: nn.init.uniform_(w, -0.5, 0.5),
    "normal": lambda w: nn.init.normal_(w, 0.0, 0.1),
    "trunc_normal": lambda w: nn.init.trunc_normal_(w, 0.0, 0.1, -0.2, 0.2),
    "constant": lambda w: nn.init.constant_(w, 0.5),
    "ones": nn.init.ones_,
    "zeros": nn.init.zeros_,
    "xavier_uniform": lambda w: nn.init.xavier_uniform_(w, gain=GAIN),
    "xavier_normal": lambda w: nn.init.xavier_normal_(w, gain=GAIN),
    "kaiming_uniform": lambda w: nn.init.kaiming_uniform_(w, nonlinearity="linear").mul_(GAIN),
    "kaiming_normal": lambda w: nn.init.kaiming_normal_(w, nonlinearity="linear").mul_(GAIN),
    "orthogonal": lambda w: nn.init.orthogonal_(w, gain=GAIN),
    "eye": nn.init.eye_,
    "sparse": lambda w: nn.init.sparse_(w, sparsity=0.5, std=0.1),
    "dirac": nn.init.dirac_,
}


def filled(name, shape, seed=7, gain=GAIN, **arguments):
    weight = torch.full(shape, math.nan)
    initialize(weight, name, gain, arguments, seed)
    return weight


def test_all_fifteen_are_there():
    assert set(NAMES) == {*DIRECT, "default"}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "default"])
@pytest.mark.parametrize("rank", [2, 3, 4])
def test_it_is_torchs_own_function_with_the_same_seed(name, rank):
    if not fits(name, rank):
        pytest.skip("does not fit this rank")
    expected = torch.empty(SHAPES[rank])
    torch.manual_seed(7)
    with torch.no_grad():
        DIRECT[name](expected)
    assert torch.equal(filled(name, SHAPES[rank]), expected)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rank", [1, 2, 3, 4, 5])
def test_it_fits_exactly_the_ranks_that_torch_accepts(name, rank):
    if name == "default":
        pytest.skip("the layer's own")
    weight = torch.empty((4, 4, 2, 2, 2)[:rank])
    try:
        with torch.no_grad():
            DIRECT[name](weight)
        accepted = True
    except ValueError:
        accepted = False
    assert fits(name, rank) == accepted


@pytest.mark.parametrize("name", NAMES)
def test_the_callers_random_state_is_left_alone(name):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    initialize(torch.empty(SHAPES[4 if name == "dirac" else 2]), name, 1.0, {}, 5)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides(name):
    shape = SHAPES[4 if name == "dirac" else 2]
    if name == "default":
        pytest.skip("the layer's own")
    same = filled(name, shape), filled(name, shape), filled(name, shape, seed=8)
    assert torch.equal(same[0], same[1])
    is_fixed = name in ("constant", "ones", "zeros", "eye", "dirac")
    assert torch.equal(same[0], same[2]) == is_fixed


@pytest.mark.parametrize("shape", [(300, 200), (40, 30, 3, 3)])
@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
@pytest.mark.parametrize("name", ["kaiming_uniform", "kaiming_normal"])
def test_kaiming_variance_is_gain_squared_over_the_fan(name, mode, shape):
    weight = filled(name, shape, gain=math.sqrt(2), mode=mode)
    field = math.prod(shape[2:])
    fan = (shape[1] if mode == "fan_in" else shape[0]) * field
    # the variance of n draws has relative error below sqrt(2 / n), the normal one's
    assert float(weight.var()) == pytest.approx(2 / fan, rel=4 * math.sqrt(2 / weight.numel()))


@pytest.mark.parametrize("name", ["xavier_uniform", "xavier_normal"])
def test_xavier_variance_is_gain_squared_over_the_mean_fan(name):
    weight = filled(name, (40, 30, 3, 3), gain=5 / 3)
    expected = (5 / 3) ** 2 * 2 / ((40 + 30) * 9)
    assert float(weight.var()) == pytest.approx(expected, rel=4 * math.sqrt(2 / weight.numel()))


@pytest.mark.parametrize("shape", [(30, 30), (20, 50), (50, 20), (12, 8, 3, 3)])
def test_orthogonal_rows_or_columns_have_length_gain_and_right_angles(shape):
    matrix = filled("orthogonal", shape).flatten(1).double()
    rows = matrix.shape[0] <= matrix.shape[1]
    gram = matrix @ matrix.T if rows else matrix.T @ matrix
    # float32 QR: errors of a few times eps · sqrt(size)
    torch.testing.assert_close(
        gram, GAIN**2 * torch.eye(len(gram), dtype=torch.float64), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("sparsity", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_sparse_zeroes_the_same_share_of_every_column(sparsity):
    weight = filled("sparse", (40, 25), sparsity=sparsity, std=0.2)
    assert (weight == 0).sum(dim=0).tolist() == [math.ceil(sparsity * 40)] * 25


def test_dirac_passes_a_signal_through():
    weight = filled("dirac", (3, 3, 5))
    signal = torch.randn(2, 3, 11, generator=torch.Generator().manual_seed(0))
    assert torch.equal(nn.functional.conv1d(signal, weight, padding=2), signal)


def test_truncation_bounds_are_absolute():
    narrow = filled("trunc_normal", (200, 200), std=1.0, a=-0.5, b=0.25)
    assert float(narrow.min()) >= -0.5
    assert float(narrow.max()) <= 0.25
    untouched = filled("trunc_normal", (200, 200), std=0.02, a=-2.0, b=2.0)
    assert float(untouched.std()) == pytest.approx(0.02, rel=0.02)  # nothing was cut off


def test_the_default_of_linear_has_variance_one_over_three_fan_in():
    network = build_network(NetworkSpec(blocks=(DenseBlock(width=400),)), (100,), 2)
    weight = network.get_submodule("dense1.linear").weight.detach()
    # the fourth moment of a uniform makes the relative error sqrt(0.8 / n)
    assert float(weight.var()) == pytest.approx(1 / 300, rel=4 * math.sqrt(0.8 / 40_000))
    assert float(weight.abs().max()) <= 1 / math.sqrt(100)


@pytest.mark.parametrize(
    ("block", "name", "words"),
    [
        (DenseBlock, "dirac", "dirac fits weights of ranks 3 to 5"),
        (ConvolutionBlock, "eye", "eye fits weights of rank 2"),
        (ConvolutionBlock, "sparse", "sparse fits weights of rank 2"),
    ],
)
def test_a_rank_that_does_not_fit_is_refused(block, name, words):
    network = NetworkSpec(blocks=(block(),), initialization=InitializationSpec(name=name))
    with pytest.raises(SpecError, match=words):
        build_network(network, (1, 8, 8), 2)


@pytest.mark.parametrize("name", NAMES)
def test_biases_start_where_asked_and_arguments_reach_the_layer(name):
    kind = ConvolutionBlock if name == "dirac" else DenseBlock
    if name == "default":
        pytest.skip("draws biases itself")
    asked = InitializationSpec(name=name, bias=0.25)
    network = build_network(NetworkSpec(blocks=(kind(),), initialization=asked), (1, 8, 8), 2)
    assert network[0][-2].bias.unique().tolist() == [0.25]
    constant = InitializationSpec(name="constant", value=0.125)
    network = build_network(NetworkSpec(initialization=constant), (2,), 2)
    assert all(block.linear.weight.unique().tolist() == [0.125] for block in network)


def test_gain_left_out_follows_the_activation():
    def weights(activation, **arguments):
        asked = InitializationSpec(name="xavier_normal", **arguments)
        block = DenseBlock(activation=activation, initialization=asked)
        return build_network(NetworkSpec(blocks=(block,)), (2,), 2)[0].linear.weight.detach()

    torch.testing.assert_close(weights("tanh") / (5 / 3), weights("identity"))
    torch.testing.assert_close(weights("tanh", gain=2.0), 2 * weights("identity"))
