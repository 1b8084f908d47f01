"""Compare in a real browser: from opening to the verdict, and every lane moved by one scrubber."""

import re

import pytest

from tests.browser.test_playground import choose, opened, press, step
from tests.browser.waiting import wait_until


@pytest.fixture
def compare(page, app_url, wait_connected):
    """The default comparison with its first snapshot shown."""
    page.goto(f"{app_url}/compare")
    wait_connected(page)
    opened(page)
    return page


def open_part(page, name):
    page.get_by_role("radio", name=name).click()


def test_the_default_comparison_from_opening_to_the_verdict(compare):
    text = compare.locator("[data-testid=stSidebar]").inner_text()
    assert "2 settings differ, one from lane to lane" in text
    rows = compare.locator(".nnviz-table tr td:first-child")
    assert rows.all_inner_texts() == [
        "no normalization", "BatchNorm before", "BatchNorm after",
    ]  # fmt: skip
    compare.get_by_role("radio", name="max").click()
    press(compare, "Train")
    wait_until(compare, lambda: step(compare) == 1000, 300)
    open_part(compare, "Both modes")
    compare.get_by_text("Expected more than 1 value per channel").first.wait_for(timeout=60_000)
    open_part(compare, "Over seeds")
    compare.get_by_role("spinbutton", name="Seeds").fill("3")
    compare.get_by_role("spinbutton", name="Seeds").press("Enter")
    compare.get_by_role("button", name="Repeat with 3 seeds").click()
    compare.get_by_text("Too few seeds to tell: 3 of at least 7").first.wait_for(timeout=300_000)
    compare.wait_for_selector("[aria-label^='Test accuracy, 3 seeds'] .js-plotly-plot")
    assert "sweep=" in compare.url


def test_one_scrubber_moves_every_lane(compare):
    press(compare, "Epoch")
    wait_until(compare, lambda: step(compare) >= 15)
    newest = step(compare)
    compare.locator("input[type=range]").last.focus()
    compare.keyboard.press("Home")
    wait_until(compare, lambda: step(compare) == 0)
    losses = compare.locator(".nnviz-table td:nth-child(2)").all_inner_texts()
    assert all(0.5 < float(loss) < 1.2 for loss in losses)
    choose(compare, "Live")
    wait_until(compare, lambda: step(compare) == newest)


def test_a_refresh_finds_all_lanes_again(compare):
    press(compare, "Epoch")
    wait_until(compare, lambda: step(compare) >= 15)
    newest = step(compare)
    compare.reload()
    opened(compare)
    wait_until(compare, lambda: step(compare) == newest)
    assert compare.locator(".nnviz-table td:first-child").count() == 3


def test_a_lane_that_diverges_says_so_and_the_other_goes_on(compare):
    compare.get_by_role("combobox", name=re.compile("Start from")).click()
    compare.get_by_text("A large learning rate with and without BatchNorm").click()
    compare.get_by_text("Only this differs:").wait_for(timeout=30_000)
    press(compare, "Train")
    compare.get_by_text("The other lanes go on").wait_for(timeout=180_000)
    wait_until(compare, lambda: step(compare) == 300, 300)
