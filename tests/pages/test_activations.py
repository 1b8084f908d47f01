"""The activations page: what its exhibits say and do by hand, and code that gives their numbers."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.experiments.nonlinearity.dead_unit import dead_units
from nnviz.experiments.nonlinearity.response import activation_responses, draw_inputs
from nnviz.spec.code import encoded
from nnviz.ui.charts import ChartClick
from nnviz.ui.exhibits.activations import EXHIBITS, collapse, dead, xor
from nnviz.ui.exhibits.words import told
from tests.pages.reader import measured

BY_NAME = {exhibit.name: exhibit for exhibit in EXHIBITS}


def shown(name: str, **asked: Any) -> tuple[Any, Any, Any]:
    """An exhibit, valid settings of it, and what it measures."""
    exhibit = BY_NAME[name]
    own = exhibit.settings(**asked)
    return exhibit, own, measured(exhibit, own)


def executed(name: str, **asked: Any) -> tuple[dict[str, Any], Any]:
    """The names that the code leaves, and the settings; torch's defaults are put back."""
    exhibit = BY_NAME[name]
    own = exhibit.settings(**asked)
    names: dict[str, Any] = {}
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(exhibit.code(own), name, "exec"), names)  # noqa: S102
        finally:
            torch.set_default_dtype(torch.float32)
    return names, own


def notice(name: str, **asked: Any) -> str:
    exhibit, own, record = shown(name, **asked)
    return told(exhibit.notice(own, record), is_full=True)


def test_nothing_chosen_is_said_and_the_last_choice_stays(visit) -> None:
    app = visit("activations")
    app.multiselect[0].set_value([]).run()
    assert not app.exception
    assert "at least one activation" in app.error[0].value
    assert any("What to notice" in found.value for found in app.markdown)


def test_a_link_of_the_earlier_page_opens_its_view_with_its_settings(visit) -> None:
    asked = {"view": "collapse", "bend_after": 2, "bend": "tanh", "names": ["relu"]}
    app = visit("activations", lab=encoded(asked, {}))
    assert not app.exception
    kept = app.session_state["nnviz.exhibits.activations"]
    assert kept["view"] == "collapse"
    assert (kept["collapse"]["bend_after"], kept["collapse"]["bend"]) == (2, "tanh")


@pytest.mark.parametrize(
    ("name", "asked"),
    [("shape", {"names": ("rleu",)}), ("shape", {"names": ()}), ("depth", {"depth": 10**9})],
)
def test_settings_out_of_bounds_are_refused(name: str, asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        BY_NAME[name].settings(**asked)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_is_shown_in_every_exhibit(name: str) -> None:
    asked: dict[str, dict[str, Any]] = {
        "shape": {"names": (name,), "z": -5.0},
        "depth": {"names": (name,), "depth": 3, "width": 8},
        "collapse": {"bend": name, "bend_after": 1},
        "dead": {"dead_names": (name,), "n_steps": 50},
        "xor": {"xor_activation": name, "xor_steps": 10},
    }
    for exhibit_name, fields in asked.items():
        exhibit, own, record = shown(exhibit_name, **fields)
        assert "nan" not in exhibit.notice(own, record)
        for panel in (*exhibit.picture(own, record), *exhibit.panels(own, record)):
            panel.wired()
        assert not any("_" in row["activation"] for row in exhibit.table(own, record))
        assert exhibit.experiment(own).n_parameters


def test_the_table_has_value_and_slope_where_the_reader_looks() -> None:
    exhibit, own, record = shown("shape", names=("tanh",), z=1.5)
    (row,) = exhibit.table(own, record)
    assert float(row["φ(1.50)"]) == pytest.approx(np.tanh(1.5), abs=5e-4)
    assert float(row["φ′(1.50)"]) == pytest.approx(1 - np.tanh(1.5) ** 2, abs=5e-4)


def test_the_bend_stays_inside_the_stack() -> None:
    _, own, record = shown("collapse", n_layers=3, bend_after=9)
    assert own.place == 2
    assert record.bend > 0.01
    (grip,) = collapse.picture(own, record)[2].grips
    assert (grip.low, grip.high, grip.x) == (0, 2, 2)


def test_the_large_step_is_dragged_in_both_directions() -> None:
    own = dead.DeadSettings()
    assert dead.grasp(own, {"jump": [7, 12.5]}) == {"jump_at": 7, "jump_rate": 12.5}


def test_another_seed_of_xor_trains_nothing_anew() -> None:
    question = BY_NAME["xor"].measure.question
    one, other = (xor.XorSettings(shown_seed=seed) for seed in (0, 7))
    assert question(one) == question(other)
    clicked = ChartClick("seeds", 1, 7, 7, 4.0)
    assert one.model_copy(update=xor.click(one, clicked)) == other


def test_half_a_measurement_of_xor_claims_nothing() -> None:
    (one, _), own = xor.MEASURE.calls(xor.XorSettings(xor_steps=10), []), xor.XorSettings()
    function, arguments = one
    assert xor.MEASURE.collect(own, [function(*arguments)]) is None


def test_the_line_of_a_single_layer_is_straight_and_the_hidden_border_is_not() -> None:
    _, own, both = shown("xor")
    for record, is_straight in zip(both, (True, False), strict=True):
        _, logit_GG = xor.xor_answer(record, own.shown_seed)
        bend = np.abs(np.diff(logit_GG, 2, axis=0)).max() / np.abs(logit_GG).max()
        assert (bend < 1e-3) == is_straight


def test_the_training_of_xor_plays_from_its_start_to_its_end() -> None:
    exhibit, own, both = shown("xor")
    frames = exhibit.play.frames(own, both)
    assert (frames[0].words, frames[-1].words) == ("Step 0", "Step 200")
    ids = {panel.id for panel in exhibit.picture(own, both)}
    assert all({panel.id for panel in frame.panels} <= ids for frame in frames)


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_code_of_one_unit(distribution: Any) -> None:
    names, own = executed("shape", distribution=distribution, mean=0.3, std=2.0, z=-1.2)
    inputs = draw_inputs(distribution, 0.3, 2.0)
    for record in activation_responses(own.names, inputs):
        assert names["mean_slope"][record.name] == pytest.approx(record.mean_slope, rel=1e-9)
        assert names["zero_share"][record.name] == pytest.approx(record.zero_share)
    assert [names["at_z"][name] for name in own.names] == BY_NAME["shape"].measure(own).at_z


@pytest.mark.parametrize("name", ["default", "kaiming_normal", "orthogonal", "xavier_normal"])
def test_code_of_activations_through_depth(name: str) -> None:
    names, own = executed("depth", depth=4, width=8, initialization=name)
    for activation, record in BY_NAME["depth"].measure(own).measured.items():
        np.testing.assert_allclose(names["second_moment"][activation], record.second_moment_SL)
        np.testing.assert_allclose(names["delta_rms"][activation], record.delta_rms_SL)


@pytest.mark.parametrize("bend_after", [0, 2])
def test_code_of_the_collapse(bend_after: int) -> None:
    names, own = executed("collapse", bend_after=bend_after, seed=4)
    record = collapse.measure(own)
    assert names["difference"] < 1e-5
    if bend_after:
        assert names["bend"] == pytest.approx(record.bend, rel=1e-4)
    assert float(names["b"]) == pytest.approx(record.bias, rel=1e-5)


def test_code_of_the_dead_unit() -> None:
    names, own = executed("dead")
    for record in dead.measure(own):
        highest = names["highest"][record.name]
        np.testing.assert_allclose(highest, record.highest_T, rtol=1e-8, atol=1e-12)


def test_code_of_xor() -> None:
    names, own = executed("xor", n_hidden=3, xor_steps=60)
    for record in measured(BY_NAME["xor"], own):
        if record.n_hidden:
            np.testing.assert_array_equal(names["accuracy"][3], record.accuracy_S)


def test_words_follow_the_gradient() -> None:
    assert "**vanishes** with sigmoid" in notice("depth")
    assert "no depth" in notice("depth", depth=1)
    assert "seeds are measured" in notice("depth", depth=50, width=128, n_seeds=10)


def test_words_follow_the_bend() -> None:
    assert "2 · (3 · x) = 6 · x" in notice("collapse")
    assert "no longer straight" in notice("collapse", bend_after=2)
    assert "nothing changes" in notice("collapse", bend_after=2, bend="identity")


def test_words_follow_the_dead_unit() -> None:
    assert "exactly 0" in notice("dead")
    assert "back at step 147" in notice("dead")
    assert "No unit falls below 0" in notice("dead", jump_rate=0.15)
    assert "Step 1 pushes" in notice("dead", dead_names=("relu",), learning_rate=0.3)
    assert "diverges" in notice("dead", dead_names=("identity",), jump_rate=20.0, jump_at=1)


def test_one_dead_unit_is_as_good_as_many() -> None:
    for record in dead.measure(dead.DeadSettings()):
        (alone,) = dead_units([record.name], 0.15, 8.0)
        np.testing.assert_array_equal(alone.highest_T, record.highest_T)
