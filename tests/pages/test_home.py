"""The home page opens every starting point, ready to press Train."""

import pytest

from nnviz.experiments.comparisons import COMPARISONS, DEFAULT_COMPARISON
from nnviz.presets import PRESETS
from nnviz.ui.home import UPDATED
from tests.pages.test_compare import comparison_of
from tests.pages.test_playground import run_of


def test_the_home_page_offers_every_preset(visit):
    app = visit("home")
    assert not app.exception
    assert {f"home.open.{name}" for name in PRESETS} <= {b.key for b in app.button}


@pytest.mark.parametrize("name", list(PRESETS)[:3])
def test_a_card_opens_the_playground_with_its_settings(visit, name):
    app = visit("home")
    app.button(f"home.open.{name}").click().run()
    assert not app.exception
    run = run_of(app)
    assert run.lanes[0] == PRESETS[name].spec


def test_both_pictures_open_where_they_are_from(visit):
    app = visit("home")
    app.button("home.open.inside").click().run()
    assert not app.exception
    assert run_of(app).lanes[0] == UPDATED


def test_the_first_picture_opens_as_a_comparison(visit):
    app = visit("home")
    app.button("home.open.compare").click().run()
    assert not app.exception
    assert comparison_of(app) == COMPARISONS[DEFAULT_COMPARISON].spec
