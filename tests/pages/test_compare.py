"""Compare keeps its lanes paired, says what differs, and survives everything that can be asked."""

import pytest

from nnviz.experiments.comparisons import COMPARISONS, DEFAULT_COMPARISON
from tests.pages.reader import Reader, waited


def reader_of(app):
    return Reader(app, "compare")


def run_of(app):
    return reader_of(app).run


def comparison_of(app):
    return app.session_state["nnviz.compare.valid"]


def sweep_of(app):
    return app.session_state["nnviz.compare.repetition"].sweep


def widget(group, ending):
    return next(found for found in group if found.key and found.key.endswith(ending))


def words(app):
    return " ".join(found.value for found in app.markdown).replace("\\", "")


def test_it_opens_on_no_normalization_before_and_after(visit):
    app = visit("compare")
    assert not app.exception
    run = run_of(app)
    assert [lane.network.normalization for lane in run.lanes] == ["none", "batch", "batch"]
    assert [lane.network.placement for lane in run.lanes][1:] == ["before", "after"]
    assert comparison_of(app).experiments == run.lanes
    assert "2 settings differ, one from lane to lane" in words(app)


def test_training_moves_all_lanes_together(visit):
    app = visit("compare")
    reader = reader_of(app)
    run = reader.go_to(1)
    assert reader.facts["table"]["head"][0] == "step 1"
    assert {snapshot.step for snapshot in run.history.latest} == {1}
    reader.press("pace", pace="max")
    reader.press("train")
    waited(lambda: run.status == "finished")
    assert reader.facts["table"]["head"][0] == "step 1,000"


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_comparison_opens(visit, name):
    app = visit("compare")
    app.selectbox("compare.preset").select(name).run()
    assert not app.exception
    assert not app.error
    assert comparison_of(app) == COMPARISONS[name].spec
    assert run_of(app).lanes == COMPARISONS[name].spec.experiments


def test_lanes_are_added_copied_named_and_removed(visit):
    app = visit("compare")
    app.button("compare.add").click().run()
    assert comparison_of(app).names[-1] == "BatchNorm after 2"
    assert not [b for b in app.button if b.key == "compare.add"]
    widget(app.text_input, ".name").set_value("plain").run()
    assert comparison_of(app).names[0] == "plain"
    for expected in (3, 2):
        next(b for b in app.button if b.label == "Remove lane").click().run()
        assert len(run_of(app).lanes) == expected
    assert all(b.disabled for b in app.button if b.label == "Remove lane")
    assert not app.exception


def test_a_lane_gets_a_setting_of_its_own_and_gives_it_back(visit):
    app = visit("compare")
    chooser = [box for box in app.selectbox if box.label.startswith("Give this lane")][1]
    chooser.select("training.optimizer.learning_rate").run()
    rates = [box for box in app.selectbox if box.label == "Learning rate"]
    next(box for box in rates if ".lane." in box.key).select("0.03").run()
    assert not app.exception
    found = [lane.training.optimizer.learning_rate for lane in run_of(app).lanes]
    base = COMPARISONS[DEFAULT_COMPARISON].spec.base.training.optimizer.learning_rate
    assert found == [base, 0.03, base]
    assert "every lane starts at step 0" in app.toast[0].value
    closing = [b for b in app.button if b.key and ".lane." in b.key and b.key.endswith(".remove")]
    own = next(b for b in closing if b.help == "As the base again" and b is not closing[0])
    own.click().run()
    assert not app.exception


def test_a_change_of_the_base_changes_every_lane_of_the_same_run(visit):
    app = visit("compare")
    run = run_of(app)
    widget(app.selectbox, "network.activation").select("tanh").run()
    assert [lane.network.activation for lane in run_of(app).lanes] == ["tanh"] * 3
    assert run_of(app) is run


def test_undo_brings_lanes_back_with_their_names_and_steps(visit):
    app = visit("compare")
    reader = reader_of(app)
    run = reader.go_to(8)
    widget(app.text_input, ".name").set_value("plain").run()
    before = comparison_of(app)
    app.button("compare.add").click().run()
    assert (len(run.lanes), run.current_step) == (4, 0)
    reader.press("undo")
    assert comparison_of(app) == before
    assert run.lanes == before.experiments
    assert reader.facts["table"]["head"][0] == "step 8"
    reader.press("redo")
    assert comparison_of(app).names == (*before.names, "BatchNorm after 2")
    assert not app.exception


def test_a_fork_of_all_lanes_shows_what_was_before_under_each(visit):
    app = visit("compare")
    reader = reader_of(app)
    run = reader.go_to(8)
    left = run.path
    rates = [box for box in app.selectbox if box.label == "Learning rate"]
    next(box for box in rates if ".lane." not in box.key).select("0.03").run()
    assert "every lane goes on from step 8" in app.toast[0].value
    assert [lane[-1].step for lane in run.ghost(left)] == [8, 8, 8]
    assert reader.viewer.ghost is left
    assert not app.exception


def test_what_does_not_fit_is_said_and_the_lanes_stay(visit):
    app = visit("compare")
    before = run_of(app)
    widget(app.number_input, "training.batch_size").set_value(1).run()
    assert any("single number" in error.value for error in app.error)
    assert run_of(app) is before
    assert not app.exception
    widget(app.text_input, ".name").set_value("BatchNorm after").run()
    assert run_of(app) is before
    assert app.error


@pytest.mark.parametrize("code", ["", "1.", "1.AAAA", "2.x", "💥", "1." + "A" * 9000, "../../x"])
def test_a_broken_address_opens_the_default(visit, code):
    app = visit("compare", compare=code, run="no-such-run", sweep="no-such-sweep")
    assert not app.exception
    assert comparison_of(app) == COMPARISONS["placement_relu"].spec


def test_the_address_opens_the_same_lanes_elsewhere_and_not_the_run(visit):
    app = visit("compare")
    app.selectbox("compare.preset").select("sgd_adam").run()
    stranger = visit("compare", compare=comparison_of(app).to_code(), run=run_of(app).id)
    assert comparison_of(stranger) == comparison_of(app)
    assert run_of(stranger) is not run_of(app)


def test_both_modes_are_measured_where_the_run_stands(visit):
    app = visit("compare")
    app.segmented_control("compare.part").set_value("modes").run()
    reader = reader_of(app)
    reader.go_to(1)
    waited(lambda: reader.facts["words"])
    assert "Expected more than 1 value per channel" in " ".join(reader.facts["words"])
    assert not app.exception


def test_a_repetition_ends_in_a_verdict(visit):
    app = visit("compare")
    app.selectbox("compare.preset").select("linear_collapse").run()
    app.segmented_control("compare.part").set_value("seeds").run()
    app.number_input("compare.n_seeds").set_value(3).run()
    widget(app.number_input, "compare.to_step.1000").set_value(40).run()
    app.button("compare.repeat").click().run()
    sweep = sweep_of(app)
    waited(lambda: not sweep.is_live)
    app.run()
    assert not app.exception
    assert sweep.status == "finished"
    reader = reader_of(app)
    waited(lambda: reader.run.history.steps)
    told = " ".join(reader.facts["words"])
    assert "Too few seeds to tell: 3 of at least 7" in told
    assert "At the end, no difference is supported." in told
    assert "exchangeable lanes" in told
    app.segmented_control("compare.part").set_value("views").run()
    assert not reader.facts["words"]
    assert not app.exception


def test_a_repetition_can_be_cancelled(visit):
    app = visit("compare")
    waited(lambda: run_of(app).history.steps)
    app.segmented_control("compare.part").set_value("seeds").run()
    app.number_input("compare.n_seeds").set_value(32).run()
    app.button("compare.repeat").click().run()
    app.button("compare.cancel").click().run()
    assert sweep_of(app).status == "cancelled"
    assert "Cancelled; what had arrived is shown." in reader_of(app).state["repetition"]["troubles"]
    assert not app.exception


def test_the_playground_keeps_its_own_experiment(visit):
    app = visit("compare")
    app.switch_page("../../pages/playground.py").run()
    assert app.session_state["nnviz.document"]["data"]["name"] == "moons"
    assert Reader(app, "playground").run is not run_of(app)
    app.switch_page("../../pages/compare.py").run()
    assert comparison_of(app) == COMPARISONS["placement_relu"].spec
    assert not app.exception


def test_axes_freeze(visit):
    app = visit("compare")
    assert not reader_of(app).viewer.asked.is_frozen
    app.checkbox("compare.freeze").set_value(True).run()
    assert reader_of(app).viewer.asked.is_frozen
    assert not app.exception
