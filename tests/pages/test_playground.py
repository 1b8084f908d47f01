"""The Playground keeps to what its reader asks for, and survives everything that can be asked."""

import time

import pytest

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.datasets import DATASETS
from nnviz.presets import PRESETS
from nnviz.runs import registry
from nnviz.spec import ExperimentSpec


def run_of(app):
    return registry().get(app.session_state["nnviz.run"])


def widget(group, ending):
    return next(found for found in group if found.key and found.key.endswith(ending))


def waited(run, is_so, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not is_so(run):
        time.sleep(0.05)
    assert is_so(run), (run.status, run.message, run.current_step)


def test_the_settings_in_an_address_are_opened(visit):
    spec = PRESETS["spirals"].spec
    app = visit("playground", code=spec.to_code())
    assert not app.exception
    assert run_of(app).lanes[0] == spec


def test_an_address_whose_run_is_gone_says_so_and_opens_its_settings(visit):
    spec = PRESETS["spirals"].spec
    app = visit("playground", code=spec.to_code(), run="gone")
    assert "is gone" in app.toast[0].value
    assert run_of(app).lanes[0] == spec


def test_another_readers_run_gives_its_settings_without_a_word(visit):
    spec = PRESETS["spirals"].spec
    theirs = registry().create([spec], "another reader")
    app = visit("playground", code=spec.to_code(), run=theirs.id)
    assert not app.toast
    assert run_of(app) is not theirs
    registry().drop(theirs.id)


def test_refused_settings_in_an_address_are_told_with_the_reason(visit):
    app = visit("playground", code="1." + "A" * 20_000)
    assert "too long" in app.toast[0].value
    assert not app.exception


def test_a_batch_larger_than_the_data_is_said(visit):
    spec = ExperimentSpec.model_validate(
        {"data": {"name": "moons", "n_samples": 80}, "training": {"batch_size": 512}}
    )
    app = visit("playground", code=spec.to_code())
    assert any("one batch of all 60 points (512 asked for)" in text.value for text in app.markdown)


def test_step_takes_one_update_and_train_many(visit):
    app = visit("playground")
    app.button("transport.step").click().run()
    run = run_of(app)
    waited(run, lambda run: run.current_step == 1 and run.status != "running")
    app.run()
    assert app.metric[0].value == "1"
    app.button("transport.train").click().run()
    waited(run, lambda run: run.current_step > 50)
    app.run()
    assert int(app.metric[0].value.replace(",", "")) > 1
    app.button("transport.train").click().run()
    assert run.status in ("paused", "finished")
    assert not app.exception


def test_another_learning_rate_continues_and_another_width_starts_anew(visit):
    app = visit("playground")
    first = run_of(app)
    rate = widget(app.selectbox, "training.optimizer.learning_rate")
    rate.select("0.03").run()
    assert run_of(app) is first
    assert first.lanes[0].training.optimizer.learning_rate == 0.03
    assert "goes on" in app.toast[0].value
    widget(app.number_input, ".width").set_value(5).run()
    second = run_of(app)
    assert second is not first
    assert second.lanes[0].network.blocks[0].width == 5
    assert registry().get(first.id) is None
    assert "new run" in app.toast[0].value


@pytest.mark.parametrize("name", DATASETS)
def test_every_data_set_can_be_chosen(visit, name):
    app = visit("playground")
    widget(app.selectbox, "data.name").select(name).run()
    assert not app.exception
    assert not app.error
    assert run_of(app).lanes[0].data.name == name


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_opens(visit, name):
    app = visit("playground")
    app.selectbox("playground.preset").select(name).run()
    assert not app.exception
    assert run_of(app).lanes[0] == PRESETS[name].spec


def test_every_activation_can_be_chosen(visit):
    app = visit("playground")
    for name in ACTIVATIONS:
        widget(app.selectbox, "network.activation").select(name).run()
        assert not app.exception
        assert run_of(app).lanes[0].network.activation == name


def test_blocks_are_added_and_removed_down_to_a_linear_model(visit):
    app = visit("playground")
    widget(app.button, "network.add.dense").click().run()
    assert run_of(app).lanes[0].network.depth == 3
    for _ in range(3):
        widget(app.button, ".remove").click().run()
    assert run_of(app).lanes[0].network.depth == 0
    assert not app.exception


def test_what_does_not_fit_is_said_and_nothing_is_lost(visit):
    app = visit("playground")
    before = run_of(app)
    for number in [w for w in app.number_input if w.key.endswith(".width")]:
        number.set_value(1024)
    app.run()
    widget(app.button, "network.add.dense").click().run()
    assert any("2,000,000" in error.value for error in app.error)
    after = run_of(app)
    assert after.lanes[0].n_parameters <= 2_000_000
    assert before.owner == after.owner


@pytest.mark.parametrize("code", ["", "1.", "1.AAAA", "2.x", "💥", "1." + "A" * 9000, "../../x"])
def test_a_broken_address_opens_the_defaults(visit, code):
    app = visit("playground", code=code, run="no-such-run")
    assert not app.exception
    assert run_of(app).current_step == 0


def test_another_readers_run_is_not_given_out(visit):
    mine = run_of(visit("playground"))
    stranger = visit("playground", run=mine.id)
    assert run_of(stranger) is not mine


def test_choosing_group_normalization_sets_groups_that_work(visit):
    """Two layers of 8 units: 4 groups would be pairs, of which only the order is left."""
    app = visit("playground")
    widget(app.selectbox, "network.normalization").set_value("group").run()
    assert run_of(app).lanes[0].network.groups == 2
    assert widget(app.number_input, "network.groups").value == 2
    assert not app.warning


def test_what_will_hardly_learn_is_said_with_what_would_do(visit):
    spec = ExperimentSpec.model_validate({"network": {"normalization": "group"}})
    app = visit("playground", code=spec.to_code())
    assert any("use 1 or 2" in warning.value for warning in app.warning)
    assert run_of(app).lanes[0].network.groups == 4
