"""The attention page: every exhibit at its extremes, hostile addresses, code that agrees."""

import numpy as np
import pytest
import torch

from nnviz.spec.code import encoded
from nnviz.ui.exhibits.attention.by_hand import BY_HAND
from nnviz.ui.exhibits.attention.count import COUNT
from nnviz.ui.exhibits.attention.live import LIVE
from nnviz.ui.exhibits.attention.masks import MASKS, MaskSettings
from nnviz.ui.exhibits.attention.norm_place import NORM_PLACE
from nnviz.ui.exhibits.attention.order import ORDER, OrderSettings
from nnviz.ui.exhibits.attention.scale import SCALE
from tests.pages.reader import measured

EXTREMES = [
    (BY_HAND, {"words": "one"}),
    (BY_HAND, {"words": "a b c d e f g h", "n_padding": 7, "causal": True, "width": 8}),
    (BY_HAND, {"words": "incomprehens Straße l'été", "scaled": False, "width": 2, "seed": 999}),
    (ORDER, {"words": "a b c d e f g h", "positions": True, "order": [7, 6, 5, 4, 3, 2, 1, 0]}),
    (ORDER, {"words": "one", "positions": True}),
    (MASKS, {"mask": "padding", "steps": 8, "n_layers": 4}),
    (MASKS, {"mask": "own", "steps": 3, "closed": list(range(64)), "n_layers": 1}),
    (SCALE, {"width": 1024, "n_keys": 16}),
    (SCALE, {"width": 16, "n_keys": 2}),
    (NORM_PLACE, {"depth": 2, "width": 32, "heads": 8, "n_seeds": 1}),
    (COUNT, {"width": 1024, "heads": 16, "feedforward": 4096, "layers": 24, "steps": 8192}),
    (LIVE, {"task": "sorting", "positions": False, "layers": 3, "heads": 4, "norm_first": True}),
    (COUNT, {"width": 16, "heads": 1, "feedforward": 64, "layers": 1, "steps": 8}),
]


def opened(visit, exhibit, **asked):
    code = {"view": exhibit.name, "settings": asked}
    return visit("attention", lab=encoded(code, {"settings": {}}))


def told(app):
    return " ".join(found.value for found in app.markdown)


@pytest.mark.parametrize(("exhibit", "asked"), EXTREMES)
def test_extremes_are_measured_drawn_and_told(exhibit, asked):
    settings = exhibit.settings.model_validate(asked)
    found = measured(exhibit, settings)
    assert exhibit.picture(settings, found) or exhibit.watch
    assert "nan" not in exhibit.notice(settings, found)
    for panel in (*exhibit.panels(settings, found),):
        panel.wired()
    assert exhibit.numbers(settings, found) is not None
    assert exhibit.experiment(settings).n_parameters


@pytest.mark.parametrize(
    ("words", "why"),
    [("", "type from 1 to 8 words"), ("a b c d e f g h i", "got 9"), ("x" * 13, "12 letters")],
)
def test_words_that_do_not_fit_are_refused_and_the_last_ones_stay(visit, words, why):
    app = visit("attention")
    app = app.text_input[0].set_value(words).run()
    assert not app.exception
    assert why in app.error[0].value
    assert "What to notice" in told(app)


def test_more_padding_than_words_is_refused_in_words(visit):
    app = opened(visit, BY_HAND, words="two words")
    slider = next(found for found in app.slider if found.label == "Padding")
    app = slider.set_value(5).run()
    assert not app.exception
    assert "at most 1 of 2 words" in app.error[0].value


@pytest.mark.parametrize("order", [[0, 0, 0], [5, 6, 7], [], [0]])
def test_an_order_of_other_words_is_read_backwards(order):
    assert OrderSettings(order=order).placed == (2, 1, 0)


def test_an_own_mask_always_lets_a_step_see_itself():
    is_open = MaskSettings(mask="own", steps=4, closed=tuple(range(16))).is_open
    np.testing.assert_array_equal(is_open, np.eye(4, dtype=bool))


def test_try_it_in_training_opens_the_playground(visit):
    app = opened(visit, ORDER, positions=False)
    app = app.button("exhibit.attention.try").click().run()
    assert not app.exception
    blocks = app.session_state["nnviz.document"]["network"]["blocks"]
    assert [block["kind"] for block in blocks] == ["embedding", "encoder"]


def executed(exhibit, **asked):
    settings = exhibit.settings.model_validate(asked)
    names: dict = {}
    state = torch.get_rng_state()
    exec(compile(exhibit.code(settings), exhibit.name, "exec"), names)  # noqa: S102
    torch.set_rng_state(state)
    return names, measured(exhibit, settings)


@pytest.mark.parametrize("asked", [{}, {"causal": True, "n_padding": 1, "scaled": False}])
def test_the_code_of_attention_by_hand_gives_the_same_numbers(asked):
    names, shown = executed(BY_HAND, **asked)
    np.testing.assert_array_equal(names["weights"].numpy(), shown.share_TT)
    np.testing.assert_array_equal(names["mix"].numpy(), shown.mix_TD)


@pytest.mark.parametrize("positions", [False, True])
def test_the_code_of_orders_gives_the_same_numbers(positions):
    names, shown = executed(ORDER, positions=positions, words="a dog bites", order=[1, 2, 0])
    np.testing.assert_allclose(names["after"].numpy(), shown.after_TD, atol=1e-6)
    assert float(names["change"].max()) == pytest.approx(shown.change_T.max(), rel=1e-5, abs=1e-12)


@pytest.mark.parametrize("asked", [{}, {"mask": "padding"}, {"mask": "own", "closed": [1, 9]}])
def test_the_code_of_masks_gives_the_same_numbers(asked):
    names, shown = executed(MASKS, **asked)
    np.testing.assert_allclose(names["influence"].numpy(), shown.influence_TT, rtol=1e-12)


def test_the_code_of_the_scale_gives_the_same_numbers():
    names, shown = executed(SCALE, width=256)
    assert [float(each) for each in names["variance"]] == pytest.approx(shown.variance_2W[:, 4])
    assert [float(each) for each in names["largest"]] == pytest.approx(
        shown.largest_2W[:, 4], rel=1e-5
    )


def test_the_code_of_placements_gives_the_same_numbers():
    names, shown = executed(NORM_PLACE, width=32, n_seeds=2)
    depths = list(shown.depths_N)
    for norm_first in (False, True):
        for depth in (2, 12):
            expected = shown.last_PRN[int(norm_first), :, depths.index(depth)]
            assert names["norms"][norm_first, depth] == pytest.approx(expected, rel=1e-4)


def test_the_code_of_counting_agrees_with_itself_and_the_page():
    names, shown = executed(COUNT, width=64, heads=4, feedforward=128, layers=2)
    assert names["counted"] == names["formula"] == shown.counted
