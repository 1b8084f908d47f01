"""Comparisons to start from: each shows one difference, what to notice and where it is from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nnviz.spec import ComparisonSpec, ExperimentSpec, LaneSpec, OverrideSpec


@dataclass(frozen=True)
class ComparisonPreset:
    """A named comparison; `lanes` is lane name → dotted path → value."""

    name: str
    title: str
    notice: str
    source: str
    base: Mapping[str, Any]
    lanes: Mapping[str, Mapping[str, Any]]

    @cached_property
    def spec(self) -> ComparisonSpec:
        """The comparison, checked."""
        lanes = tuple(
            LaneSpec(
                name=name,
                overrides=tuple(OverrideSpec(path=p, value=v) for p, v in overrides.items()),
            )
            for name, overrides in self.lanes.items()
        )
        return ComparisonSpec(base=ExperimentSpec.model_validate(self.base), lanes=lanes)


def _dense(width: int, depth: int) -> list[dict[str, Any]]:
    return [{"kind": "dense", "width": width}] * depth


def _encoder(layers: int, **settings: Any) -> list[dict[str, Any]]:
    """Tokens, where they stand, and layers in which each looks at all others."""
    own = {"heads": 2, "feedforward": 64, "layers": layers, **settings}
    return [{"kind": "embedding", "width": 32}, {"kind": "positions"}, {"kind": "encoder", **own}]


def _adam(rate: float, **settings: Any) -> dict[str, Any]:
    return {"optimizer": {"name": "adam", "learning_rate": rate}, **settings}


def _sgd(rate: float, **settings: Any) -> dict[str, Any]:
    return {"optimizer": {"name": "sgd", "learning_rate": rate}, **settings}


NORMALIZATION, PLACEMENT = "network.normalization", "network.placement"
ACTIVATION, INITIALIZER = "network.activation", "network.initialization.name"
RATE, OPTIMIZER = "training.optimizer.learning_rate", "training.optimizer.name"
SPIRALS = {"name": "spirals", "n_samples": 640}  # 480 to train on: 15 batches of 32, no rest
DIGITS = {"name": "digits"}
PLACED = {
    "no normalization": {NORMALIZATION: "none"},
    "BatchNorm before": {},
    "BatchNorm after": {PLACEMENT: "after"},
}
_PLACEMENT_SOURCE = "Ioffe & Szegedy 2015 (before); Mishkin et al. 2017, caffenet-benchmark (both)"
_PLACEMENT_NOTICE = {
    "relu": "Six layers deep, plain SGD hardly starts; with BatchNorm it soon bends the border"
    " into spirals, on either side of the activation. What differs is inside. The next layer gets,"
    " before, about 0.40 ± 0.58, half of it zeros and nothing negative; after, 0 ± 1, about two"
    " thirds negative.",
    "tanh": "Before, BatchNorm keeps tanh in its steep middle; after, it only rescales what may"
    " already be saturated.",
    "sigmoid": "Before, the sigmoid is used around 0 and its output has mean 0.5; after, the next"
    " layer gets mean 0, which suits it better.",
}


def _placement(
    activation: str, name: str, depth: int, training: Mapping[str, Any]
) -> ComparisonPreset:
    return ComparisonPreset(
        name,
        f"BatchNorm before or after {activation}",
        _PLACEMENT_NOTICE[activation],
        _PLACEMENT_SOURCE,
        {
            "data": SPIRALS,
            "network": {
                "blocks": _dense(16, depth),
                "activation": activation,
                "normalization": "batch",
            },
            "training": training,
        },
        PLACED,
    )


COMPARISONS: dict[str, ComparisonPreset] = {
    preset.name: preset
    for preset in (
        _placement("relu", "placement_relu", 6, _sgd(0.1, n_steps=1000, batch_size=32)),
        _placement("tanh", "placement_tanh", 3, _adam(0.01, n_steps=1000, batch_size=32)),
        _placement("sigmoid", "placement_sigmoid", 3, _adam(0.01, n_steps=1000, batch_size=32)),
        ComparisonPreset(
            "batch_of_two",
            "Batch, layer and group norm at batch size 2",
            "Two samples are too few for a mean and a variance: BatchNorm's outputs are ±1, its"
            " two modes disagree, and it falls behind. Instance norm averages over space, which a"
            " dense layer does not have: the last lane has no normalization in its place.",
            "Wu & He 2018, Group Normalization",
            {
                "data": DIGITS,
                "network": {"blocks": _dense(64, 4), "normalization": "batch"},
                "training": _adam(0.001, n_steps=600, batch_size=2),
            },
            {
                "batch": {},
                "layer": {NORMALIZATION: "layer"},
                "group": {NORMALIZATION: "group"},
                "none (for instance)": {NORMALIZATION: "none"},
            },
        ),
        ComparisonPreset(
            "batch_of_two_images",
            "All four norms at batch size 2, in convolutions",
            "Convolutions have space to average over: instance norm works, and BatchNorm, which"
            " averages over 2 × 64 positions a channel, is far less hurt than in dense layers.",
            "Wu & He 2018, Group Normalization; Ulyanov et al. 2016 (instance)",
            {
                "data": DIGITS,
                "network": {
                    "blocks": [
                        {"kind": "convolution", "channels": 8},
                        {"kind": "pool"},
                        {"kind": "convolution", "channels": 16},
                        {"kind": "flatten"},
                    ],
                    "normalization": "batch",
                },
                "training": _adam(0.003, n_steps=600, batch_size=2),
            },
            {
                "batch": {},
                "layer": {NORMALIZATION: "layer"},
                "group": {NORMALIZATION: "group"},
                "instance": {NORMALIZATION: "instance"},
            },
        ),
        ComparisonPreset(
            "xavier_he",
            "Xavier against He, 30 ReLU layers deep",
            "Xavier's variance lets every ReLU halve the signal: after 30 layers nothing is left"
            " and nothing is learned. He's factor 2 keeps it.",
            "He et al. 2015, Delving Deep into Rectifiers",
            {
                "data": DIGITS,
                "network": {
                    "blocks": _dense(64, 30),
                    "initialization": {"name": "kaiming_normal"},
                },
                "training": {
                    "optimizer": {"name": "sgd", "learning_rate": 0.003, "momentum": 0.9},
                    "n_steps": 500,
                    "batch_size": 128,
                },
            },
            {
                # Glorot's own variance, 2 / (fan_in + fan_out), without ReLU's factor.
                "Xavier": {INITIALIZER: "xavier_normal", "network.initialization.gain": 1.0},
                "He": {},
            },
        ),
        ComparisonPreset(
            "orthogonal",
            "PyTorch's default against orthogonal weights",
            "An orthogonal matrix stretches no direction and squeezes none: gradient and signal"
            " reach all 20 tanh layers. PyTorch's default shrinks both.",
            "Saxe et al. 2013, Exact solutions",
            {
                "data": DIGITS,
                "network": {"blocks": _dense(64, 20), "activation": "tanh"},
                "training": _sgd(0.03, n_steps=800, batch_size=64),
            },
            {
                "default": {},
                "orthogonal": {INITIALIZER: "orthogonal", "network.initialization.gain": 1.0},
            },
        ),
        ComparisonPreset(
            "vanishing",
            "Sigmoid, tanh, ReLU, GELU: who passes the gradient on?",
            "Follow ∂L/∂z from the output to the input side: the sigmoid's slope is at most 1/4,"
            " and ten layers of it leave a millionth.",
            "Glorot & Bengio 2010; Hendrycks & Gimpel 2016 (GELU)",
            {
                "data": DIGITS,
                "network": {
                    "blocks": _dense(32, 10),
                    "initialization": {"name": "xavier_normal"},
                },
                "training": _adam(0.001, n_steps=600, batch_size=64),
            },
            {name: {ACTIVATION: name.lower()} for name in ("sigmoid", "tanh", "ReLU", "GELU")},
        ),
        ComparisonPreset(
            "dropout",
            "Dropout 0, 0.2, 0.5, 0.8 with noisy labels",
            "A fifth of the training labels is wrong. Without dropout the network learns them by"
            " heart, and its test loss turns and rises. Dropping half keeps it from that; dropping"
            " 0.8 holds back what is right, too: its training loss stays the highest.",
            "Srivastava et al. 2014, Dropout",
            {
                "data": {
                    "name": "moons",
                    "n_samples": 300,
                    "noise": 0.2,
                    "label_noise": 0.2,
                    "test_fraction": 0.5,
                },
                "network": {"blocks": _dense(64, 2)},
                "training": _adam(0.01, n_steps=3000, batch_size=32),
            },
            {f"dropout {p:g}": {"network.dropout": p} for p in (0.0, 0.2, 0.5, 0.8)},
        ),
        ComparisonPreset(
            "variance_shift",
            "BatchNorm and dropout: the variance shift",
            "Dropout raises the variance in training only, and BatchNorm's running statistics keep"
            " what training saw: look at the same batch in both modes.",
            "Li et al. 2018, Understanding the Disharmony between Dropout and BatchNorm",
            {
                "data": DIGITS,
                "network": {"blocks": _dense(64, 3)},
                "training": _adam(0.003, n_steps=600, batch_size=64),
            },
            {
                "neither": {},
                "dropout": {"network.dropout": 0.5},
                "BatchNorm": {NORMALIZATION: "batch"},
                "both": {"network.dropout": 0.5, NORMALIZATION: "batch"},
            },
        ),
        ComparisonPreset(
            "sgd_adam",
            "SGD against Adam",
            "The update-to-weight ratio says why: Adam moves every weight by about its rate,"
            " whatever the gradient's size; SGD's steps shrink with the gradient.",
            "Kingma & Ba 2015, Adam",
            {
                "data": SPIRALS,
                "network": {"blocks": _dense(16, 3)},
                "training": _adam(0.01, n_steps=2000),
            },
            {"SGD": {OPTIMIZER: "sgd"}, "Adam": {}},
        ),
        ComparisonPreset(
            "large_rate",
            "A large learning rate with and without BatchNorm",
            "Without normalization the first steps overshoot and the run ends; with it the scale of"
            " the weights no longer matters, and the same rate trains.",
            "Ioffe & Szegedy 2015; Bjorck et al. 2018",
            {
                "data": DIGITS,
                "network": {
                    "blocks": _dense(64, 5),
                    "initialization": {"name": "kaiming_normal"},
                },
                "training": _sgd(2.0, n_steps=300, batch_size=64),
            },
            {"no normalization": {}, "BatchNorm": {NORMALIZATION: "batch"}},
        ),
        ComparisonPreset(
            "symmetry",
            "All weights zero",
            "Equal units get equal gradients and stay equal: with zeros not even that, nothing"
            " moves but the output's bias. The effective rank of each layer tells.",
            "Goodfellow et al. 2016, Deep Learning, §8.4",
            {
                "data": {"name": "circles"},
                "network": {"blocks": _dense(8, 2), "activation": "tanh"},
                "training": _adam(0.03, n_steps=500),
            },
            {
                "random": {},
                "zeros": {INITIALIZER: "zeros"},
                "constant 0.3": {
                    INITIALIZER: "constant",
                    "network.initialization.value": 0.3,
                },
            },
        ),
        ComparisonPreset(
            "convolution_dense",
            "A convolution beside a dense network",
            "The signals of MNIST-1D are digits that stand anywhere. A kernel that slides over them"
            " knows a stroke wherever it is: with fewer weights it reads nine of ten where a dense"
            " network reads six. A dense layer has to learn each place anew.",
            "LeCun et al. 1989; Greydanus & Kobak 2020, MNIST-1D",
            {
                "data": {"name": "mnist1d"},
                "network": {
                    "blocks": [
                        {"kind": "convolution", "channels": 24, "kernel_size": 5, "stride": 2}
                    ]
                    * 3,
                },
                "training": _adam(0.01, n_steps=600, batch_size=64),
            },
            {
                "convolution": {},
                "dense": {
                    f"network.blocks.{place}.{field}": value
                    for place in range(3)
                    for field, value in (("kind", "dense"), ("width", 64))
                },
            },
        ),
        ComparisonPreset(
            "memory",
            "Three memories: RNN, LSTM, GRU",
            "Two of twenty numbers are marked; the answer is their sum. A plain RNN hardly gets"
            " below the 1/6 of who always answers 1: the gradient of the first mark has faded when"
            " it arrives. Gates let it through.",
            "Bengio et al. 1994; Hochreiter & Schmidhuber 1997; Cho et al. 2014",
            {
                "data": {"name": "adding", "length": 20, "n_samples": 4000},
                "network": {"blocks": [{"kind": "recurrent", "forget_bias": 1.0}]},
                "training": _adam(0.01, n_steps=800, batch_size=64),
            },
            {
                "RNN": {"network.blocks.0.cell": "rnn"},
                "LSTM": {},
                "GRU": {"network.blocks.0.cell": "gru"},
            },
        ),
        ComparisonPreset(
            "positions",
            "Attention with and without positions",
            "Attention sees a set, not a row: without positions every order of the same digits"
            " looks alike, and turning the row around is a guess. With them it is learned in a few"
            " hundred steps.",
            "Vaswani et al. 2017",
            {
                "data": {"name": "reversal", "length": 8, "n_samples": 4000},
                "network": {"blocks": _encoder(1)},
                "training": _adam(0.003, n_steps=600, batch_size=64),
            },
            {
                "with positions": {},
                "without": {"network.blocks.1.form": "none"},
            },
        ),
        ComparisonPreset(
            "norm_first",
            "Layer normalization first or after",
            "Six encoder layers at a rate of 0.02, without any warm-up. Normalized after each sum,"
            " as the first transformers were, the gradient at the last layers is large at the start"
            " and the network is thrown to where every answer is a guess. Normalized first, it"
            " learns to sort.",
            "Xiong et al. 2020",
            {
                "data": {"name": "sorting", "length": 8, "n_samples": 4000},
                "network": {"blocks": _encoder(6, heads=4)},
                "training": _adam(0.02, n_steps=200, batch_size=32),
            },
            {
                "normalized after": {},
                "normalized first": {"network.blocks.2.norm_first": True},
            },
        ),
        ComparisonPreset(
            "linear_collapse",
            "Six linear layers against one",
            "Stacked linear layers are one linear layer: the border stays a straight line however"
            " deep the network is. One bend between them changes that.",
            "Minsky & Papert 1969; Saxe et al. 2013",
            {
                "data": {"name": "moons"},
                "network": {"blocks": _dense(8, 6), "activation": "identity"},
                "training": _adam(0.01, n_steps=1000),
            },
            {
                "one layer": {"network.depth": 0},
                "six linear and one": {},
                "with ReLU": {ACTIVATION: "relu"},
            },
        ),
    )
}
DEFAULT_COMPARISON = "placement_relu"


def comparison_of(spec: ComparisonSpec) -> str | None:
    """Name of the comparison that has just these lanes, if there is one."""
    return next((name for name, preset in COMPARISONS.items() if preset.spec == spec), None)
