"""The dropout page: what its exhibits say and do by hand, and code that gives their numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.experiments.dropout.batch_norm_shift import MOMENTS
from nnviz.experiments.dropout.channels import FILTERS, LAYERS
from nnviz.figures.dropout_network import UNITS
from nnviz.spec.code import encoded
from nnviz.ui.charts import ChartClick
from nnviz.ui.exhibits.dropout import EXHIBITS, channels, masks
from nnviz.ui.exhibits.words import told
from tests.pages.reader import measured

BY_NAME = {exhibit.name: exhibit for exhibit in EXHIBITS}
SHAPES, ORDERS = list(LAYERS), ["dropout_first", "batch_norm_first"]


@pytest.fixture
def page(visit):
    """Open the page on an exhibit with these settings."""

    def opened(view, **asked):
        return visit("dropout", lab=encoded({"view": view, "settings": asked}, {}))

    return opened


def shown(name, **asked):
    """An exhibit, valid settings of it, and what it measures."""
    exhibit = BY_NAME[name]
    own = exhibit.settings(**asked)
    return exhibit, own, measured(exhibit, own)


def executed(name, **asked):
    """The names that the code leaves, and what the page measured."""
    exhibit, own, record = shown(name, **asked)
    names = {}
    state = torch.get_rng_state()
    exec(compile(exhibit.code(own), name, "exec"), names)  # noqa: S102
    torch.set_rng_state(state)
    return names, record


def notice(name, **asked):
    exhibit, own, record = shown(name, **asked)
    return told(exhibit.notice(own, record), is_full=True)


def test_another_mask_keeps_the_network_and_changes_the_pass(page):
    app = page("masks")
    before = [found.value for found in app.metric]
    next(button for button in app.button if button.label == "Another mask").click().run()
    assert not app.exception
    after = [found.value for found in app.metric]
    assert after[0] != before[0]
    assert after[1:] == before[1:]


def test_a_link_of_the_earlier_page_opens_its_view_with_its_settings(visit):
    app = visit("dropout", lab=encoded({"view": "shift", "q": 0.3, "order": ORDERS[1]}, {}))
    assert not app.exception
    kept = app.session_state["nnviz.exhibits.dropout"]
    assert kept["view"] == "shift"
    assert (kept["shift"]["q"], kept["shift"]["order"]) == (0.3, ORDERS[1])


def test_channel_dropout_of_a_table_is_refused_on_the_page(page):
    app = page("channels", shape="table")
    assert not app.exception
    assert "whole samples" in app.error[0].value


def test_try_it_in_training_opens_the_playground(page):
    app = page("masks", q=0.3)
    app = app.button("exhibit.dropout.try").click().run()
    assert not app.exception
    assert app.session_state["nnviz.document"]["network"]["dropout"] == 0.3


def test_a_click_drops_a_unit_and_another_one_brings_it_back():
    exhibit, own, before = shown("masks", width=5, draw=2)
    clicked = ChartClick("network", UNITS + 2, 3, 2.0, 0.5)
    turned = own.model_copy(update=masks.click(own, clicked))
    after = exhibit.measure(turned)
    assert (after.layers[2].kept_D != before.layers[2].kept_D).tolist() == [0, 0, 0, 1, 0]
    assert (after.layers[1].training_D == before.layers[1].training_D).all()
    assert after.outputs.mean == before.outputs.mean
    assert masks.click(turned, clicked) == {"by_hand": []}


@pytest.mark.parametrize("shape", ["image", "signal", "volume"])
def test_a_click_drops_a_channel_of_one_sample(shape):
    _, own, before = shown("channels", shape=shape)
    figure = channels.picture(own, before)[1].figure
    ticks = [figure["layout"][name]["tickvals"] for name in ("xaxis", "yaxis")]
    clicked = ChartClick("channel", 0, [0, 0], ticks[0][4] + 0.1, ticks[1][2] - 0.1)
    after = channels.measure(own.model_copy(update=channels.click(own, clicked)))
    axes = tuple(range(2, before.before.ndim))
    changed_NC = (after.channel_kept != before.channel_kept).all(axis=axes)
    assert changed_NC[2, 4]
    assert changed_NC.sum() == 1
    assert (after.elementwise == before.elementwise).all()


def test_the_passes_that_play_are_those_whose_outputs_pile_up():
    exhibit, own, record = shown("masks")
    for number, layers in record.passes.items():
        assert layers[-1].training_D[0] == record.outputs_M[number - 1]
    frames = exhibit.play.frames(own, record)
    assert frames[-1].words == f"After 4,000 masks the mean is {record.outputs.mean:.3f}"


def test_the_training_of_the_curve_plays_from_its_start_to_its_end():
    exhibit, own, record = shown("uncertainty", n_steps=40)
    frames = exhibit.play.frames(own, record)
    assert (frames[0].words, frames[-1].words) == ("Step 0", "Step 40")
    assert [each.n_steps for each in record.before] == sorted({e.n_steps for e in record.before})
    assert record.train_loss < record.before[0].train_loss


def test_words_follow_the_numbers():
    assert "exactly the mean over all masks" in notice("masks", depth=1)
    assert "approximation" in notice("masks", depth=3)
    assert "nothing is dropped" in notice("masks", q=0.0)
    assert "no shift" in notice("shift", q=0.0)
    assert "remedy of Li" in notice("shift", order="batch_norm_first")
    assert "no spread" in notice("uncertainty", q=0.0, n_steps=5)
    assert "In the gap" not in notice("uncertainty", gap_width=0.0, n_steps=5)


@pytest.mark.parametrize("by_hand", [(), (0, 3, 5, 12)])
@pytest.mark.parametrize("depth", [1, 3])
def test_the_code_of_masks_gives_the_same_numbers(depth, by_hand):
    names, record = executed("masks", depth=depth, input_q=0.2, draw=4, by_hand=by_hand)
    assert float(names["evaluation"]) == record.evaluation_output
    assert float(names["training"]) == record.layers[-1].training_D[0]
    np.testing.assert_array_equal(names["outputs"].numpy()[:, 0], record.outputs_M)


def test_the_code_of_variances_gives_the_same_numbers():
    names, record = executed("variance", q=0.3)
    assert float(names["dropped"].var(correction=0)) == pytest.approx(record.training.variance)
    assert float(names["difference"]) == pytest.approx(record.linear_difference)
    assert float(names["theory"]) == pytest.approx(record.expected_linear_difference)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_code_of_channels_gives_the_same_numbers(shape):
    by_hand = () if shape == "table" else (1, 16)
    names, record = executed("channels", shape=shape, first=7, draw=2, by_hand=by_hand)
    np.testing.assert_allclose(names["maps"].numpy(), record.before)
    np.testing.assert_allclose(names["elementwise"].numpy(), record.elementwise)
    np.testing.assert_allclose(names["channel"].numpy(), record.channel)


def test_the_code_of_alpha_dropout_gives_the_same_numbers():
    names, record = executed("alpha", n_layers=4)
    assert float(names["alpha"].mean()) == pytest.approx(record.alpha.mean)
    assert names["deviations"] == pytest.approx(record.std_KL[:, -1])


@pytest.mark.parametrize("inputs", list(MOMENTS))
@pytest.mark.parametrize("order", ORDERS)
def test_the_code_of_the_variance_shift_gives_the_same_numbers(inputs, order):
    names, record = executed("shift", inputs=inputs, order=order)
    assert float(names["ratio"]) == pytest.approx(record.ratio)
    deviation = np.sqrt(record.output_evaluation.variance)
    assert float(names["outputs"].std()) == pytest.approx(deviation, rel=1e-4)


def test_the_code_of_the_uncertainty_gives_the_same_numbers():
    names, record = executed("uncertainty", q=0.1, n_steps=60)
    np.testing.assert_allclose(names["mean"].numpy(), record.mean_G, atol=1e-5)
    np.testing.assert_allclose(names["deviation"].numpy(), record.std_G, atol=1e-5)


def test_looking_elsewhere_trains_nothing_anew():
    exhibit = BY_NAME["uncertainty"]
    here, there = exhibit.settings(at=-1.0), exhibit.settings(at=1.0)
    assert exhibit.measure.question(here) == exhibit.measure.question(there)
    assert exhibit.measure.question(here) != exhibit.measure.question(exhibit.settings(q=0.2))


UNITS_BY_HAND = st.lists(st.integers(0, 33), unique=True, max_size=6)
ASKED = {
    "masks": {
        "width": st.integers(1, 10), "depth": st.integers(1, 3),
        "input_q": st.sampled_from([0.0, 0.9]), "by_hand": UNITS_BY_HAND,
    },
    "variance": {
        "mean": st.floats(-5, 5), "std": st.sampled_from([0.0, 0.1, 5.0]),
        "n_inputs": st.integers(1, 32),
    },
    "channels": {
        "shape": st.sampled_from(SHAPES), "first": st.integers(0, 400),
        "by_hand": st.lists(st.integers(0, 3 * len(FILTERS) - 1), unique=True, max_size=6),
    },
    "alpha": {"n_layers": st.integers(1, 16)},
    "shift": {"inputs": st.sampled_from(list(MOMENTS)), "order": st.sampled_from(ORDERS)},
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
@given(data=st.data())
@settings(max_examples=12)
def test_whatever_is_asked_has_words_charts_and_an_experiment(name, data):
    asked = {field: data.draw(values) for field, values in ASKED[name].items()}
    exhibit, own, record = shown(name, q=data.draw(st.sampled_from([0.0, 0.05, 0.5, 0.9])), **asked)
    words = told(exhibit.notice(own, record), is_full=True)
    assert len(words) > 40
    assert "nan" not in words
    assert all(panel.wired() for panel in exhibit.picture(own, record))
    assert exhibit.experiment(own).network.dropout == own.q
