"""The Playground keeps to what its reader asks for, and survives everything that can be asked."""

import time

import pytest

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.datasets import DATASETS
from nnviz.presets import PRESETS
from nnviz.runs import shelf
from nnviz.spec import ExperimentSpec
from nnviz.ui.looking import FROM_STORE, look, note
from nnviz.ui.session import SCRUBBER


def run_of(app):
    return shelf().run(app.session_state["nnviz.run"])


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
    theirs = shelf().new_run([spec], "another reader")
    app = visit("playground", code=spec.to_code(), run=theirs.id)
    assert not app.toast
    assert run_of(app) is not theirs
    shelf().drop(theirs.id)


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
    app.button("transport.pause").click().run()
    assert run.status in ("paused", "finished")
    assert not app.exception


def rate_box(app):
    return widget(app.selectbox, "training.optimizer.learning_rate")


def rate_of(run):
    return run.lanes[0].training.optimizer.learning_rate


def gone_to(app, step):
    """The app's run, gone to this step and at rest."""
    run = run_of(app)
    run.step(step)
    waited(run, lambda run: run.status != "running" and run.current_step == step)
    waited(run, lambda run: run.look(step)[1])
    app.run()
    return run


def metric(app, label):
    return next(found for found in app.metric if found.label == label).value


def test_another_learning_rate_goes_on_and_another_width_starts_at_0_in_the_same_run(visit):
    app = visit("playground")
    run = gone_to(app, 20)
    rate_box(app).select("0.03").run()
    assert run_of(app) is run
    assert rate_of(run) == 0.03
    assert "goes on from step 20. Undo" in app.toast[0].value
    widget(app.number_input, ".width").set_value(5).run()
    assert run_of(app) is run
    assert run.lanes[0].network.blocks[0].width == 5
    assert run.current_step == 0
    assert "starts at step 0. Undo" in app.toast[0].value


def test_undo_and_redo_bring_settings_and_step(visit):
    app = visit("playground")
    assert app.button("transport.undo").disabled
    run = gone_to(app, 20)
    first = run.lanes
    widget(app.selectbox, "data.name").select("circles").run()
    waited(run, lambda run: run.look(0)[1])
    assert metric(app.run(), "Step") == "0"
    app.button("transport.undo").click().run()
    assert run.lanes == first
    assert widget(app.selectbox, "data.name").value == "moons"
    assert metric(app, "Step") == "20"
    assert app.button("transport.undo").disabled
    app.button("transport.redo").click().run()
    assert widget(app.selectbox, "data.name").value == "circles"
    assert metric(app, "Step") == "0"
    assert not app.exception


def test_undo_takes_back_an_opened_preset_and_its_name(visit):
    app = visit("playground")
    app.selectbox("playground.preset").select("spirals").run()
    app.button("transport.undo").click().run()
    assert app.selectbox("playground.preset").value is None
    app.button("transport.redo").click().run()
    assert app.selectbox("playground.preset").value == "spirals"
    assert not app.exception


def test_a_change_while_scrubbed_back_forks_there_and_looks_at_the_newest(visit):
    app = visit("playground")
    run = gone_to(app, 30)
    app.session_state["nnviz.scrubber"] = {SCRUBBER: 12}
    app.run()
    waited(run, lambda run: run.look(12)[1])
    app.run()
    assert metric(app, "Step") == "12"
    rate_box(app).select("0.1").run()
    assert "goes on from step 12" in app.toast[0].value
    assert (run.current_step, run.events[0].step) == (12, 12)
    assert app.session_state[f"{SCRUBBER}.pointed"] == (run.path, None)
    app.button("transport.undo").click().run()
    assert (run.current_step, rate_of(run)) == (30, 0.01)


def test_what_another_window_changed_is_edited_here_too(visit):
    app = visit("playground")
    run = run_of(app)
    other = PRESETS["spirals"].spec
    run.change([other])
    app.run()
    assert run.lanes == (other,)
    assert widget(app.selectbox, "data.name").value == other.data.name
    assert not app.exception


def test_back_one_step_and_a_step_forward_are_the_same_numbers(visit):
    app = visit("playground")
    assert app.button("transport.back").disabled
    run = gone_to(app, 10)
    loss = metric(app, "Test loss")
    app.button("transport.back").click().run()
    assert run.current_step == 9
    app.button("transport.step").click().run()
    waited(run, lambda run: run.current_step == 10 and run.look(10)[1])
    app.run()
    assert metric(app, "Test loss") == loss


def test_what_comes_from_the_store_has_no_speed(visit):
    app = visit("playground")
    run = gone_to(app, 40)
    run.reset()
    app.segmented_control("transport.speed").set_value("1/s").run()
    app.button("transport.train").click().run()
    assert run.is_from_store
    app.run()
    assert metric(app, "Updates/s") == "–"
    found = look(run, SCRUBBER)
    assert FROM_STORE in note(run, found)
    app.button("transport.pause").click().run()


def test_a_pause_that_comes_late_does_not_start_the_run_again(visit):
    app = visit("playground")
    run = run_of(app)
    run.set_speed(1.0)
    app.segmented_control("transport.speed").set_value("1/s").run()
    app.button("transport.train").click().run()
    late = app.button("transport.pause")
    run.pause()
    late.click().run()
    assert run.status == "paused"


def test_train_at_the_end_says_how_much_further_it_goes(visit):
    code = ExperimentSpec.model_validate({"training": {"n_steps": 10}}).to_code()
    app = visit("playground", code=code)
    gone_to(app, 10)
    button = app.button("transport.train")
    assert button.label == "Train on"
    assert "another 10 steps" in button.help


def test_the_way_left_lies_under_the_fork_until_it_is_put_away(visit):
    app = visit("playground")
    run = gone_to(app, 20)
    left = run.path
    rate_box(app).select("0.1").run()
    assert ghost_path(app, run) is left
    run.step(5)
    waited(run, lambda run: run.status != "running" and run.current_step == 25)
    app.run()
    app.button("transport.undo").click().run()
    assert ghost_path(app, run).told == "Changed learning rate 0.01 → 0.1"
    widget(app.button, ".ghost").click().run()
    assert ghost_path(app, run) is None
    widget(app.button, ".ghost").click().run()
    assert ghost_path(app, run) is not None
    assert not app.exception


def ghost_path(app, run):
    run_id, path = app.session_state[f"{SCRUBBER}.ghost"]
    assert run_id == run.id
    return path


def test_the_history_brings_a_way_back_with_its_settings(visit):
    app = visit("playground")
    run = gone_to(app, 20)
    widget(app.selectbox, "data.name").select("circles").run()
    assert "As it was opened" in " ".join(found.value for found in app.markdown)
    assert any("To step 20, paused. Test loss" in found.value for found in app.caption)
    next(b for b in app.button if b.label == "Go back to it").click().run()
    assert widget(app.selectbox, "data.name").value == "moons"
    assert run.current_step == 20


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
