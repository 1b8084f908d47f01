"""Starting points that each show one phenomenon, with what to notice and where it is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nnviz.spec import ExperimentSpec


@dataclass(frozen=True)
class Preset:
    """A named experiment."""

    name: str
    title: str
    notice: str
    source: str
    document: Mapping[str, Any]

    @cached_property
    def spec(self) -> ExperimentSpec:
        """The experiment, checked."""
        return ExperimentSpec.model_validate(self.document)


def _dense(*widths: int, **settings: Any) -> list[dict[str, Any]]:
    return [{"kind": "dense", "width": width, **settings} for width in widths]


def _encoder(layers: int, **settings: Any) -> list[dict[str, Any]]:
    """Tokens, where they stand, and layers in which each looks at all others."""
    own = {"heads": 2, "feedforward": 64, "layers": layers, **settings}
    return [{"kind": "embedding", "width": 32}, {"kind": "positions"}, {"kind": "encoder", **own}]


def _training(rate: float, optimizer: str = "adam", **settings: Any) -> dict[str, Any]:
    return {"optimizer": {"name": optimizer, "learning_rate": rate}, "n_steps": 5000, **settings}


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "two_moons",
            "Bend a line around two moons",
            "Watch the border bend as the hidden units each learn one fold of it.",
            "TensorFlow Playground, Smilkov et al. 2017",
            {
                "data": {"name": "moons"},
                "network": {"blocks": _dense(8, 8), "activation": "tanh"},
                "training": _training(0.01, batch_size=10),
            },
        ),
        Preset(
            "xor_by_a_line",
            "XOR by a straight line",
            "No straight line is right in more than three quadrants of four, and cross-entropy does"
            " not even look for that one: of four equal clouds it learns P = 0.5 everywhere, a loss"
            " of ln 2 = 0.69 and about half of the points. Add one dense block and train again.",
            "Minsky & Papert 1969",
            {
                "data": {"name": "xor"},
                "network": {"blocks": []},
                "training": _training(0.03, batch_size=10),
            },
        ),
        Preset(
            "spirals",
            "Two spirals",
            "The border stays simple for a while, then winds; the last layers' units look most"
            " alike to the answer.",
            "Lang & Witbrock 1988",
            {
                "data": {"name": "spirals", "n_samples": 600, "noise": 0.05},
                "network": {"blocks": _dense(16, 16, 16)},
                "training": _training(0.005, n_steps=10_000),
            },
        ),
        Preset(
            "dead_relu",
            "Dead ReLU units",
            "A rate that is too large pushes units below zero everywhere; their gradient is 0"
            " there, so they never come back, and soon nearly a whole layer is dead. At a rate of"
            " 0.01 most live, and the circles are learned.",
            "Lu et al. 2019, Dying ReLU and Initialization",
            {
                "data": {"name": "circles"},
                "network": {"blocks": _dense(16, 16, 16)},
                "training": _training(0.3, batch_size=10),
            },
        ),
        Preset(
            "vanishing_sigmoid",
            "Vanishing gradient",
            "Ten sigmoid layers: the gradient shrinks at every layer on its way back, and the"
            " first layers hardly move. Switch to tanh or relu, or add batch normalization.",
            "Glorot & Bengio 2010",
            {
                "data": {"name": "circles"},
                "network": {
                    "blocks": _dense(*[16] * 10),
                    "activation": "sigmoid",
                    "initialization": {"name": "xavier_normal"},
                },
                "training": _training(0.1, "sgd"),
            },
        ),
        Preset(
            "batch_norm_rescue",
            "BatchNorm to the rescue",
            "Eight sigmoid layers that learn digits only because each is normalized before its"
            " activation. Take the normalization away and the loss stays at ln 10 = 2.30.",
            "Ioffe & Szegedy 2015",
            {
                "data": {"name": "digits"},
                "network": {
                    "blocks": _dense(*[64] * 8),
                    "activation": "sigmoid",
                    "normalization": "batch",
                },
                "training": _training(0.1, "sgd", n_steps=2000, batch_size=64),
            },
        ),
        Preset(
            "divergence",
            "Divergence",
            "For a straight line the loss is a parabola, here of curvature 2, and gradient descent"
            " on it is stable below a rate of 2 / 2 = 1. At 1.2 each update lands 1.4 times as far"
            " beyond the minimum as it was before it: the loss doubles with every update, and after"
            " some 130 it is no number any more. Lower the learning rate to 0.8 and start anew.",
            "LeCun et al. 1998, Efficient BackProp, §5",
            {
                "data": {"name": "sinusoid"},
                "network": {"blocks": []},
                "training": _training(1.2, "sgd", batch_size=400),
            },
        ),
        Preset(
            "symmetry",
            "All units the same",
            "Equal starting weights get equal gradients: the units of a layer stay copies of one"
            " another, and the layer is as good as one unit.",
            "Goodfellow et al. 2016, Deep Learning, §8.4",
            {
                "data": {"name": "circles"},
                "network": {
                    "blocks": _dense(8, 8),
                    "activation": "tanh",
                    "initialization": {"name": "constant", "value": 0.3},
                },
                "training": _training(0.03),
            },
        ),
        Preset(
            "overfitting",
            "Learning the noise by heart",
            "A fifth of the training labels is wrong. The training loss falls on while the test"
            " loss turns and rises. An L2 penalty of 0.01 stops that; dropout 0.5 slows it down.",
            "Zhang et al. 2017, Understanding deep learning requires rethinking generalization",
            {
                "data": {"name": "moons", "n_samples": 120, "noise": 0.3, "label_noise": 0.2},
                "network": {"blocks": _dense(64, 64)},
                "training": _training(0.01),
            },
        ),
        Preset(
            "sine",
            "Fit a sine",
            "Thirty noisy points: the curve first catches the trend, then the wave, and at last"
            " bends towards single points.",
            "Bishop 2006, Pattern Recognition and Machine Learning, §1.1",
            {
                "data": {"name": "sinusoid", "n_samples": 60, "test_fraction": 0.5},
                "network": {"blocks": _dense(32, 32), "activation": "tanh"},
                "training": _training(0.01, batch_size=10),
            },
        ),
        Preset(
            "convolution",
            "A convolution reads digits",
            "Two small convolutions and pooling read 98 % of the digits; look at which are still"
            " confused. On Compare, the convolution beside a dense network shows what it is good"
            " for.",
            "LeCun et al. 1989",
            {
                "data": {"name": "digits"},
                "network": {
                    "blocks": [
                        {"kind": "convolution", "channels": 8},
                        {"kind": "pool"},
                        {"kind": "convolution", "channels": 16},
                        {"kind": "pool"},
                        {"kind": "flatten"},
                    ]
                },
                "training": _training(0.01, n_steps=1000, batch_size=64),
            },
        ),
        Preset(
            "memory",
            "Remember two numbers of twenty",
            "The target is the sum of the two marked numbers. Who answers 1 always has a loss of"
            " 1/6 = 0.17, and there the curve stays, until the cell learns to hold the first one:"
            " then it falls at once. Watch the forget gate: it is open between the marks.",
            "Hochreiter & Schmidhuber 1997, the adding problem",
            {
                "data": {"name": "adding", "length": 20, "n_samples": 4000},
                "network": {"blocks": [{"kind": "recurrent", "width": 32, "forget_bias": 1.0}]},
                "training": _training(0.01, n_steps=1000, batch_size=64),
            },
        ),
        Preset(
            "reversal",
            "Attention turns a row around",
            "Each place must say what stands at the mirrored place. Watch the attention maps: the"
            " diagonal from bottom left to top right is the rule that they find. Take the positions"
            " away, and all that is left is to guess among the eight digits.",
            "Vaswani et al. 2017",
            {
                "data": {"name": "reversal", "length": 8, "n_samples": 4000},
                "network": {"blocks": _encoder(1)},
                "training": _training(0.003, n_steps=600, batch_size=64),
            },
        ),
        Preset(
            "sorting",
            "Encoder and decoder sort a row",
            "The encoder reads the digits; the decoder asks it one learned question a place. Look"
            " at the second row of attention maps: the first places look at the small digits, the"
            " last at the large ones, wherever these stand.",
            "Vaswani et al. 2017; Carion et al. 2020 (learned questions)",
            {
                "data": {"name": "sorting", "length": 8, "n_samples": 4000},
                "network": {
                    "blocks": [
                        {"kind": "embedding", "width": 32},
                        {"kind": "positions"},
                        {"kind": "sequence_to_sequence"},
                    ]
                },
                "training": _training(0.005, n_steps=400, batch_size=64),
            },
        ),
        Preset(
            "brackets",
            "Does every bracket close?",
            "An LSTM reads the word once, bracket by bracket, and has to keep in its state what is"
            " still open. Counting is not enough: the wrong words have as many of each kind.",
            "Arnold & Sleep 1980; Hochreiter & Schmidhuber 1997",
            {
                "data": {"name": "brackets", "n_samples": 4000},
                "network": {
                    "blocks": [
                        {"kind": "embedding", "width": 16},
                        {"kind": "recurrent", "width": 32},
                    ]
                },
                "training": _training(0.01, n_steps=600, batch_size=64),
            },
        ),
        Preset(
            "solids",
            "Balls, cubes and rings in three dimensions",
            "A kernel of 3 × 3 × 3 slides through the volume. Look at the maps: a flat side, an"
            " edge and a hole each have channels that answer to them.",
            "Tran et al. 2015, 3-D convolutions",
            {
                "data": {"name": "volumes", "n_samples": 1500},
                "network": {
                    "blocks": [
                        {"kind": "convolution", "channels": 8, "stride": 2},
                        {"kind": "convolution", "channels": 16, "stride": 2},
                        {"kind": "pool", "method": "global_max"},
                        {"kind": "flatten"},
                    ]
                },
                "training": _training(0.01, n_steps=400, batch_size=64),
            },
        ),
        Preset(
            "wide_scales",
            "Inputs on different scales",
            "The features of wine range from 0.1 to 1,700. Unscaled, one of them rules the"
            " gradient: no learning rate suits it and the others, and not half of the test points"
            " are learned. Set the scaling to standard and train again: 98 %.",
            "LeCun et al. 1998, Efficient BackProp, §4.3",
            {
                "data": {"name": "wine", "scaling": "none"},
                "network": {"blocks": _dense(16, 16)},
                "training": _training(0.01, "sgd", n_steps=2000),
            },
        ),
    )
}


def preset_of(spec: ExperimentSpec) -> str | None:
    """Name of the preset that has just these settings, if there is one."""
    return next((name for name, preset in PRESETS.items() if preset.spec == spec), None)
