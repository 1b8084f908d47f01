"""Each preset shows the phenomenon that its words promise."""

import pytest

from nnviz import advance, initial_state
from nnviz.diagnosis import diagnose
from nnviz.presets import PRESETS
from nnviz.spec import ExperimentSpec


def trained(name: str, n_steps: int = 1000):
    state = initial_state(PRESETS[name].spec)
    history = []
    for part in (n_steps // 4, n_steps // 4, n_steps // 2):
        state, snapshots = advance(state, n_steps=part)
        history += snapshots
    return history


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_the_trip_through_an_address(name):
    spec = PRESETS[name].spec
    assert ExperimentSpec.from_code(spec.to_code()) == spec
    assert PRESETS[name].name == name


def test_a_line_does_not_solve_xor():
    assert max(snapshot.train_accuracy for snapshot in trained("xor_by_a_line")) <= 0.75


def test_the_large_rate_kills_units_and_the_diagnosis_says_where():
    found = diagnose(trained("dead_relu"))
    assert "dead" in found.headline
    assert found.layer is not None
    assert found.severity == "danger"


def test_the_gradient_of_ten_sigmoid_layers_vanishes():
    history = trained("vanishing_sigmoid")
    assert "fades" in diagnose(history).headline
    layers = history[-1].learned_layers
    assert layers[0].delta_rms < 1e-3 * layers[-1].delta_rms


def test_divergence_is_named_with_its_step():
    history = trained("divergence")
    found = diagnose(history)
    assert found.headline.startswith("Diverged")
    assert found.since_step == history[-1].divergence.step


def test_equal_weights_stay_equal_and_the_diagnosis_says_so():
    assert "compute the same" in diagnose(trained("symmetry")).headline


def test_the_noise_is_learned_by_heart():
    history = trained("overfitting", 2000)
    found = diagnose(history)
    assert found.headline.startswith("Overfitting")
    best = min(history, key=lambda snapshot: snapshot.test_loss)
    assert found.since_step == best.step
    assert history[-1].train_accuracy > 0.9


def test_batch_normalization_makes_eight_sigmoid_layers_learn():
    assert trained("batch_norm_rescue", 400)[-1].test_accuracy > 0.85


def test_unscaled_wine_is_learned_worse_than_scaled_wine():
    preset = PRESETS["wide_scales"].spec
    document = preset.model_dump(mode="json")
    document["data"]["scaling"] = "standard"
    scaled, _ = advance(initial_state(ExperimentSpec.model_validate(document)), n_steps=1)
    raw = trained("wide_scales", 400)[-1].test_accuracy
    _, snapshots = advance(scaled, n_steps=400)
    assert snapshots[-1].test_accuracy > raw + 0.2
