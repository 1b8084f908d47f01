"""What is most basic is told first, where, and since when; by hand-made histories."""

from dataclasses import replace

import numpy as np
import pytest

from nnviz.diagnosis import diagnose
from nnviz.records import (
    DataSummaryRecord,
    DivergenceRecord,
    LayerRecord,
    NormalizationRecord,
    Snapshot,
)

DATA = DataSummaryRecord(
    n_per_class=(50, 50),
    constant_loss=0.69,
    constant_train=0.5,
    constant_test=0.5,
    neighbour_train=0.97,
    neighbour_test=0.97,
)


def layer(name: str, **numbers) -> LayerRecord:
    healthy = {
        "delta_rms": 0.01,
        "update_to_weight_ratio": 1e-3,
        "dead_fraction": 0.0,
        "weight_norm": 1.0,
        "unit_difference": 1.0,
    }
    return LayerRecord(name, "dense", 8, **{**healthy, **numbers})


def snapshot(step: int, *layers: LayerRecord, loss: float = 0.6, **numbers) -> Snapshot:
    shown = {
        "train_loss": loss,
        "test_loss": loss,
        "train_accuracy": 0.7,
        "test_accuracy": 0.7,
        "batch_loss": loss,
        "data": DATA,
    }
    return Snapshot(
        step=step,
        epoch=step / 10,
        task="classification",
        learning_rate=0.1,
        layers=layers or (layer("dense1"), layer("dense2")),
        output=replace(layer("output"), kind="output"),
        **{**shown, **numbers},
    )


def stuck(*layers: LayerRecord, n: int = 10, **numbers) -> list[Snapshot]:
    """A loss that stays where it is, each hundred steps."""
    return [snapshot(100 * k, *layers, **numbers) for k in range(n + 1)]


def test_a_falling_loss_is_healthy():
    history = [snapshot(100 * k, loss=0.6 / (k + 1)) for k in range(10)]
    assert (found := diagnose(history)).severity == "good"
    assert "dead" in found.advice


def test_nothing_to_diagnose_is_refused():
    with pytest.raises(ValueError, match="empty history"):
        diagnose([])


def test_untrained_is_not_diagnosed():
    assert diagnose([snapshot(0, layer("dense1", dead_fraction=1.0))]).cause == "untrained"


def test_the_first_steps_are_too_early():
    history = [snapshot(k, layer("dense1", dead_fraction=1.0), loss=1 / (k + 1)) for k in (0, 1, 2)]
    assert diagnose(history).cause == "too early"


def test_the_step_is_the_first_of_the_unbroken_stretch():
    dead = layer("dense2", dead_fraction=0.9)
    seconds = {0: layer("dense2"), 100: dead, 200: layer("dense2"), 300: dead, 400: dead}
    found = diagnose([snapshot(step, layer("dense1"), last) for step, last in seconds.items()])
    assert (found.cause, found.layer, found.since_step) == ("dead units", "dense2", 300)


def test_the_layer_worst_hit_is_named_and_not_the_first_one():
    shares = {"dense1": 0.55, "dense2": 0.95, "dense3": 0.6}
    found = diagnose(stuck(*(layer(name, dead_fraction=f) for name, f in shares.items())))
    assert found.layer == "dense2"
    assert found.headline.startswith("95%")


def test_divergence_comes_before_everything_else():
    dead = snapshot(5, layer("dense1", dead_fraction=1.0, weight_norm=0.0))
    last = replace(dead, divergence=DivergenceRecord(6, "dense1", "gradient"))
    found = diagnose([dead, last])
    assert (found.cause, found.layer, found.since_step) == ("not finite", "dense1", 6)
    assert "gradient of dense1" in found.headline


def test_the_start_comes_before_the_data_and_the_data_before_the_normalization():
    scales = replace(DATA, widest=("proline", 300.0), narrowest=("hue", 0.2))
    pairs = NormalizationRecord("group", n_values=2, n_samples=1, n_fewest=2)
    equal = layer("dense1", unit_difference=0.0, normalization=pairs)
    assert diagnose(stuck(equal, data=scales)).cause == "start"
    apart = replace(equal, unit_difference=1.0)
    assert diagnose(stuck(apart, data=scales)).cause == "data"
    assert diagnose(stuck(apart)).cause == "normalization"
    assert diagnose(stuck(layer("dense1"))).cause == "underfitting"


def test_units_that_became_equal_later_are_not_the_start():
    equal = layer("dense1", unit_difference=0.0)
    history = [snapshot(0, layer("dense1")), *stuck(equal)[1:]]
    assert diagnose(history).cause != "start"


@pytest.mark.parametrize(
    ("first", "cause", "severity"),
    [
        (1e-6, "vanishing gradient", "danger"),
        (5e-5, "vanishing gradient", "warning"),
        (50.0, "exploding gradient", "danger"),
    ],
)
def test_the_gradient_is_judged_by_the_stated_limits(first, cause, severity):
    found = diagnose(stuck(layer("dense1", delta_rms=first), layer("dense2")))
    assert (found.cause, found.severity, found.layer) == (cause, severity, "dense1")


def test_missing_numbers_are_no_finding():
    bare = LayerRecord("dense1", "dense", 8)
    history = [snapshot(100 * k, bare, loss=0.6 / (k + 1), data=None) for k in range(5)]
    assert diagnose(history).severity == "good"


def test_a_rising_test_loss_is_overfitting_since_its_minimum():
    losses = {0: (0.7, 0.7), 100: (0.5, 0.5), 200: (0.3, 0.4), 300: (0.1, 0.8), 400: (0.01, 1.2)}
    history = [
        snapshot(step, loss=train, test_loss=test, train_accuracy=1.0)
        for step, (train, test) in losses.items()
    ]
    found = diagnose(history)
    assert (found.cause, found.since_step) == ("overfitting", 200)


def test_a_surer_answer_that_stays_right_is_not_overfitting():
    history = [
        snapshot(100 * k, loss=0.1 / (k + 1), test_loss=0.1 + 0.01 * k, **dict.fromkeys(
            ("train_accuracy", "test_accuracy"), 0.97))
        for k in range(10)
    ]  # fmt: skip
    assert diagnose(history).cause == "converged"


def test_dead_units_are_no_cause_where_the_training_points_are_learned():
    dead = layer("dense1", dead_fraction=0.9)
    found = diagnose(stuck(dead, train_accuracy=1.0, test_accuracy=0.97))
    assert (found.cause, found.severity) == ("converged", "good")
    assert "90% of a layer's units are dead" in found.advice


def test_a_class_that_is_rare_asks_for_weights():
    counts_CC = np.array([[95, 0], [5, 0]])
    data = replace(DATA, n_per_class=(95, 5))
    found = diagnose(stuck(confusion_CC=counts_CC, data=data))
    assert found.cause == "class collapse"
    assert "balanced" in found.advice


def test_constant_targets_are_a_matter_of_the_data():
    data = DataSummaryRecord(target_std=0.0, constant_loss=0.1)
    found = diagnose(stuck(data=data))
    assert found.cause == "data"
    assert "targets are the same" in found.headline


def test_a_loss_that_only_evaluation_sees_rise_is_not_the_rate():
    history = [snapshot(0), *(snapshot(100 * k, loss=2.0, batch_loss=0.3) for k in range(1, 6))]
    assert diagnose(history).cause != "rate too large"


def test_a_plateau_of_a_few_steps_is_not_called_the_end():
    history = [snapshot(10 * k) for k in range(11)]
    found = diagnose(history)
    assert (found.severity, found.cause) == ("info", "learning")
    assert "plateau" in found.advice


def test_inputs_that_determine_the_target_are_not_said_to_say_no_more():
    unclear = replace(DATA, neighbour_train=0.5, neighbour_test=0.5)
    numbers = {"train_accuracy": 0.5, "test_accuracy": 0.5}
    assert "say no more" in diagnose(stuck(data=unclear, **numbers)).headline
    found = diagnose(stuck(data=replace(unclear, follows_exactly=True), **numbers))
    assert found.cause == "underfitting"
    assert "say no more" not in found.headline
