"""Situations whose cause is known by construction, each with its truth and its remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nnviz.diagnosis import Cause
from tests.diagnosis import truths
from tests.diagnosis.trained import Trained

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Situation:
    """`truth` asserts the cause from weights and data; `remedy`: settings that take it away.

    `layer` and `since` are those that must be named, where they are known.
    """

    name: str
    causes: tuple[Cause, ...]
    document: Document
    n_steps: int
    truth: Callable[[Trained], None]
    remedy: Document = field(default_factory=dict)
    layer: str | None = None
    since: int | None = None
    words: str = ""
    seeds: tuple[int, int, int] = (0, 1, 2)


def dense(*widths: int, **settings: Any) -> list[dict[str, Any]]:
    return [{"kind": "dense", "width": width, **settings} for width in widths]


def start(name: str, **arguments: float) -> dict[str, Any]:
    return {"name": name, **arguments}


def situation(
    name: str,
    causes: Cause | tuple[Cause, ...],
    truth: Callable[[Trained], None],
    data: Document,
    network: Document,
    optimizer: tuple[Any, ...],
    n_steps: int,
    training: Document | None = None,
    **told: Any,
) -> Situation:
    kind, rate, *more = optimizer
    document = {
        "data": data,
        "network": network,
        "training": {
            "optimizer": {"name": kind, "learning_rate": rate, **dict(more)},
            **(training or {}),
        },
    }
    causes = (causes,) if isinstance(causes, str) else causes
    return Situation(name, causes, document, n_steps, truth, **told)


def adam(rate: float) -> dict[str, Any]:
    return {"training": {"optimizer": {"name": "adam", "learning_rate": rate}}}


def sgd(rate: float) -> dict[str, Any]:
    return {"training": {"optimizer": {"name": "sgd", "learning_rate": rate}}}


MOONS, CIRCLES, SPIRALS = {"name": "moons"}, {"name": "circles"}, {"name": "spirals"}
DIGITS = {"name": "digits", "n_samples": 600}
RANDOM = {"network": {"initialization": start("default")}}
STANDARD = {"data": {"scaling": "standard"}}

SITUATIONS = (
    situation(
        "zero start, tanh", "start", truths.weights_are_zero, CIRCLES,
        {"blocks": dense(8, 8), "activation": "tanh", "initialization": start("zeros")},
        ("adam", 0.03), 200, remedy=RANDOM, layer="dense1", since=0,
    ),
    situation(
        "zero start, relu", "start", truths.weights_are_zero, MOONS,
        {"blocks": dense(8, 8), "initialization": start("zeros")},
        ("sgd", 0.1), 200, remedy=RANDOM, layer="dense1", since=0,
    ),
    situation(
        "constant start", "start", truths.units_are_copies, CIRCLES,
        {"blocks": dense(8, 8), "activation": "tanh",
         "initialization": start("constant", value=0.3)},
        ("adam", 0.03), 300, remedy=RANDOM, layer="dense1", since=0,
    ),
    situation(
        "all ones", "start", truths.units_are_copies, SPIRALS,
        {"blocks": dense(8, 8), "initialization": start("ones")},
        ("adam", 0.01), 300, remedy=RANDOM, layer="dense1", since=0,
    ),
    situation(
        "far too large a rate", "not finite", truths.a_number_is_not_finite,
        {"name": "sinusoid"}, {"blocks": dense(32, 32)}, ("sgd", 3.0), 100,
        remedy=sgd(0.1), words="learning rate",
    ),
    situation(
        "gradient overflows", "not finite", truths.a_number_is_not_finite, MOONS,
        {"blocks": dense(16, 16), "normalization": "batch"}, ("sgd", 10.0), 50,
        {"loss": "mse"}, remedy=sgd(0.05), words="learning rate",
    ),
    situation(
        "start overflows", "not finite", truths.nothing_was_updated, MOONS,
        {"blocks": dense(*[32] * 18), "initialization": start("normal", std=100.0)},
        ("sgd", 0.01), 50, words="smaller weights",
        remedy={"network": {"blocks": dense(32, 32), "initialization": start("kaiming_normal")}},
    ),
    situation(
        "unscaled inputs and no number", "not finite", truths.a_number_is_not_finite,
        {"name": "breast_cancer", "scaling": "none"},
        {"blocks": dense(64, 64), "initialization": start("kaiming_normal", gain=4.0)},
        ("sgd", 1.0), 100, {"loss": "mse"}, words='"standard"',
        remedy={**STANDARD, **sgd(0.05), **RANDOM},
    ),
    situation(
        "unscaled wine, relu", "data", truths.scales_differ,
        {"name": "wine", "scaling": "none"}, {"blocks": dense(16, 16)}, ("sgd", 0.01), 300,
        remedy={**STANDARD, **sgd(0.1)}, since=0, words='"standard"',
    ),
    situation(
        "unscaled breast cancer, tanh", "data", truths.scales_differ,
        {"name": "breast_cancer", "scaling": "none"},
        {"blocks": dense(16, 16), "activation": "tanh"}, ("adam", 0.003), 200,
        remedy=STANDARD, since=0, words='"standard"',
    ),
    situation(
        "unscaled target", "data", truths.scales_differ,
        {"name": "diabetes", "scaling": "none"}, {"blocks": dense(16, 16)}, ("sgd", 0.01), 200,
        since=0, words='"standard"',
    ),
    situation(
        "one class only", "data", truths.one_class_only,
        {"name": "iris", "n_samples": 20, "test_fraction": 0.9}, {"blocks": dense(8)},
        ("adam", 0.01), 100, since=0, words="All training points are of class", seeds=(0, 3, 4),
    ),
    situation(
        "a class is missing", "data", truths.a_class_is_missing,
        {"name": "gaussians", "n_classes": 10, "n_samples": 24, "test_fraction": 0.6},
        {"blocks": dense(8)}, ("adam", 0.01), 100, since=0, words="No training point",
    ),
    situation(
        "labels replaced", "data", truths.labels_say_nothing,
        {"name": "moons", "label_noise": 0.5}, {"blocks": dense(8, 8)}, ("adam", 0.01), 200,
        remedy={"data": {"label_noise": 0.0}}, since=0, words="labels",
    ),
    situation(
        "groups of two", "normalization", truths.normalized_values_are_signs, DIGITS,
        {"blocks": dense(8, 8), "normalization": "group", "groups": 4}, ("adam", 0.01), 300,
        remedy={"network": {"groups": 2}}, layer="dense1", since=0, words="fewer groups",
    ),
    situation(
        "layers of two", "normalization", truths.normalized_values_are_signs, SPIRALS,
        {"blocks": dense(2, 16), "normalization": "layer"}, ("adam", 0.01), 300,
        remedy={"network": {"blocks": dense(16, 16)}}, layer="dense1", since=0, words="units",
    ),
    situation(
        "batches of two", "normalization", truths.normalized_values_are_signs, DIGITS,
        {"blocks": dense(16, 16), "normalization": "batch"}, ("adam", 0.01), 300,
        {"batch_size": 2}, remedy={"training": {"batch_size": 32}}, layer="dense1", since=0,
        words="larger batches",
    ),
    situation(
        "batches of one", "normalization", truths.normalized_values_are_signs,
        {"name": "mnist1d", "n_samples": 600},
        {"blocks": [{"kind": "convolution", "channels": 16}, {"kind": "pool", "size": 4},
                    {"kind": "convolution", "channels": 16}, {"kind": "pool", "size": 5},
                    {"kind": "convolution", "channels": 16, "normalization": "batch"}]},
        ("adam", 0.003), 300, {"batch_size": 1}, remedy={"training": {"batch_size": 32}},
        since=0, layer="convolution5", words="larger batches",
    ),
    situation(
        "rate too large, saturates tanh", "rate too large", truths.loss_rose, MOONS,
        {"blocks": dense(8, 8), "activation": "tanh"}, ("sgd", 5.0), 200, {"batch_size": 10},
        remedy=sgd(0.5), words="Lower the learning rate",
    ),
    situation(
        "rate too large, jumps", "rate too large", truths.loss_rose, SPIRALS,
        {"blocks": dense(16, 16), "activation": "leaky_relu"}, ("adam", 1.0), 300,
        {"batch_size": 10}, remedy=adam(0.03), words="Lower the learning rate",
    ),
    situation(
        "rate too large, kills relu", "rate too large", truths.units_are_dead, CIRCLES,
        {"blocks": dense(16, 16, 16)}, ("adam", 1.0), 200, {"batch_size": 10},
        remedy=adam(0.01), words="Lower the learning rate",
    ),
    situation(
        "rate too small, adam", "rate too small", truths.weights_hardly_moved, MOONS,
        {"blocks": dense(8, 8)}, ("adam", 1e-7), 200, remedy=adam(0.01), since=0,
    ),
    situation(
        "rate too small, sgd", "rate too small", truths.weights_hardly_moved, CIRCLES,
        {"blocks": dense(8, 8), "activation": "tanh"}, ("sgd", 1e-5), 300, remedy=adam(0.01),
        since=0,
    ),
    situation(
        "L2 penalty too strong", "penalty", truths.weights_shrank, MOONS,
        {"blocks": dense(16, 16)}, ("sgd", 0.1, ("weight_decay", 1.0)), 200, remedy=sgd(0.1),
    ),
    situation(
        "L1 penalty too strong", "penalty", truths.weights_shrank, CIRCLES,
        {"blocks": dense(16, 16), "activation": "tanh"}, ("sgd", 0.01), 300, {"l1": 0.5},
        remedy={"training": {"l1": 0.0, **adam(0.01)["training"]}},
    ),
    situation(
        "negative biases kill relu", "dead units", truths.units_are_dead, MOONS,
        {"blocks": dense(16, 16), "initialization": start("kaiming_normal", bias=-5.0)},
        ("sgd", 0.01), 200, since=0,
        remedy={"network": {"initialization": start("kaiming_normal")}, **sgd(0.1)},
    ),
    situation(
        "large weights saturate sigmoid", "saturated units", truths.units_are_saturated, DIGITS,
        {"blocks": dense(32, 32, 32), "activation": "sigmoid",
         "initialization": start("normal", std=5.0)},
        ("sgd", 0.01), 200, since=0, words="smaller initial weights",
        remedy={"network": {"initialization": start("xavier_normal"), "blocks": dense(32)},
                **adam(0.01)},
    ),
    situation(
        "large weights saturate tanh", "saturated units", truths.units_are_saturated, SPIRALS,
        {"blocks": dense(32, 32, 32), "activation": "tanh",
         "initialization": start("normal", std=5.0)},
        ("sgd", 0.003), 200, since=0, words="smaller initial weights",
        remedy={"network": {"initialization": start("xavier_normal")}, **adam(0.01)},
    ),
    situation(
        "ten sigmoid layers", "vanishing gradient", truths.gradient_vanishes, CIRCLES,
        {"blocks": dense(*[16] * 10), "activation": "sigmoid",
         "initialization": start("xavier_normal")},
        ("sgd", 0.1), 100, layer="dense1", since=0,
        remedy={"network": {"activation": "relu", "initialization": start("kaiming_normal")}},
    ),
    situation(
        "large gain through ten layers", "exploding gradient", truths.gradient_explodes, MOONS,
        {"blocks": dense(*[16] * 10), "initialization": start("kaiming_normal", gain=5.0)},
        ("adam", 1e-4), 60, layer="dense1",
        remedy={"network": {"initialization": start("kaiming_normal")}, **adam(0.003)},
    ),
    situation(
        "one of two classes never answered", "class collapse", truths.a_class_is_never_answered,
        {"name": "gaussians", "noise": 0.8}, {"blocks": dense(8, 8)}, ("adam", 0.01), 200,
        {"class_weights": [1.0, 1e-5]}, remedy={"training": {"class_weights": None}},
    ),
    situation(
        "one of four classes never answered", "class collapse", truths.a_class_is_never_answered,
        {"name": "gaussians", "n_classes": 4, "noise": 0.6},
        {"blocks": dense(8, 8), "activation": "tanh"}, ("adam", 0.01), 300,
        {"class_weights": [1.0, 1.0, 1.0, 1e-5]}, remedy={"training": {"class_weights": None}},
        words="class 3",
    ),
    situation(
        "wrong labels by heart", "overfitting", truths.noise_is_learned,
        {"name": "moons", "n_samples": 100, "noise": 0.2, "label_noise": 0.2, "test_fraction": 0.5},
        {"blocks": dense(64, 64, 64)}, ("adam", 0.01), 500,
    ),
    situation(
        "noise of a curve by heart", "overfitting", truths.noise_is_learned,
        {"name": "sinusoid", "n_samples": 40, "test_fraction": 0.5, "noise": 0.4},
        {"blocks": dense(64, 64), "activation": "tanh"}, ("adam", 0.01), 600,
    ),
    situation(
        "thirty features, thirty points", "overfitting", truths.noise_is_learned,
        {"name": "breast_cancer", "n_samples": 60, "label_noise": 0.2, "test_fraction": 0.5},
        {"blocks": dense(64, 64)}, ("adam", 0.01), 200,
    ),
    situation(
        "a line through xor", "underfitting", truths.too_simple, {"name": "xor"},
        {"blocks": []}, ("adam", 0.03), 300, words="hidden block",
        remedy={"network": {"blocks": dense(16)}},
    ),
    situation(
        "linear layers around a circle", "underfitting", truths.too_simple, CIRCLES,
        {"blocks": dense(8, 8), "activation": "identity"}, ("adam", 0.01), 300,
        remedy={"network": {"activation": "tanh"}},
    ),
    situation(
        "one unit for two spirals", "underfitting", truths.too_simple, SPIRALS,
        {"blocks": dense(1), "activation": "tanh"}, ("adam", 0.05), 400,
        remedy={"network": {"blocks": dense(32, 32)}, **adam(0.01)},
    ),
    situation(
        "moons learned", "converged", truths.answers_are_right, MOONS,
        {"blocks": dense(8, 8), "activation": "tanh"}, ("adam", 0.02), 900, words="well",
    ),
    situation(
        "clouds learned", "converged", truths.answers_are_right, {"name": "gaussians"},
        {"blocks": dense(8, 8)}, ("adam", 0.01), 500, words="dead",
    ),
    situation(
        "digits learned", "converged", truths.answers_are_right,
        {"name": "digits", "n_samples": 1000},
        {"blocks": dense(32, 32)}, ("adam", 0.01), 700, {"batch_size": 64}, words="dead",
    ),
    situation(
        "overlapping clouds learned", "converged", truths.as_good_as_the_truth_allows,
        {"name": "gaussians", "noise": 1.0}, {"blocks": dense(4)}, ("adam", 0.01), 500,
        words="dead",
    ),
    situation(
        "a curve learned", ("converged", "learning"), truths.follows_the_truth,
        {"name": "sinusoid"}, {"blocks": dense(16, 16), "activation": "tanh"}, ("adam", 0.01), 400,
    ),
    situation(
        "spirals being learned", "learning", truths.loss_falls, SPIRALS,
        {"blocks": dense(16, 16)}, ("adam", 0.005), 150, words="dead",
    ),
    situation(
        "batch normalization before", ("learning", "converged"), truths.is_healthy, SPIRALS,
        {"blocks": dense(16, 16, 16), "normalization": "batch"}, ("adam", 0.003), 200,
        words="dead",
    ),
    situation(
        "batch normalization after", ("learning", "converged"), truths.is_healthy, SPIRALS,
        {"blocks": dense(16, 16, 16), "normalization": "batch", "placement": "after"},
        ("adam", 0.003), 200, words="dead",
    ),
    situation(
        "dropout", ("learning", "converged"), truths.is_healthy, MOONS,
        {"blocks": dense(32, 32), "dropout": 0.3}, ("adam", 0.01), 300, words="dead",
    ),
    situation(
        "batches of one, noisy", ("learning", "converged"), truths.is_healthy,
        {"name": "moons", "noise": 0.3}, {"blocks": dense(16, 16)}, ("adam", 0.003), 500,
        {"batch_size": 1}, words="dead",
    ),
    situation(
        "five steps", "too early", truths.has_just_begun, MOONS, {"blocks": dense(8, 8)},
        ("adam", 0.01), 5,
    ),
    situation(
        "zero start of convolutions", "start", truths.weights_are_zero, DIGITS,
        {"blocks": [{"kind": "convolution"}, {"kind": "pool"}, {"kind": "convolution"}],
         "initialization": start("zeros")},
        ("adam", 0.01), 60, remedy=RANDOM, layer="convolution1", since=0,
    ),
    situation(
        "all ones before batch normalization", "start", truths.units_are_copies, DIGITS,
        {"blocks": dense(16, 16), "normalization": "batch", "initialization": start("ones")},
        ("adam", 0.01), 150, remedy=RANDOM, layer="dense1", since=0,
    ),
    situation(
        "momentum throws it out", "not finite", truths.a_number_is_not_finite, CIRCLES,
        {"blocks": dense(16, 16), "activation": "elu"}, ("sgd", 0.5, ("momentum", 0.99)), 200,
        remedy=sgd(0.5), words="Lower the learning rate",
    ),
    situation(
        "groups of two after the average", "normalization", truths.normalized_values_are_signs,
        DIGITS,
        {"blocks": [{"kind": "convolution"}, {"kind": "pool", "method": "global_average"},
                    {"kind": "convolution", "channels": 16, "normalization": "group",
                     "groups": 8}]},
        ("adam", 0.005), 150, layer="convolution3", since=0, words="fewer groups",
    ),
    situation(
        "two left over", "normalization", truths.a_batch_of_two_is_left, DIGITS,
        {"blocks": dense(32, 32), "normalization": "batch"}, ("sgd", 1.0), 80,
        {"batch_size": 64}, remedy={"training": {"batch_size": 50}}, words="left at the end",
        seeds=(1, 2, 3),
    ),
    situation(
        "rate too large, rmsprop", "rate too large", truths.loss_rose, DIGITS,
        {"blocks": dense(32), "activation": "tanh"}, ("rmsprop", 1.0), 150,
        remedy={"training": {"optimizer": {"name": "rmsprop", "learning_rate": 0.005}}},
    ),
    situation(
        "rate too large, batch normalization", "rate too large", truths.units_are_dead, DIGITS,
        {"blocks": dense(32, 32), "normalization": "batch"}, ("sgd", 30.0), 150,
        {"batch_size": 30}, remedy=sgd(0.1),
    ),
    situation(
        "rate too small, adagrad", "rate too small", truths.weights_hardly_moved, SPIRALS,
        {"blocks": dense(16, 16)}, ("adagrad", 1e-6), 200, remedy=adam(0.03), since=0,
    ),
    situation(
        "one layer's biases kill it", "dead units", truths.units_are_dead, DIGITS,
        {"blocks": [*dense(32, 32), *dense(32, initialization=start("kaiming_normal", bias=-8.0))]},
        ("sgd", 0.005), 150, since=0, layer="dense3",
        remedy={"network": {"blocks": dense(32, 32, 32)}, **adam(0.01)},
    ),
    situation(
        "hard ends", "saturated units", truths.slopes_are_zero, SPIRALS,
        {"blocks": dense(32, 32, 32), "activation": "hardtanh",
         "initialization": start("normal", std=8.0)},
        ("sgd", 0.003), 150, since=0, words="smaller initial weights",
    ),
    situation(
        "small weights in twelve layers", "vanishing gradient", truths.gradient_vanishes, MOONS,
        {"blocks": dense(*[16] * 12), "activation": "tanh",
         "initialization": start("xavier_normal", gain=0.4)},
        ("sgd", 0.1), 60, layer="dense1", since=0,
        remedy={"network": {"initialization": start("xavier_normal")}},
    ),
    situation(
        "thirty relu layers, Xavier", "vanishing gradient", truths.gradient_vanishes, DIGITS,
        {"blocks": dense(*[32] * 30), "initialization": start("xavier_normal", gain=1.0)},
        ("sgd", 0.003), 40, layer="dense1", since=0,
    ),
    situation(
        "twelve linear layers grow", "exploding gradient", truths.gradient_explodes, CIRCLES,
        {"blocks": dense(*[16] * 12), "activation": "identity",
         "initialization": start("xavier_normal", gain=3.0)},
        ("adam", 1e-5), 40, layer="dense1", since=0,
    ),
    situation(
        "decay takes the weights", "penalty", truths.weights_shrank, CIRCLES,
        {"blocks": dense(16, 16)}, ("adamw", 0.01, ("weight_decay", 10.0)), 300,
        remedy=adam(0.01),
    ),
    situation(
        "convolutions learn wrong labels", "overfitting", truths.noise_is_learned,
        {"name": "digits", "n_samples": 120, "label_noise": 0.3, "test_fraction": 0.5},
        {"blocks": [{"kind": "convolution", "channels": 16}, {"kind": "pool"},
                    {"kind": "convolution", "channels": 16}]},
        ("adam", 0.005), 150,
    ),
    situation(
        "fifteen points of a cubic", "overfitting", truths.noise_is_learned,
        {"name": "polynomial", "n_samples": 30, "noise": 0.5, "test_fraction": 0.5},
        {"blocks": dense(64, 64)}, ("adam", 0.01), 600,
    ),
    situation(
        "a line through four spirals", "underfitting", truths.too_simple,
        {"name": "spirals", "n_classes": 4}, {"blocks": []}, ("adam", 0.03), 300,
        words="hidden block", remedy={"network": {"blocks": dense(32, 32)}},
    ),
    situation(
        "wine learned", "converged", truths.answers_are_right, {"name": "wine"},
        {"blocks": dense(8)}, ("adam", 0.01), 300, words="well",
    ),
    situation(
        "layer normalization, prelu", ("learning", "converged"), truths.is_healthy, DIGITS,
        {"blocks": dense(32, 32), "activation": "prelu", "normalization": "layer"},
        ("adam", 0.005), 150, words="die",
    ),
)  # fmt: skip
