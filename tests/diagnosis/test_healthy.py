"""Healthy trainings get no alarm, whenever one looks; a warning among them is a true one."""

import pytest

from nnviz import train
from nnviz.diagnosis import diagnose
from nnviz.presets import PRESETS
from tests.diagnosis.situations import dense
from tests.diagnosis.trained import spec_of, trained

DIGITS = {"name": "digits", "n_samples": 600}
SGD = {"optimizer": {"name": "sgd", "learning_rate": 0.1}}
HEALTHY = {
    **{name: PRESETS[name].document for name in ("two_moons", "spirals", "convolution", "sine")},
    "xor": {"data": {"name": "xor"}, "network": {"blocks": dense(16, 16)}},
    "circles, momentum": {
        "data": {"name": "circles"},
        "network": {"blocks": dense(16, 16)},
        "training": {"optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9}},
    },
    "moons, tanh, sgd": {
        "data": {"name": "moons"},
        "network": {"blocks": dense(8, 8), "activation": "tanh"},
        "training": SGD,
    },
    "four clouds, gelu": {
        "data": {"name": "gaussians", "n_classes": 4},
        "network": {"blocks": dense(16, 16), "activation": "gelu"},
    },
    "a curve, relu": {"data": {"name": "sinusoid"}, "network": {"blocks": dense(16, 16)}},
    "iris": {"data": {"name": "iris"}, "network": {"blocks": dense(16)}},
    "wine": {"data": {"name": "wine"}, "network": {"blocks": dense(16, 16)}},
    "breast cancer": {"data": {"name": "breast_cancer"}, "network": {"blocks": dense(16)}},
    "batch normalization": {
        "data": DIGITS,
        "network": {"blocks": dense(32, 32), "normalization": "batch"},
        "training": {"batch_size": 45},
    },
    "layer normalization": {
        "data": DIGITS,
        "network": {"blocks": dense(32, 32), "normalization": "layer"},
    },
    "dropout": {"data": DIGITS, "network": {"blocks": dense(64, 64), "dropout": 0.5}},
    "smoothed labels": {
        "data": DIGITS,
        "network": {"blocks": dense(32, 32)},
        "training": {"label_smoothing": 0.1},
    },
    "squared loss": {
        "data": {"name": "moons"},
        "network": {"blocks": dense(16, 16)},
        "training": {"loss": "mse"},
    },
    "batches of two": {
        "data": {"name": "moons"},
        "network": {"blocks": dense(16, 16)},
        "training": {"optimizer": {"name": "adam", "learning_rate": 0.002}, "batch_size": 2},
    },
}


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_training_is_not_alarmed_at_any_time(name):
    document = {"training": {}, **HEALTHY[name]}
    history = trained(spec_of(document, 0), 400).history
    for n_shown in range(1, len(history) + 1):
        found, shown = diagnose(history[:n_shown]), history[:n_shown]
        if found.severity in ("good", "info"):
            continue
        assert found.cause == "overfitting", f"step {shown[-1].step}: {found}"
        best = min(shown, key=lambda taken: taken.test_loss)
        assert shown[-1].test_loss > 1.1 * best.test_loss
        assert shown[-1].train_loss < best.train_loss


def test_what_healthy_means_is_told_with_the_share_of_dead_units():
    history = trained(spec_of({"training": {}, **HEALTHY["xor"]}, 0), 400).history
    found = diagnose(history)
    most = max(layer.dead_fraction for layer in history[-1].layers)
    assert found.severity == "good"
    assert f"{most:.0%} of a layer's units are dead" in found.advice


def test_a_history_of_any_density_is_told_the_same_cause():
    spec = spec_of({"training": {"n_steps": 300}, **PRESETS["dead_relu"].document}, 0)
    spec = spec.model_copy(update={"training": spec.training.model_copy(update={"n_steps": 300})})
    dense_history = tuple(train(spec))
    causes = {diagnose(dense_history[::stride]).cause for stride in (1, 3)}
    assert causes == {diagnose(trained(spec, 300).history).cause} == {"rate too large"}
