"""The dropout page: six views at their extremes, and code that gives the page's numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.spec.code import encoded
from nnviz.ui.labs.dropout import INPUTS, ORDERS, SHAPES, VIEWS, DropoutSettings
from nnviz.ui.labs.dropout_code import code_for, experiment_for
from nnviz.ui.labs.dropout_views import measure, panels
from nnviz.ui.labs.dropout_words import noticing


@pytest.fixture
def lab(visit):
    """Open the page, with these settings in its address if any are given."""

    def open_lab(**asked):
        document = DropoutSettings(**asked).model_dump(mode="json")
        code = encoded(document, DropoutSettings().model_dump(mode="json"))
        return visit("dropout", **({"lab": code} if asked else {}))

    return open_lab


def find(group, ending):
    return next(found for found in group if found.key and found.key.endswith(ending))


@pytest.mark.parametrize("view", list(VIEWS))
@pytest.mark.parametrize("q", [0.0, 0.5, 0.9])
def test_every_view_at_every_extreme_of_q(lab, view, q):
    app = lab(view=view, q=q, n_steps=50)
    assert not app.exception
    assert not app.error
    assert any("What to notice" in found.value for found in app.subheader)


def test_another_mask_keeps_the_network_and_changes_the_pass(lab):
    app = lab()
    before = [found.value for found in app.markdown]
    app = app.button("lab.dropout.another").click().run()
    assert not app.exception
    assert [found.value for found in app.markdown] != before


def test_channel_dropout_of_a_table_is_refused_on_the_page(lab):
    app = lab(view="channels", shape="table")
    assert not app.exception
    assert "whole samples" in app.error[0].value


@pytest.mark.parametrize("shape", list(SHAPES))
def test_channels_of_every_shape(lab, shape):
    assert not lab(view="channels", shape=shape, first=400).exception


def test_sliders_answer(lab):
    app = lab()
    for value in (0.0, 0.9, 0.35):
        app = find(app.slider, ".q").set_value(value).run()
        assert not app.exception
    app = find(app.number_input, ".depth").set_value(1).run()
    assert "exactly the mean over all masks" in " ".join(found.value for found in app.markdown)


@pytest.mark.parametrize("hostile", ["", "1.", "x", "1.AAAA", "1." + "A" * 9000])
def test_hostile_codes_open_the_defaults(visit, lab, hostile):
    lab()
    app = visit("dropout", lab=hostile)
    assert not app.exception


def test_try_it_in_training_opens_the_playground(lab):
    app = lab(q=0.3)
    app = app.button("lab.dropout.try").click().run()
    assert not app.exception
    assert app.session_state["nnviz.document"]["network"]["dropout"] == 0.3


def executed(asked):
    names = {}
    state = torch.get_rng_state()
    exec(compile(code_for(asked), "lab", "exec"), names)  # noqa: S102
    torch.set_rng_state(state)
    return names


@pytest.mark.parametrize("depth", [1, 3])
def test_the_code_of_masks_gives_the_same_numbers(depth):
    asked = DropoutSettings(view="masks", depth=depth, input_q=0.2, draw=4)
    names, shown = executed(asked), measure(asked)
    assert float(names["evaluation"]) == shown.evaluation_output
    assert float(names["training"]) == shown.layers[-1].training_D[0]
    assert float(names["outputs"].mean()) == pytest.approx(shown.outputs.mean)


def test_the_code_of_variances_gives_the_same_numbers():
    asked = DropoutSettings(view="variance", q=0.3)
    names, shown = executed(asked), measure(asked)
    assert float(names["dropped"].var(correction=0)) == pytest.approx(shown.training.variance)
    assert float(names["difference"]) == pytest.approx(shown.linear_difference)
    assert float(names["theory"]) == pytest.approx(shown.expected_linear_difference)


@pytest.mark.parametrize("shape", list(SHAPES))
def test_the_code_of_channels_gives_the_same_numbers(shape):
    asked = DropoutSettings(view="channels", shape=shape, first=7, draw=2)
    names, shown = executed(asked), measure(asked)
    np.testing.assert_allclose(names["maps"].numpy(), shown.before)
    np.testing.assert_array_equal(names["elementwise"] != 0, shown.elementwise != 0)


def test_the_code_of_alpha_dropout_gives_the_same_numbers():
    asked = DropoutSettings(view="alpha", n_layers=4)
    names, shown = executed(asked), measure(asked)
    assert float(names["alpha"].mean()) == pytest.approx(shown.alpha.mean)
    assert names["deviations"] == pytest.approx(shown.std_KL[:, -1])


@pytest.mark.parametrize("inputs", list(INPUTS))
@pytest.mark.parametrize("order", list(ORDERS))
def test_the_code_of_the_variance_shift_gives_the_same_numbers(inputs, order):
    asked = DropoutSettings(view="shift", inputs=inputs, order=order)
    names, shown = executed(asked), measure(asked)
    assert float(names["ratio"]) == pytest.approx(shown.ratio)
    deviation = np.sqrt(shown.output_evaluation.variance)
    assert float(names["outputs"].std()) == pytest.approx(deviation, rel=1e-4)


def test_the_code_of_the_uncertainty_gives_the_same_numbers():
    asked = DropoutSettings(view="uncertainty", q=0.1, n_steps=60)
    names, shown = executed(asked), measure(asked)
    np.testing.assert_allclose(names["mean"].numpy(), shown.mean_G, atol=1e-5)
    np.testing.assert_allclose(names["deviation"].numpy(), shown.std_G, atol=1e-5)


@given(
    st.fixed_dictionaries(
        {
            "view": st.sampled_from([v for v in VIEWS if v != "uncertainty"]),
            "q": st.sampled_from([0.0, 0.05, 0.5, 0.9]),
            "width": st.integers(1, 10),
            "depth": st.integers(1, 3),
            "input_q": st.sampled_from([0.0, 0.9]),
            "mean": st.floats(-5, 5),
            "std": st.sampled_from([0.0, 0.1, 5.0]),
            "n_inputs": st.integers(1, 32),
            "shape": st.sampled_from(list(SHAPES)),
            "n_layers": st.integers(1, 16),
            "inputs": st.sampled_from(list(INPUTS)),
            "order": st.sampled_from(list(ORDERS)),
        }
    )
)
@settings(max_examples=60)
def test_whatever_is_asked_has_words_charts_and_an_experiment(asked):
    asked = DropoutSettings(**asked)
    shown = measure(asked)
    assert len(noticing(shown)) > 40
    assert "nan" not in noticing(shown)
    assert panels(shown)
    assert experiment_for(asked).network.dropout == asked.q
