"""The forms say what the spec's fields say, put blocks where they fit, and keep a preset's name."""

from __future__ import annotations

import pytest

from nnviz.catalog.datasets import DATASETS
from nnviz.experiments.comparisons import COMPARISONS
from nnviz.presets import PRESETS
from nnviz.spec import ExperimentSpec
from nnviz.spec.fields import described
from nnviz.ui.compare.fields import LANE_FIELDS
from nnviz.ui.controls.fields import LONGEST, brief
from nnviz.ui.controls.order import place_of_new

DIGITS = ExperimentSpec.model_validate(
    {"data": {"name": "digits"}, "network": {"blocks": [{"kind": "dense", "width": 16}]}}
)


def widget(group, ending):
    return next(found for found in group if found.key and found.key.endswith(ending))


def widgets(group, ending):
    return [found for found in group if found.key and found.key.endswith(ending)]


def kinds(app):
    return [block["kind"] for block in app.session_state["nnviz.document"]["network"]["blocks"]]


def add(app, kind):
    button = widget(app.button, f"network.add.{kind}")
    told = button.help
    button.click().run()
    return told


def test_new_blocks_stand_where_they_make_sense_and_say_so(visit):
    app = visit("playground", code=DIGITS.to_code())
    assert add(app, "convolution") == "Add a convolution block as number 1, before dense."
    assert add(app, "pool") == "Add a pool block as number 2, before dense."
    assert add(app, "dense") == "Add a dense block at the end, as number 4."
    assert kinds(app) == ["convolution", "pool", "dense", "dense"]
    assert not app.error
    assert not app.exception


@pytest.mark.parametrize(
    ("kind", "place"), [("convolution", 1), ("pool", 1), ("dense", 3), ("flatten", 1)]
)
def test_what_needs_an_image_goes_before_what_takes_it_away(kind, place):
    blocks = [{"kind": "convolution"}, {"kind": "flatten"}, {"kind": "dense"}]
    assert place_of_new(blocks, kind) == place


def test_blocks_move_up_and_down_as_far_as_the_ends(visit):
    app = visit("playground", code=DIGITS.to_code())
    add(app, "convolution")
    ups, downs = widgets(app.button, ".up"), widgets(app.button, ".down")
    assert [button.disabled for button in ups] == [True, False]
    assert [button.disabled for button in downs] == [False, True]
    assert all(button.help for button in (*ups, *downs))
    downs[0].click().run()
    assert kinds(app) == ["dense", "convolution"]
    assert any("convolution2: needs an image" in error.value for error in app.error)
    widgets(app.button, ".up")[1].click().run()
    assert kinds(app) == ["convolution", "dense"]
    assert not app.error


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_keeps_its_name_and_note_when_its_page_is_left_and_opened_anew(visit, name):
    def note(app):
        assert not app.exception
        assert app.selectbox("playground.preset").value == name
        return [caption.value for caption in app.caption if PRESETS[name].source in caption.value]

    app = visit("playground", code=PRESETS[name].spec.to_code())
    assert note(app)
    app.switch_page("../../pages/losses.py").run()
    app.switch_page("../../pages/playground.py").run()
    assert note(app)
    app.run()
    assert note(app)


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_comparison_keeps_its_name_and_note_when_its_address_is_opened(visit, name):
    app = visit("compare", compare=COMPARISONS[name].spec.to_code())
    assert not app.exception
    assert app.selectbox("compare.preset").value == name
    assert any(COMPARISONS[name].source in caption.value for caption in app.caption)


def test_numbers_of_a_form_have_the_bounds_of_their_fields(visit):
    app = visit("playground")
    for path in ("training.batch_size", "training.n_steps", "training.seed", "data.moons.seed"):
        told = described(ExperimentSpec, path.replace(".moons", ""))
        box = widget(app.number_input, path)
        assert (box.label, box.min, box.max) == (told.label, told.low, told.high)
        assert box.help == told.help


def test_every_setting_of_a_lane_has_a_name():
    assert all(field.label for field in LANE_FIELDS.values())
    labels = [field.label for field in LANE_FIELDS.values()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", DATASETS)
def test_names_in_boxes_are_shown_in_full(name):
    assert len(brief(name, DATASETS[name].description)) <= LONGEST


def test_a_length_is_offered_where_it_applies_and_follows_the_set(visit):
    app = visit("playground")
    assert not widgets(app.slider, ".length")
    widget(app.selectbox, "data.name").select("brackets").run()
    slider, told = widget(app.slider, ".length"), described(ExperimentSpec, "data.length")
    assert (slider.label, slider.value, slider.step) == (told.label, 12, 2)
    slider.set_value(20).run()
    data = app.session_state["nnviz.document"]["data"]
    assert (data["name"], data["length"]) == ("brackets", 20)
    assert not widgets(app.selectbox, ".scaling")  # tokens stay as they are
    widget(app.selectbox, "data.name").select("moons").run()
    assert app.session_state["nnviz.document"]["data"]["length"] is None
    assert widgets(app.selectbox, ".scaling")
    assert not app.error
    assert not app.exception


@pytest.mark.parametrize("name", [name for name, entry in DATASETS.items() if entry.token_names])
def test_tokens_bring_blocks_that_can_read_them_and_take_them_along(visit, name):
    app = visit("playground")
    before = kinds(app)
    widget(app.selectbox, "data.name").select(name).run()
    assert kinds(app)[0] == "embedding"
    each_place = DATASETS[name].per_position
    assert app.button("playground.bias_variance").disabled == each_place
    assert not app.error
    assert not app.exception
    widget(app.selectbox, "data.name").select("circles").run()
    assert kinds(app) == before
    assert not app.error


def test_the_gradient_is_clipped_where_it_is_asked_for(visit):
    app = visit("playground")
    box = widget(app.selectbox, "training.clip_norm")
    assert box.options == ["never", "above 0.1", "above 0.3", "above 1", "above 3", "above 10"]
    box.select(0.3).run()
    assert app.session_state["nnviz.document"]["training"]["clip_norm"] == 0.3
    unusual = ExperimentSpec.model_validate({"training": {"clip_norm": 2.5}})
    box = widget(visit("playground", code=unusual.to_code()).selectbox, "training.clip_norm")
    assert box.value == 2.5
    assert not app.exception
