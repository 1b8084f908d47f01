"""Each preset shows the phenomenon that its words promise, on the side it tells and beyond it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Any

import pytest

from nnviz import advance, initial_state
from nnviz.diagnosis import diagnose
from nnviz.presets import PRESETS, preset_of
from nnviz.records import Snapshot
from nnviz.spec import ExperimentSpec, LaneSpec, OverrideSpec, lane_experiment

History = Sequence[Snapshot]
RATE, SCALING = "training.optimizer.learning_rate", "data.scaling"
NORMALIZATION, ACTIVATION = "network.normalization", "network.activation"


@dataclass(frozen=True)
class Promise:
    """What `n_steps` of a preset, with these settings changed as its words say, must show."""

    says: str
    n_steps: int
    holds: Callable[[History], bool]
    changes: Mapping[str, Any] = field(default_factory=dict)
    seeds: Sequence[int] = (0, 1, 2)


def changed(spec: ExperimentSpec, changes: Mapping[str, Any], seed: int) -> ExperimentSpec:
    settings = {**changes, "training.seed": seed}
    overrides = tuple(OverrideSpec(path=path, value=value) for path, value in settings.items())
    return lane_experiment(spec, LaneSpec(name="changed", overrides=overrides))


def trained(spec: ExperimentSpec, n_steps: int) -> list[Snapshot]:
    """Snapshots at 0, 1, 2, 4, …, at a tenth, a quarter, a half and the end."""
    state, history = initial_state(spec), []
    for end in (n_steps // 10, n_steps // 4, n_steps // 2, n_steps):
        state, snapshots = advance(state, n_steps=end - state.step)
        history += snapshots
    return history


def at(history: History, step: int) -> Snapshot:
    """What was measured at this step, or last before it."""
    return max((taken for taken in history if taken.step <= step), key=lambda taken: taken.step)


def is_learned(share: float = 0.95) -> Callable[[History], bool]:
    return lambda history: history[-1].test_accuracy >= share


def is_learned_on_the_way(share: float = 0.9) -> Callable[[History], bool]:
    return lambda history: max(snapshot.test_accuracy for snapshot in history) >= share


def stays_at_a_sixth(history: History) -> bool:
    return abs(history[-1].train_loss - 1 / 6) < 0.02


def is_guessed(history: History) -> bool:
    return history[-1].test_accuracy < 0.4


def says(words: str) -> Callable[[History], bool]:
    return lambda history: words in str(diagnose(history))


def no_better_than_a_guess(history: History) -> bool:
    return abs(history[-1].train_loss - log(2)) < 0.02 and history[-1].train_accuracy <= 0.75


def a_layer_is_dead(history: History) -> bool:
    worst = max(layer.dead_fraction for layer in history[-1].layers)
    return worst >= 0.75 and "dead" in str(diagnose(history)) and history[-1].train_accuracy < 0.7


def gradient_is_lost(history: History) -> bool:
    first, *_, last = history[-1].learned_layers
    return first.delta_rms < 1e-3 * last.delta_rms and history[-1].test_accuracy < 0.65


def loss_doubles_until_it_ends(history: History) -> bool:
    """The excess over the best line grows by (1 - 2 · 1.2)² = 1.96 at each update."""
    growth = (at(history, 32).train_loss / at(history, 16).train_loss) ** (1 / 16)
    end = history[-1].divergence
    return abs(growth - 1.96) < 0.01 and end is not None and 100 < end.step < 160


def units_stay_equal(history: History) -> bool:
    return "compute the same" in str(diagnose(history)) and history[-1].train_accuracy < 0.75


def noise_is_learned_by_heart(history: History) -> bool:
    best = min(snapshot.test_loss for snapshot in history)
    return history[-1].train_accuracy > 0.9 and history[-1].test_loss > 2 * best


def noise_is_not_learned(history: History) -> bool:
    return history[-1].train_accuracy < 0.9 and history[-1].test_loss < 0.35


def single_points_are_followed(history: History) -> bool:
    trend, end = at(history, 256), history[-1]
    best = min(snapshot.test_loss for snapshot in history)
    return end.train_loss < 0.85 * trend.train_loss and end.test_loss > 1.05 * best


PROMISES: dict[str, tuple[Promise, ...]] = {
    "two_moons": (Promise("the border bends", 1500, is_learned(0.98)),),
    "xor_by_a_line": (
        Promise("a line learns P = 0.5", 1500, no_better_than_a_guess),
        Promise("a dense block solves it", 500, is_learned(), {"network.blocks": "dense"}),
    ),
    "spirals": (
        Promise("it stays simple", 100, lambda history: history[-1].test_accuracy < 0.75),
        Promise("it winds", 1700, is_learned(0.98)),
    ),
    "dead_relu": (
        Promise("nearly a layer dies", 1500, a_layer_is_dead),
        Promise("at 0.01 the circles are learned", 1000, is_learned(), {RATE: 0.01}),
    ),
    "memory": (
        Promise("the baseline holds for a while", 100, stays_at_a_sixth),
        Promise("then it is remembered", 800, is_learned(0.9), seeds=(0, 1)),
    ),
    "reversal": (
        Promise("the row is turned", 400, is_learned(0.98), seeds=(0,)),
        Promise(
            "without positions it is a guess",
            400,
            is_guessed,
            {"network.blocks.1.form": "none"},
            seeds=(0,),
        ),
    ),
    "sorting": (Promise("the row is sorted", 300, is_learned(0.97), seeds=(0,)),),
    "brackets": (Promise("the brackets are read", 500, is_learned(0.97)),),
    "solids": (Promise("most solids are told apart", 300, is_learned(0.8)),),
    "vanishing_sigmoid": (
        Promise("the gradient fades", 500, gradient_is_lost),
        Promise("tanh learns", 500, is_learned(), {ACTIVATION: "tanh"}),
        Promise("relu learns", 500, is_learned(), {ACTIVATION: "relu"}),
        Promise(
            "batch normalization learns", 500, is_learned_on_the_way(), {NORMALIZATION: "batch"}
        ),
    ),
    "batch_norm_rescue": (
        Promise("digits are learned", 300, is_learned(0.9), seeds=(0,)),
        Promise(
            "without it the loss stays at ln 10",
            300,
            lambda history: abs(history[-1].train_loss - log(10)) < 0.02,
            {NORMALIZATION: "none"},
            seeds=(0,),
        ),
    ),
    "divergence": (
        Promise("the loss doubles at every update", 130, loss_doubles_until_it_ends),
        Promise(
            "0.8 finds the best line",
            200,
            lambda history: abs(history[-1].train_loss / history[-2].train_loss - 1) < 1e-4,
            {RATE: 0.8},
        ),
    ),
    "symmetry": (Promise("units stay equal", 1000, units_stay_equal),),
    "overfitting": (
        Promise("noise is learned by heart", 1500, noise_is_learned_by_heart),
        Promise(
            "an L2 penalty stops it",
            1500,
            noise_is_not_learned,
            {"training.optimizer.weight_decay": 0.01},
        ),
    ),
    "sine": (Promise("it bends towards single points", 2500, single_points_are_followed),),
    "convolution": (Promise("98 % of the digits are read", 400, is_learned(0.97), seeds=(0,)),),
    "wide_scales": (
        Promise("not half is learned, for its scales", 500, says("very different scales")),
        Promise("not half is learned", 500, lambda h: h[-1].test_accuracy < 0.5),
        Promise("scaled, 98 %", 1000, is_learned(0.95), {SCALING: "standard"}),
    ),
}


def test_every_preset_makes_a_promise():
    assert PROMISES.keys() == PRESETS.keys()


@pytest.mark.parametrize(
    ("name", "promise"),
    [
        pytest.param(name, promise, id=f"{name}: {promise.says}")
        for name, promises in PROMISES.items()
        for promise in promises
    ],
)
def test_a_preset_keeps_its_promise_whatever_the_seed(name, promise):
    spec = PRESETS[name].spec
    changes = dict(promise.changes)
    if changes.pop("network.blocks", None):
        network = spec.network.model_copy(update={"blocks": ExperimentSpec().network.blocks[:1]})
        spec = ExperimentSpec(data=spec.data, network=network, training=spec.training)
    for seed in promise.seeds:
        assert promise.holds(trained(changed(spec, changes, seed), promise.n_steps)), seed


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_known_again_by_its_settings(name):
    spec = PRESETS[name].spec
    assert preset_of(ExperimentSpec.from_code(spec.to_code())) == name
    assert preset_of(ExperimentSpec.model_validate(spec.model_dump(mode="json"))) == name
    assert preset_of(changed(spec, {}, seed=1)) is None


def test_a_divergence_is_named_with_its_step():
    history = trained(PRESETS["divergence"].spec, 200)
    found = diagnose(history)
    assert found.headline.startswith("Diverged")
    assert found.since_step == history[-1].divergence.step
