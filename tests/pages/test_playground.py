"""The Playground keeps to what its reader asks for, and survives everything that can be asked."""

import pytest

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.datasets import DATASETS
from nnviz.presets import PRESETS
from nnviz.runs import shelf
from nnviz.spec import ExperimentSpec
from nnviz.ui import playground
from tests.pages.reader import Reader, waited


def reader_of(app):
    return Reader(app, "playground")


def run_of(app):
    return reader_of(app).run


def widget(group, ending):
    return next(found for found in group if found.key and found.key.endswith(ending))


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
    assert any("one batch of all 60 points (512 asked for)" in text.value for text in app.caption)


def test_step_takes_one_update_and_train_many(visit):
    reader = reader_of(visit("playground"))
    run = reader.run
    reader.press("step")
    waited(lambda: run.current_step == 1 and run.status != "running")
    assert reader.metric("Step") == "1"
    reader.press("train")
    waited(lambda: run.current_step > 50)
    assert int(reader.metric("Step").replace(",", "")) > 1
    reader.press("pause")
    assert run.status in ("paused", "finished")


def test_a_new_run_goes_at_a_pace_for_people(visit):
    run = run_of(visit("playground"))
    assert run.speed == run.lanes[0].training.n_steps / 20


def test_another_number_of_steps_keeps_the_20_seconds(visit):
    app = visit("playground")
    widget(app.number_input, "training.n_steps").set_value(400).run()
    assert run_of(app).speed == 20


def rate_box(app):
    return widget(app.selectbox, "training.optimizer.learning_rate")


def rate_of(run):
    return run.lanes[0].training.optimizer.learning_rate


def test_another_learning_rate_goes_on_and_another_width_starts_at_0_in_the_same_run(visit):
    app = visit("playground")
    run = reader_of(app).go_to(20)
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
    reader = reader_of(app)
    assert not reader.state["can_undo"]
    run = reader.go_to(20)
    first = run.lanes
    widget(app.selectbox, "data.name").select("circles").run()
    waited(lambda: run.look(0)[1])
    assert reader.metric("Step") == "0"
    reader.press("undo")
    assert run.lanes == first
    assert widget(app.selectbox, "data.name").value == "moons"
    assert reader.metric("Step") == "20"
    assert not reader.state["can_undo"]
    reader.press("redo")
    assert widget(app.selectbox, "data.name").value == "circles"
    assert reader.metric("Step") == "0"
    assert not app.exception


def test_undo_takes_back_an_opened_preset_and_its_name(visit):
    app = visit("playground")
    app.selectbox("playground.preset").select("spirals").run()
    reader_of(app).press("undo")
    assert app.selectbox("playground.preset").value is None
    reader_of(app).press("redo")
    assert app.selectbox("playground.preset").value == "spirals"
    assert not app.exception


def test_a_change_while_scrubbed_back_forks_there_and_looks_at_the_newest(visit):
    app = visit("playground")
    reader = reader_of(app)
    run = reader.go_to(30)
    reader.press("point", step=12)
    waited(lambda: run.look(12)[1])
    assert reader.metric("Step") == "12"
    rate_box(app).select("0.1").run()
    assert "goes on from step 12" in app.toast[0].value
    assert (run.current_step, run.events[0].step) == (12, 12)
    assert reader.viewer.position is None
    reader.press("undo")
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


def test_a_button_pressed_while_the_script_runs_is_not_taken_for_a_change(visit, monkeypatch):
    app = visit("playground")
    reader = reader_of(app)
    run = reader.go_to(10)
    rate_box(app).select("0.1").run()
    checked, presses = playground.checked_spec, [run.undo]

    def checked_spec():
        if presses:
            presses.pop()()
        return checked()

    monkeypatch.setattr(playground, "checked_spec", checked_spec)
    app.run()
    assert rate_of(run) == 0.01
    assert rate_box(app).value == "0.01"
    assert not run.events


def test_another_seed_is_shown_in_its_field(visit):
    app = visit("playground")
    reader_of(app).press("seed")
    seed = run_of(app).lanes[0].training.seed
    assert seed != 0
    assert widget(app.number_input, "training.seed").value == seed


def test_back_one_step_and_a_step_forward_are_the_same_numbers(visit):
    app = visit("playground")
    reader = reader_of(app)
    run = reader.go_to(10)
    loss = reader.metric("Test loss")
    reader.press("back")
    assert run.current_step == 9
    reader.go_to(10)
    assert reader.metric("Test loss") == loss


@pytest.mark.parametrize("step", [20, 0])
def test_the_way_left_lies_under_the_new_one_until_it_is_put_away(visit, step):
    app = visit("playground")
    reader = reader_of(app)
    run = reader.go_to(20)
    left = run.path
    if step:
        rate_box(app).select("0.1").run()
    else:
        widget(app.number_input, ".width").set_value(5).run()
    assert reader.viewer.ghost is left
    reader.go_to(step + 5)
    reader.press("undo")
    assert reader.viewer.ghost is not None
    assert reader.viewer.ghost.told.startswith("Changed")
    reader.press("ghost", way=None)
    assert reader.viewer.ghost is None
    assert not app.exception


def test_curves_on_other_data_do_not_lie_under(visit):
    app = visit("playground")
    reader_of(app).go_to(20)
    widget(app.selectbox, "data.name").select("circles").run()
    assert reader_of(app).viewer.ghost is None


def test_the_history_brings_a_way_back_with_its_settings(visit):
    app = visit("playground")
    reader = reader_of(app)
    run = reader.go_to(20)
    widget(app.selectbox, "data.name").select("circles").run()
    (way,) = reader.state["ways"]
    assert way["told"] == "As it was opened"
    assert way["ended"].startswith("To step 20, paused. Test loss")
    reader.press("return", way=way["id"])
    assert widget(app.selectbox, "data.name").value == "moons"
    assert run.current_step == 20


def test_a_layer_is_chosen_to_be_shown_in_detail(visit):
    app = visit("playground")
    assert reader_of(app).viewer.asked.layer == "dense1"
    widget(app.selectbox, "layer.dense1.dense2").select("dense2").run()
    assert reader_of(app).viewer.asked.layer == "dense2"


def test_the_views_chosen_are_those_that_are_shown(visit):
    app = visit("playground")
    pills = next(group for group in app.button_group if group.key.startswith("playground.views"))
    pills.set_value(["loss"]).run()
    assert reader_of(app).viewer.asked.names == ("loss",)
    assert not app.exception


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
