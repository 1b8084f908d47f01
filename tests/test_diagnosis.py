"""The diagnosis names what is wrong first, where, and since when."""

from dataclasses import replace

import pytest

from nnviz.diagnosis import diagnose
from nnviz.records import DivergenceRecord, LayerRecord, Snapshot


def layer(name: str, **numbers: float) -> LayerRecord:
    healthy = {"delta_rms": 0.01, "update_to_weight_ratio": 1e-3, "dead_fraction": 0.0}
    return LayerRecord(name, "dense", 8, **{**healthy, **numbers})


def snapshot(step: int, *layers: LayerRecord, loss: float = 0.5, test: float = 0.5) -> Snapshot:
    return Snapshot(
        step=step,
        epoch=step / 10,
        task="classification",
        train_loss=loss,
        test_loss=test,
        train_accuracy=0.8,
        test_accuracy=0.8,
        batch_loss=loss,
        learning_rate=0.1,
        layers=layers or (layer("dense1"), layer("dense2")),
        output=replace(layer("output"), kind="output"),
    )


def falling(n: int = 10) -> list[Snapshot]:
    return [snapshot(k, loss=1 / k, test=1 / k) for k in range(1, n + 1)]


def test_a_healthy_history_is_called_healthy():
    assert diagnose(falling()).severity == "good"


def test_nothing_to_diagnose_is_refused():
    with pytest.raises(ValueError, match="empty history"):
        diagnose([])


def test_untrained_is_not_diagnosed():
    assert diagnose([snapshot(0, layer("dense1", dead_fraction=1.0))]).severity == "info"


def test_the_step_is_the_first_of_the_unbroken_stretch():
    dead = layer("dense2", dead_fraction=0.9)
    steps = [(1, dead), (2, layer("dense2")), (3, dead), (4, dead)]
    found = diagnose([snapshot(step, layer("dense1"), second) for step, second in steps])
    assert (found.layer, found.since_step) == ("dense2", 3)


def test_divergence_comes_before_everything_else():
    dead = snapshot(5, layer("dense1", dead_fraction=1.0))
    last = replace(dead, divergence=DivergenceRecord(6, "dense1", "activation"))
    found = diagnose([dead, last])
    assert found.headline.startswith("Diverged")
    assert found.since_step == 6


@pytest.mark.parametrize(
    ("first", "words", "severity"),
    [(1e-6, "fades", "danger"), (5e-5, "fades", "warning"), (50.0, "grows", "danger")],
)
def test_the_gradient_is_judged_by_the_published_limits(first, words, severity):
    history = [snapshot(9, layer("dense1", delta_rms=first), layer("dense2"))]
    found = diagnose(history)
    assert words in found.headline
    assert found.severity == severity


def test_missing_numbers_are_no_finding():
    bare = LayerRecord("dense1", "dense", 8)
    assert diagnose([snapshot(1, bare), snapshot(2, bare, loss=0.4, test=0.4)]).severity == "good"


def test_a_rising_test_loss_is_overfitting_since_its_minimum():
    losses = [(1, 0.6, 0.6), (2, 0.4, 0.4), (3, 0.2, 0.7)]
    found = diagnose([snapshot(k, loss=train, test=test) for k, train, test in losses])
    assert found.headline.startswith("Overfitting")
    assert found.since_step == 2
