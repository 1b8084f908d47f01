"""The initialization page: code that agrees, hands that set, and words that follow the numbers."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from nnviz.catalog.initializers import INITIALIZERS
from nnviz.experiments.signal_propagation import TheoryRecord
from nnviz.spec.code import decoded, encoded
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.initialization import DEPTH, RACE, SYMMETRY, WEIGHTS
from nnviz.ui.exhibits.initialization.race import RaceSettings, calls, collect, question

from .reader import measured


def ran(code: str) -> dict[str, Any]:
    """The names that a script leaves behind; torch's defaults and random state are put back."""
    names: dict[str, Any] = {}
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(code, "shown", "exec"), names)  # noqa: S102
        finally:
            torch.set_default_dtype(torch.float32)
            torch.set_num_threads(threads)
    return names


def shown(exhibit: Exhibit[Any, Any], **asked: Any) -> tuple[Any, Any]:
    settings = exhibit.settings.model_validate(asked)
    return settings, measured(exhibit, settings)


def words(exhibit: Exhibit[Any, Any], **asked: Any) -> str:
    return exhibit.notice(*shown(exhibit, **asked))


def set_by_hand(exhibit: Exhibit[Any, Any], settings: Any, **sent: Any) -> Any:
    changes = exhibit.grasp(settings, sent)
    return exhibit.settings.model_validate({**settings.model_dump(mode="json"), **changes})


# --- the race ---


@pytest.mark.parametrize(
    "asked", [{}, {"fourth": "xavier_uniform", "hidden_activation": "tanh", "n_layers": 3}]
)
def test_the_code_of_the_race_gives_its_numbers(asked: dict[str, Any]) -> None:
    settings, lanes = shown(RACE, **asked)
    names = ran(RACE.code(settings))
    for lane, record in lanes.items():
        np.testing.assert_allclose(names["rms"][lane], record.rms_TL[0], rtol=1e-5)
        if not record.is_lost:
            assert names["losses"][lane] == pytest.approx(record.loss_T[-1], rel=1e-3)


def test_only_kaimings_lane_learns_at_the_opening() -> None:
    settings, lanes = shown(RACE)
    right = {lane: record.accuracy_T[-1] for lane, record in lanes.items()}
    assert right["Kaiming"] > 0.95
    assert right["Small"] < 0.2
    assert right["PyTorch"] < 0.2
    told = RACE.notice(settings, lanes)
    assert f"Small still guesses, Kaiming has {right['Kaiming']:.0%} of the digits right" in told
    assert "PyTorch still guesses. Guessing costs ln 10 = 2.30." in told


def test_lanes_that_are_not_back_show_their_start_alone_and_the_words_say_so() -> None:
    settings = RaceSettings()
    function, arguments = calls(settings, [])[1]
    back = [function(*arguments)]
    lanes = collect(settings, back)
    assert [record.is_start for record in lanes.values()] == [True, False, True, True]
    assert "1 of 4 lanes are trained so far" in RACE.notice(settings, lanes)
    assert len(calls(settings, back)) == 3


def test_a_lane_that_stays_is_not_raced_again() -> None:
    before, after = RaceSettings(), RaceSettings(large=0.5)
    assert question(before) == question(after) != question(RaceSettings(n_layers=3))
    results = [function(*arguments) for function, arguments in calls(RaceSettings(n_layers=3), [])]
    asked = calls(RaceSettings(n_layers=3, large=0.5), results)
    assert [spec.network.initialization.std for _, (spec,) in asked] == [0.5]


@pytest.mark.parametrize(
    ("flat", "name"),
    [
        ({"depth": 40}, "depth"),
        ({"activation": "tanh", "depth": 20, "normalization": "batch"}, "depth"),
        ({"view": "symmetry", "activation": "tanh", "breaker": "noise"}, "symmetry"),
        ({"view": "weights", "layer": "image", "n_in": 3}, "weights"),
    ],
)
def test_earlier_links_open_what_they_showed(visit: Any, flat: dict[str, Any], name: str) -> None:
    app = visit("initialization", lab=encoded(flat, {}))
    assert not app.exception
    chosen = app.session_state["nnviz.exhibits.initialization"]
    assert chosen["view"] == name
    assert {key: chosen[name][key] for key in flat if key != "view"} == {
        key: value for key, value in flat.items() if key != "view"
    }


def test_the_scene_is_plain_and_marks_what_diverged() -> None:
    settings, lanes = shown(RACE, large=1.0)
    scene: Any = RACE.picture(settings, lanes)
    facts = json.loads(json.dumps(scene.facts, allow_nan=False))
    large = facts["lanes"][2]
    assert large["knob"] == "large"
    assert large["diverged"] == lanes["Large"].diverged_at
    assert len(large["heights"][0]) == facts["layers"] == 6
    assert facts["right"] == pytest.approx(math.sqrt(2 / 64))
    assert "Large diverged" in RACE.notice(settings, lanes)


def test_compare_opens_with_the_races_own_trainings() -> None:
    assert RACE.lanes is not None
    for asked in ({}, {"fourth": "orthogonal"}, {"fourth": "trunc_normal"}):
        settings = RaceSettings.model_validate(asked)
        comparison = RACE.lanes(settings)
        assert list(comparison.experiments) == list(settings.lanes.values())


# --- weights, depth, units that start alike ---


@pytest.mark.parametrize("layer", ["dense", "signal", "image"])
def test_code_of_the_weights(layer: str) -> None:
    for name in ("default", "kaiming_uniform", "normal", "trunc_normal", "dirac", "sparse"):
        asked = {"layer": layer, "initialization": {"name": name}, "seed": 3, "n_in": 9, "n_out": 5}
        try:
            settings, record = shown(WEIGHTS, **asked)
        except ValidationError:
            assert name == ("dirac" if layer == "dense" else "sparse")
            continue
        names = ran(WEIGHTS.code(settings))
        assert names["std"] == pytest.approx(record.std)
        np.testing.assert_allclose(names["singular"], record.singular_K, atol=1e-12)


@pytest.mark.parametrize("name", sorted(set(INITIALIZERS) - {"dirac"}))
def test_code_of_initialization_through_depth(name: str) -> None:
    for norm, placement in itertools.product(("none", "batch", "group"), ("before", "after")):
        settings, found = shown(
            DEPTH, depth=3, width=8, n_seeds=2, activation="tanh", initialization={"name": name},
            normalization=norm, placement=placement,
        )  # fmt: skip
        names, signal = ran(DEPTH.code(settings)), found.signal
        np.testing.assert_allclose(names["second_moment"]["tanh"], signal.second_moment_SL)
        np.testing.assert_allclose(names["delta_rms"]["tanh"], signal.delta_rms_SL, atol=1e-12)


@pytest.mark.parametrize("breaker", ["nothing", "noise", "dropout", "output"])
def test_code_of_the_symmetry(breaker: str) -> None:
    for start, moved in (("constant", (0.3, -0.2)), ("default", (0, 0)), ("normal", (0, 0))):
        settings, record = shown(
            SYMMETRY, start=start, breaker=breaker, n_steps=50, activation="tanh", moved=moved
        )
        names = ran(SYMMETRY.code(settings))
        assert names["spread"] == pytest.approx(record.spread_T[-1], rel=1e-6, abs=1e-9)
        assert names["accuracy"] == pytest.approx(record.accuracy)


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_every_initializer_is_shown_or_refused_with_the_layers_it_fits(name: str) -> None:
    for exhibit, asked in (
        (WEIGHTS, {"initialization": {"name": name}}),
        (DEPTH, {"initialization": {"name": name}, "depth": 4, "width": 16}),
        (SYMMETRY, {"start": name, "n_steps": 50}),
    ):
        if name == "dirac":
            with pytest.raises(ValidationError, match="convolution"):
                exhibit.settings.model_validate(asked)
            continue
        settings, found = shown(exhibit, **asked)
        assert exhibit.notice(settings, found)
        for panel in (*exhibit.picture(settings, found), *exhibit.panels(settings, found)):
            panel.wired()
        assert exhibit.experiment(settings).n_parameters


def test_convolutions_refuse_what_is_made_for_dense_layers() -> None:
    for name in ("eye", "sparse"):
        with pytest.raises(ValidationError, match="dense"):
            WEIGHTS.settings.model_validate({"layer": "image", "initialization": {"name": name}})


@pytest.mark.parametrize(
    ("exhibit", "asked"),
    [
        (DEPTH, {"initialization": {"name": "kaiming_normal", "std": 1e308}}),
        (DEPTH, {"initialization": {"name": "trunc_normal", "std": 0.0}}),
        (DEPTH, {"width": 1024}),
        (DEPTH, {"normalization": "instance"}),
        (RACE, {"fourth": "dirac"}),
        (RACE, {"large": 3.0}),
        (SYMMETRY, {"moved": [5.0, 0.0]}),
    ],
)
def test_settings_out_of_bounds_are_refused(
    exhibit: Exhibit[Any, Any], asked: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        exhibit.settings.model_validate(asked)


@pytest.mark.parametrize("name", ["kaiming_normal", "xavier_uniform", "normal", "uniform"])
def test_the_weights_have_the_spread_that_the_hand_gave_them(name: str) -> None:
    settings, _ = shown(WEIGHTS, initialization={"name": name})
    asked = set_by_hand(WEIGHTS, settings, std=0.4)
    assert measured(WEIGHTS, asked).expected_std == pytest.approx(0.4, rel=1e-3)


def test_theory_ends_where_the_hand_let_go() -> None:
    for wanted in (-1.0, 2.0):
        asked = set_by_hand(DEPTH, DEPTH.settings(), end=wanted)
        theory = measured(DEPTH, asked).theory
        assert isinstance(theory, TheoryRecord)
        assert math.log10(theory.second_moment_L[-1]) / 2 == pytest.approx(wanted, abs=0.05)


@pytest.mark.parametrize(("exhibit", "sent"), [(DEPTH, {"end": 1.0}), (WEIGHTS, {"std": 0.4})])
def test_a_link_keeps_what_the_hand_made_of_the_default_weights(
    exhibit: Exhibit[Any, Any], sent: dict[str, float]
) -> None:
    asked, opened = set_by_hand(exhibit, exhibit.settings(), **sent), exhibit.settings()
    link = encoded(asked.model_dump(mode="json"), opened.model_dump(mode="json"))
    assert exhibit.settings.model_validate(decoded(link)) == asked != opened


def test_a_unit_starts_where_the_hand_put_it() -> None:
    asked = set_by_hand(SYMMETRY, SYMMETRY.settings(moved=(0.5, 0.5)), unit=[0.9, -0.1])
    record = measured(SYMMETRY, asked)
    np.testing.assert_allclose(record.weight_TDF[0, 0, :2], [0.9, -0.1], atol=1e-3)


def test_words_follow_the_numbers() -> None:
    """The same sentence must not be said of a vanishing and of a healthy gradient."""
    assert "**arrives**" in words(DEPTH)
    xavier = {"name": "xavier_normal"}
    assert "**vanishes**" in words(DEPTH, activation="sigmoid", initialization=xavier)
    assert "**is lost**" in words(DEPTH, initialization={"name": "zeros"})
    batch = words(DEPTH, normalization="batch", depth=60, initialization={"name": "default"})
    assert "**explodes**" in batch
    assert "Var[φ]" in batch
    assert "still alike" in words(SYMMETRY)
    assert "You moved one unit" in words(SYMMETRY, moved=[0.3, 0.0])
    assert "The other 5 are still alike" in words(SYMMETRY, moved=[0.3, 0.0])
    assert "Chance only has to begin" in words(SYMMETRY, breaker="noise")
    assert "every direction is treated alike" in words(
        WEIGHTS, initialization={"name": "orthogonal"}
    )
