"""The exhibits in a real browser: each page draws, keeps its settings, is grasped and plays."""

import re

import pytest

from nnviz.spec.code import encoded

LABS = {
    "activations": "shape",
    "normalization": "running",
    "initialization": "depth",
    "dropout": "variance",
    "losses": "steps",
}


@pytest.fixture
def opened(page, app_url):
    """Open one exhibit of a page; return when it stands."""

    def go(name, view):
        code = encoded({"view": view, "settings": {}}, {"settings": {}})
        page.goto(f"{app_url}/{name}?lab={code}")
        page.get_by_text("What to notice").wait_for(timeout=60_000)
        page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
        page.wait_for_function("window.location.search.includes('lab=')", timeout=30_000)

    return go


@pytest.mark.parametrize(("name", "view"), LABS.items())
def test_a_lab_draws_and_keeps_its_settings_in_the_address(page, app_url, opened, name, view):
    page.goto(app_url)
    page.wait_for_selector("text=Start from a phenomenon", timeout=60_000)
    opened(name, view)
    before = page.url
    page.locator("[data-testid=stSidebar] input[type=range]:visible").first.press("ArrowRight")
    page.wait_for_function(f"window.location.href !== {before!r}", timeout=30_000)
    page.go_back()
    page.wait_for_selector("text=Start from a phenomenon", timeout=30_000)


def test_a_grip_is_dragged_and_moved_by_keys(page, opened):
    opened("attention", "scale")
    page.wait_for_selector(".nnviz-grip circle")
    box = page.locator(".nnviz-grip circle").bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 9, steps=8)
    page.mouse.up()
    page.get_by_text("Products q · k at d = 1024").wait_for(timeout=30_000)
    assert page.locator(".nnviz-grip text").text_content() == "d = 1024"

    opened("activations", "shape")
    grip = page.locator(".nnviz-grip").first
    before = page.url
    grip.press("ArrowLeft")
    page.wait_for_function(f"window.location.href !== {before!r}", timeout=30_000)


def test_a_picture_plays_by_its_key_rests_and_begins_again_with_other_settings(page, opened):
    opened("dropout", "masks")
    words = page.locator(".nnviz-reel .nnviz-small")
    assert not words.is_visible()
    page.keyboard.press("p")
    words.wait_for(timeout=30_000)
    page.locator(".nnviz-reel button", has_text="Pause").wait_for(timeout=30_000)
    page.keyboard.press("p")
    page.locator(".nnviz-reel button", has_text=re.compile("Play")).wait_for(timeout=30_000)
    at = words.inner_text()
    page.locator(".nnviz-reel .nnviz-range").press("End")
    assert words.inner_text() != at
    page.locator("[data-testid=stSidebar] input[type=range]:visible").first.press("ArrowRight")
    words.wait_for(state="hidden", timeout=30_000)
    before = page.url
    page.get_by_role("button", name=re.compile("Another mask")).click()
    page.wait_for_function(f"window.location.href !== {before!r}", timeout=30_000)
