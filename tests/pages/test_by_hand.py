"""What was done by hand is part of the settings that the Playground edits."""

from __future__ import annotations

from tests.pages.reader import Reader, waited


def test_it_stays_with_other_settings_of_the_training_and_goes_with_the_network(visit):
    app = visit("playground")
    reader = Reader(app, "playground")
    reader.go_to(2)
    reader.press("by_hand", what="off", layer="dense1", unit=3)
    assert not app.exception
    assert not app.error
    waited(lambda: reader.run.current_step == 3)
    (done,) = reader.run.lanes[0].training.by_hand
    assert (done.step, done.do, done.layer, done.unit) == (2, "off", "dense1", 3)
    widget = next(found for found in app.number_input if found.key.endswith("training.batch_size"))
    widget.set_value(20).run()
    assert reader.run.lanes[0].training.batch_size == 20
    assert reader.run.lanes[0].training.by_hand == (done,)
    assert reader.state["by_hand"]["off"] == [["dense1", 3]]
    width = next(found for found in app.number_input if found.label == "Units")
    width.set_value(3).run()
    assert not app.error
    assert reader.run.lanes[0].network.blocks[0].width == 3
    assert reader.run.lanes[0].training.by_hand == ()
    reader.press("undo")
    assert reader.run.lanes[0].training.by_hand == (done,)
