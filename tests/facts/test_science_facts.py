"""Published facts come out of the public API: science's numbers, at least three seeds each."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from nnviz import (
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    InitializationSpec,
    NetworkSpec,
    OptimizerSpec,
    TrainingSpec,
    advance,
    build_network,
    initial_state,
)
from nnviz.catalog.normalizations import NORMALIZATIONS, NormalizationOptions
from nnviz.recorders import BackwardRecorder, ForwardRecorder

SEEDS = (0, 1, 2)
DIGITS = DataSpec(name="digits")


def dense(depth, width, **fields):
    initialization = InitializationSpec(**fields.pop("initialization", {}))
    blocks = (DenseBlock(width=width),) * depth
    return NetworkSpec(blocks=blocks, initialization=initialization, **fields)


def trained(network, data, n_steps, seed=0, optimizer=None, **training):
    """The last snapshot after `n_steps`, and whether the training diverged on the way."""
    spec = ExperimentSpec(
        data=data,
        network=network,
        training=TrainingSpec(
            n_steps=n_steps, seed=seed, optimizer=OptimizerSpec(**(optimizer or {})), **training
        ),
    )
    state, snapshots = advance(initial_state(spec), n_steps=n_steps)
    return snapshots[-1], state


def start(network, data, seed=0, batch_size=1024):
    """The snapshot before the first update."""
    spec = ExperimentSpec(
        data=data, network=network, training=TrainingSpec(seed=seed, batch_size=batch_size)
    )
    return advance(initial_state(spec), n_steps=0)[1][0]


def test_fact_1_batch_normalization_of_the_documented_example():
    """A worked example with BatchNorm1d(3)."""
    x = torch.tensor([[-0.6577, -0.5797, 0.6360], [0.7392, 0.2145, 1.523], [0.2432, 0.5662, 0.322]])
    expected = torch.tensor(
        [[-1.3246, -1.3492, -0.3756], [1.0912, 0.3077, 1.3685], [0.2334, 1.0415, -0.9930]]
    )
    identity = {"activation": "identity", "initialization": {"name": "eye"}}
    network = build_network(dense(1, 3, normalization="batch", **identity), (3,), 2)
    torch.testing.assert_close(network.dense1(x).detach(), expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", sorted(NORMALIZATIONS.keys() - {"none"}))
def test_fact_2_only_batch_normalization_sees_the_other_samples(name):
    """Ba 2016; Wu & He 2018."""
    for seed in SEEDS:
        x = torch.randn(12, 6, 5, generator=torch.Generator().manual_seed(seed))
        norm = NORMALIZATIONS[name].make((6, 5), NormalizationOptions(groups=3)).train()
        change = float((norm(x)[:4] - norm(x[:4])).detach().abs().max())
        assert change > 0.05 if name == "batch" else change < 1e-6


def test_fact_3_stacked_linear_layers_are_one_linear_layer():
    for seed in SEEDS:
        network = build_network(dense(5, 20, activation="identity"), (10,), 4, seed)
        x = torch.randn(50, 10, generator=torch.Generator().manual_seed(seed))
        weight, bias = torch.eye(10), torch.zeros(10)
        with torch.no_grad():
            for block in network:
                weight = block.linear.weight @ weight
                bias = block.linear.weight @ bias + block.linear.bias
            assert float((network(x) - (x @ weight.T + bias)).abs().max()) < 1e-5


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("name", ["constant", "ones", "zeros"])
def test_fact_4_units_that_start_alike_stay_alike(name, activation):
    for seed in SEEDS:
        network = dense(2, 8, activation=activation, initialization={"name": name})
        snapshot, state = trained(network, DataSpec(name="moons"), 300, seed)
        assert state.divergence is None
        for layer in snapshot.layers:
            spread = np.ptp(layer.weight_DF, axis=0).max()
            assert spread <= 1e-5 * max(1.0, np.abs(layer.weight_DF).max())
            alive = layer.output_std > 0
            if alive:
                assert layer.effective_rank == pytest.approx(1, abs=1e-4)
        if name == "constant" and activation == "tanh":
            assert all(layer.output_std > 0.1 for layer in snapshot.layers)


def test_fact_5_a_linear_network_cannot_do_xor():
    """Minsky & Papert: at most three of the four corners."""
    corners = DataSpec(name="xor", noise=0.0)
    for seed in SEEDS:
        snapshot, _ = trained(dense(1, 8, activation="identity"), corners, 400, seed)
        assert snapshot.train_accuracy <= 0.75


def test_fact_5_a_small_tanh_network_solves_xor():
    solved = 0
    for seed in range(20):
        snapshot, _ = trained(
            dense(1, 8, activation="tanh"), DataSpec(name="xor", noise=0.0), 400, seed,
            {"learning_rate": 0.03},
        )  # fmt: skip
        solved += snapshot.train_accuracy > 0.97
    assert solved >= 19


def passed(network, n_inputs, seed, n_points=200):
    """Standard normal points through the network and back: both recorders, filled."""
    generator = torch.Generator().manual_seed(seed)
    built = build_network(network, (n_inputs,), 10, seed)
    x = torch.randn(n_points, n_inputs, generator=generator)
    y = torch.randint(0, 10, (n_points,), generator=generator)
    with ForwardRecorder(built) as forward, BackwardRecorder(built) as backward:
        nn.functional.cross_entropy(built(x), y).backward()
    return built, forward, backward


def test_fact_6_five_wide_tanh_layers_fade_with_the_default_and_not_with_xavier():
    """Glorot & Bengio 2010. Width 620 for 1000: the most that two million parameters allow."""
    found = {"default": [], "xavier_uniform": []}
    for name, rows in found.items():
        arguments = {} if name == "default" else {"gain": 1.0}
        network = dense(5, 620, activation="tanh", initialization={"name": name, **arguments})
        for seed in SEEDS:
            built, forward, backward = passed(network, 620, seed)
            hidden = [f"dense{number}" for number in range(1, 6)]
            rows.append(
                [
                    [float(forward.blocks[layer].activation.std()) for layer in hidden],
                    [backward.delta_rms[layer] for layer in hidden],
                    [
                        float(built.get_submodule(layer).linear.weight.grad.norm())
                        for layer in hidden
                    ],
                ]
            )
    default, xavier = (np.mean(rows, axis=0) for rows in found.values())
    assert default[0][0] == pytest.approx(0.461, abs=0.01)
    assert default[0][-1] == pytest.approx(0.047, abs=0.01)
    assert xavier[0][-1] == pytest.approx(0.32, abs=0.03)
    deltas, weight_gradients = default[1], default[2]
    assert deltas[-1] / deltas[0] == pytest.approx(12, rel=0.35)
    assert weight_gradients.max() / weight_gradients.min() < 2


def test_fact_7_thirty_relu_layers_keep_the_signal_with_he_and_halve_it_with_xavier():
    """He 2015. Width 250 for 512: the most that two million parameters allow.

    At finite width the ratio is log-normal with variance about 5·29/width of its logarithm, so
    its mean over 40 seeds has a relative error near sqrt((exp(0.58) - 1) / 40) = 0.14.
    """
    he = [signal_growth("kaiming_normal", seed) for seed in range(40)]
    assert np.mean(he) == pytest.approx(1, abs=3 * 0.14)
    for seed in SEEDS:  # the same draws, each layer smaller by sqrt(1/2)
        xavier = signal_growth("xavier_normal", seed)
        assert math.log2(xavier / he[seed]) == pytest.approx(-29, abs=1e-3)


def signal_growth(name, seed):
    network = dense(30, 250, initialization={"name": name, "gain": GAINS[name]})
    built = build_network(network, (250,), 10, seed)
    x = torch.randn(64, 250, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad(), ForwardRecorder(built) as heard:
        built(x)
    first, last = (heard.blocks[f"dense{n}"].pre_activation for n in (1, 30))
    return float(last.double().square().mean() / first.double().square().mean())


GAINS = {"kaiming_normal": math.sqrt(2), "xavier_normal": 1.0}


def test_fact_9_thirty_orthogonal_linear_layers_keep_every_length():
    """Saxe 2013."""
    for seed in SEEDS:
        orthogonal = {"name": "orthogonal"}
        network = dense(30, 64, activation="identity", initialization=orthogonal)
        built = build_network(network, (64,), 10, seed)
        product = torch.eye(64, dtype=torch.float64)
        for block in list(built)[:-1]:
            product = block.linear.weight.detach().double() @ product
        singular = torch.linalg.svdvals(product)
        # float32 QR: about 1e-6 a layer
        torch.testing.assert_close(singular, torch.ones_like(singular), atol=1e-4, rtol=0)


def test_fact_10_ten_sigmoid_layers_shrink_the_gradient_by_236_thousandths_a_layer():
    network = dense(10, 128, activation="sigmoid", initialization={"name": "xavier_normal"})
    growth = []
    for seed in SEEDS:
        layers = start(network, DIGITS, seed).layers
        growth.append((layers[0].delta_rms / layers[-1].delta_rms) ** (1 / 9))
    assert np.mean(growth) == pytest.approx(0.236, abs=0.01)


@pytest.mark.parametrize("normalization", ["none", "batch"])
def test_fact_11_eight_sigmoid_layers_learn_digits_only_with_batch_normalization(normalization):
    """Ioffe & Szegedy 2015; SGD at 0.1 (Adam leaves the plateau a little within 400 steps)."""
    network = dense(8, 64, activation="sigmoid", normalization=normalization)
    runs = [
        trained(network, DIGITS, 400, seed, {"name": "sgd", "learning_rate": 0.1})[0]
        for seed in SEEDS
    ]
    if normalization == "none":
        assert np.mean([run.train_loss for run in runs]) == pytest.approx(2.30, abs=0.02)
    else:
        assert np.mean([run.test_accuracy for run in runs]) >= 0.93


@pytest.mark.parametrize("learning_rate", [0.5, 1.0, 2.0])
def test_fact_12_large_steps_blow_a_plain_network_up(learning_rate):
    """Each run ends without a number or below half right; from 1 on, most without a number."""
    network = dense(5, 64, initialization={"name": "kaiming_normal"})
    runs = [
        trained(network, DIGITS, 150, seed, {"name": "sgd", "learning_rate": learning_rate})
        for seed in SEEDS
    ]
    diverged = [state.divergence is not None for _, state in runs]
    failed = [snapshot.test_accuracy < 0.5 for snapshot, _ in runs]
    assert all(failed)
    assert sum(diverged) >= (2 if learning_rate >= 1 else 1)


def test_fact_12_with_batch_normalization_a_rate_of_two_trains():
    network = dense(5, 64, initialization={"name": "kaiming_normal"}, normalization="batch")
    for seed in SEEDS:
        snapshot, state = trained(network, DIGITS, 150, seed, {"name": "sgd", "learning_rate": 2.0})
        assert state.divergence is None
        assert snapshot.test_accuracy > 0.85
