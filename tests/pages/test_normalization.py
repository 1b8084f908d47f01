"""The normalization page: every shape and kind, every trap, code that gives the page's numbers."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.experiments.normalization.records import KINDS
from nnviz.experiments.normalization.shifting import train_shifting
from nnviz.experiments.normalization.trials import Trial, try_out
from nnviz.spec.code import encoded
from nnviz.ui.exhibits.normalization.block import CellsSettings
from nnviz.ui.exhibits.normalization.cells import CELLS
from nnviz.ui.exhibits.normalization.modes import MODES
from nnviz.ui.exhibits.normalization.running import RUNNING, after, frames
from nnviz.ui.exhibits.normalization.shapes import KNOWN, SHAPES
from nnviz.ui.exhibits.normalization.stream import RunningSettings
from nnviz.ui.exhibits.normalization.which import WHICH
from nnviz.ui.exhibits.normalization.why import STORIES, WHY
from nnviz.ui.exhibits.words import told
from tests.pages.reader import measured


def opened(visit, exhibit, **asked):
    return visit(
        "normalization", lab=encoded({"view": exhibit.name, "settings": asked}, {"settings": {}})
    )


def words(app):
    parts = (app.error, app.warning, app.info, app.markdown)
    return " ".join(found.value for part in parts for found in part)


def ran(code):
    names = {}
    exec(compile(code, "page", "exec"), names)  # noqa: S102
    return names


def test_the_page_opens_on_the_worked_example(visit):
    app = visit("normalization")
    assert not app.exception
    assert "-0.58 to -1.35" in words(app)


@pytest.mark.parametrize(
    ("exhibit", "asked", "sentence"),
    [
        (CELLS, {"shape": "table", "kind": "instance"}, "Instance normalization averages"),
        (CELLS, {"shape": "table", "kind": "group", "groups": 3}, "single number"),
        (CELLS, {"table": ((1, 2), (3, 5))}, "two numbers"),
        (CELLS, {"table": ((1, 2),)}, "more than 1 value"),
        (CELLS, {"shape": "image", "kind": "group", "groups": 1}, "**is** layer"),
        (CELLS, {"shape": "image", "kind": "group", "groups": 4}, "**is** instance"),
        (RUNNING, {"batch_size": 1}, "more than 1 value per channel"),
        (MODES, {"batch_size": 1}, "more than 1 value per channel"),
        (SHAPES, {"axes": "N, C, L", "module": "BatchNorm2d"}, "expected 4D input (got 3D input)"),
        (SHAPES, {"axes": "N, C", "module": "BatchNorm3d"}, "expected 5D input (got 2D input)"),
    ],
)
def test_traps_equalities_and_refusals_are_said(visit, exhibit, asked, sentence):
    app = opened(visit, exhibit, **asked)
    assert not app.exception
    assert sentence in words(app)


def test_a_link_of_the_earlier_page_opens_its_view(visit):
    old = {"view": "running", "batch_size": 4, "n_steps": 7, "seed": 3, "kind": "group"}
    app = visit("normalization", lab=encoded(old, {}))
    assert not app.exception
    assert app.session_state["nnviz.exhibits.normalization"]["running"]["n_steps"] == 7


def test_groups_come_back_with_the_channels():
    asked = CellsSettings(shape="image", kind="group", groups=2, n_channels=4)
    assert asked.n_groups == 2
    fewer = asked.model_copy(update={"n_channels": 3})
    assert fewer.n_groups == 1
    assert "2 does not divide 3" in CELLS.notice(fewer, measured(CELLS, fewer)) or fewer.groups == 2
    assert fewer.model_copy(update={"n_channels": 4}).n_groups == 2


def test_the_picture_of_the_cells_has_the_group_of_each():
    asked = CellsSettings(shape="image", kind="group", groups=2)
    shown = measured(CELLS, asked)
    facts = CELLS.picture(asked, shown).facts
    members = np.array(facts["values"])[np.array(facts["groupOf"]) == facts["groupOf"][0][1][1][1]]
    cell = shown.record.cell(asked.index)
    assert members.mean() == pytest.approx(cell.mean)
    assert facts["outputs"][0][1][1][1] == pytest.approx(cell.torch_y, abs=1e-6)


def test_one_batch_is_one_batch():
    assert (after(1), after(2)) == ("After 1 batch", "After 2 batches")
    asked = RunningSettings(n_steps=1)
    assert "After 1 batch," in RUNNING.notice(asked, measured(RUNNING, asked))
    played = frames(RunningSettings(), measured(RUNNING, RunningSettings()))
    assert [frame.words for frame in played][:2] == ["After 0 batches", "After 1 batch"]
    running = played[1].panels[0].figure["data"][-2]
    assert np.isfinite(running["y"]).sum() == 2


def test_the_switch_shows_that_only_training_changes_its_answer():
    for place, change in itertools.product(("after", "before"), (False, True)):
        asked = MODES.settings(place=place, neighbours_change=change, n_asked=12, q=0.5)
        shown = measured(MODES, asked)
        assert np.ptp(shown.training.asked_K) > 0.02
        assert np.ptp(shown.evaluation.asked_K) < 1e-6
        assert np.ptp(shown.training_K) > 0.02
        assert np.ptp(shown.evaluation_K) < 1e-6
    still = measured(MODES, MODES.settings(q=0.0, n_asked=5))
    assert np.ptp(still.training.asked_K) == 0


def test_the_measurements_for_the_table_are_what_it_says():
    layer = measured(WHICH, WHICH.settings(kind="layer")).moved_K
    assert max(layer["layer"]) == 0
    assert all(max(layer[kind]) > 0.1 for kind in ("batch", "instance", "group"))
    instance = measured(WHICH, WHICH.settings(kind="instance", contrast=3.0)).moved_K
    assert max(instance["instance"]) < 0.01
    assert min(max(instance["batch"]), max(instance["layer"])) > 0.3


def every_cell():
    for shape, kind, groups in itertools.product(("image", "signal", "table"), KINDS, (1, 2, 4)):
        if shape != "table" or groups == 1:
            yield CellsSettings(shape=shape, kind=kind, groups=groups, gamma=2, beta=-0.5, n=2)


@pytest.mark.parametrize(
    "asked", list(every_cell()), ids=lambda s: f"{s.shape}-{s.kind}-{s.groups}"
)
def test_the_code_of_the_cells_gives_the_same_numbers(asked):
    names, shown = ran(CELLS.code(asked)), measured(CELLS, asked)
    if shown.record is not None:
        cell = shown.record.cell(asked.index)
        np.testing.assert_allclose(names["y"].numpy(), shown.record.outputs, atol=1e-12)
        assert float(names["mean"]) == pytest.approx(cell.mean)
        assert float(names["variance"]) == pytest.approx(cell.variance)
        assert float(names["by_hand"]) == pytest.approx(cell.torch_y)


@pytest.mark.parametrize("more", [{}, {"batch_size": 1}, {"cumulative": True}, {"track": False}])
def test_the_code_of_the_running_statistics_gives_the_same_numbers(more):
    asked = RunningSettings(**more)
    names, record = ran(RUNNING.code(asked)), measured(RUNNING, asked).record
    if asked.track:
        assert float(names["mean"]) == pytest.approx(record.running_mean_T[-1], abs=1e-12)
        assert float(names["variance"]) == pytest.approx(record.running_variance_T[-1])


@pytest.mark.parametrize("more", [{}, {"place": "before", "q": 0.6}, {"neighbours_change": True}])
def test_the_code_of_the_modes_gives_the_same_answers(more):
    asked = MODES.settings(**more)
    state = torch.get_rng_state()
    names, shown = ran(MODES.code(asked)), measured(MODES, asked)
    torch.set_rng_state(state)
    np.testing.assert_allclose(names["in_training"], shown.training.asked_K, atol=1e-5)
    np.testing.assert_allclose(names["in_evaluation"], shown.evaluation.asked_K, atol=1e-5)


@pytest.mark.parametrize("axes", KNOWN)
@pytest.mark.parametrize("module", ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"])
def test_the_code_of_the_shapes_gives_the_same_numbers(axes, module):
    asked = SHAPES.settings(axes=axes, module=module)
    names, shown = ran(SHAPES.code(asked)), measured(SHAPES, asked)
    assert (names["y"] is None) == (shown.outputs is None)
    if shown.outputs is not None:
        np.testing.assert_allclose(names["by_hand"].detach().numpy(), shown.outputs, atol=1e-6)
        assert shown.n_parameters == 2 * asked.n_channels
        assert shown.n_buffers == 2 * asked.n_channels + 1


@pytest.mark.parametrize("kind", ["layer", "instance"])
def test_the_code_of_the_table_gives_the_same_numbers(kind):
    asked = WHICH.settings(kind=kind, contrast=4.0)
    names, around = ran(WHICH.code(asked)), measured(WHICH, asked)
    for name, found in names["found"].items():
        assert np.atleast_1d(found)[-1] == pytest.approx(around.moved_K[name][-1], abs=1e-5)


def test_the_code_of_the_noise_gives_the_same_accuracy():
    names = ran(WHY.code(WHY.settings(story="noise")))
    assert names["accuracy"] == pytest.approx(
        train_shifting("noisy", 0.5, 0.3, 200, 0).test_accuracy, abs=1e-6
    )


def test_what_is_not_back_is_not_claimed():
    """Sentences say how many seeds there are; a picture of a part can be drawn."""
    one = [try_out(Trial("rates", kind, 0.1, 32, 3, 0)) for kind in ("none", "batch")]
    for story in STORIES:
        asked = WHY.settings(story=story)
        calls = WHY.measure.calls(asked, [])
        shifting = [train_shifting(lane, 0.5, 0.3, 20, 0) for lane in ("none", "batch", "noisy")]
        results = shifting if story == "noise" else one
        for part in (results[:1], results):
            shown = WHY.measure.collect(asked, part)
            notice = told(WHY.notice(asked, shown), is_full=True)
            assert "nan" not in notice
            for panel in (*WHY.picture(asked, shown), *WHY.panels(asked, shown)):
                panel.wired()
        assert "1 seed of 3 so far" in notice
        assert len(WHY.measure.calls(asked, results)) <= len(calls)


def test_trainings_that_diverge_are_told_and_not_compared():
    asked = WHY.settings(story="noise")
    lanes = ("none", "batch", "noisy")
    records = [train_shifting(lane, 0.5, 0.3 if lane != "none" else 1e4, 20, 0) for lane in lanes]
    shown = WHY.measure.collect(asked, records)
    assert "1 of 3 trainings diverged" in WHY.notice(asked, shown)
    for panel in (*WHY.picture(asked, shown), *WHY.panels(asked, shown)):
        panel.wired()


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_of_the_table_s_trainings_can_be_shown(kind):
    asked = WHICH.settings(kind=kind)
    calls = WHICH.measure.calls(asked, [])
    function, arguments = calls[0]
    if kind in ("batch", "group"):
        arguments = (Trial("dense", "batch", 0.001, 2, 3, 0),)
    results = [function(*arguments)]
    shown = WHICH.measure.collect(asked, results)
    assert len(WHICH.measure.calls(asked, results)) == len(calls) - 1
    assert "nan" not in WHICH.notice(asked, shown)
    for panel in WHICH.picture(asked, shown):
        panel.wired()
    assert len(WHICH.table(asked, shown)) == 4


def test_try_it_in_training_opens_the_playground(visit):
    app = opened(visit, CELLS, shape="image", kind="group", groups=2)
    app = app.button("exhibit.normalization.try").click().run()
    assert not app.exception
    edited = app.session_state["nnviz.document"]
    assert edited["network"]["normalization"] == "group"
    assert edited["network"]["groups"] == 2


def test_compare_opens_without_and_with_it():
    asked = WHY.settings()
    assert [lane.name for lane in WHY.lanes(asked).lanes] == ["no normalization", "BatchNorm"]


@st.composite
def any_cells(draw):
    channels = draw(st.integers(1, 8))
    row = st.lists(st.floats(-9, 9), min_size=channels, max_size=channels)
    return CellsSettings(
        shape=draw(st.sampled_from(("image", "signal", "table"))),
        kind=draw(st.sampled_from(KINDS)),
        groups=draw(st.integers(1, 8)),
        n_samples=draw(st.integers(1, 8)),
        n_channels=channels,
        height=draw(st.integers(1, 8)),
        width=draw(st.integers(1, 8)),
        table=tuple(map(tuple, draw(st.lists(row, min_size=1, max_size=8)))),
        n=draw(st.integers(0, 7)),
        c=draw(st.integers(0, 7)),
        n_kept=draw(st.integers(1, 8)),
    )


@given(any_cells())
@settings(max_examples=60)
def test_whatever_block_is_asked_has_words_a_code_and_an_experiment(asked):
    shown = measured(CELLS, asked)
    notice = CELLS.notice(asked, shown)
    assert len(notice) > 40
    assert "nan" not in notice
    assert CELLS.picture(asked, shown).facts["index"] == asked.index
    assert CELLS.experiment(asked).network.normalization in KINDS
    compile(CELLS.code(asked), "page", "exec")
