"""The attention page by hand: a number opens, a word is dragged, a mask is clicked."""

import pytest

from nnviz.spec.code import encoded


@pytest.fixture
def exhibit(page, app_url):
    """Open one exhibit of the page."""

    def open_exhibit(name, ready):
        code = encoded({"view": name, "settings": {}}, {"settings": {}})
        page.goto(f"{app_url}/attention?lab={code}")
        page.wait_for_selector(ready, timeout=60_000)

    return open_exhibit


def test_a_number_opens_to_its_arithmetic_and_keys_go_on(page, exhibit):
    exhibit("by_hand", "[data-cell]")
    told = page.locator(".nnviz-scene [aria-live]")
    page.click("[data-cell='score 1 3']")
    assert "/ √4" in told.inner_text()
    page.keyboard.press("ArrowRight")
    assert "“sees” looks at “dog”" in told.inner_text()


def test_a_dragged_word_stands_where_it_was_put_and_moves_on_with_keys(page, exhibit):
    exhibit("order", "[data-place='2']")
    box = page.locator("[data-place='0']").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + box["width"] * 1.05, y, steps=5)
    page.mouse.up()
    page.wait_for_selector("[data-place='1'][aria-label^='man,']")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("[data-place='2'][aria-label^='man,']")


def test_a_clicked_cell_of_the_mask_closes_and_makes_it_the_readers_own(page, exhibit):
    exhibit("masks", "[data-cell]")
    cell = page.locator("[data-cell='open 4 0']")
    assert "✓" in cell.text_content()
    cell.click()
    page.wait_for_function(
        """() => document.querySelector("[data-cell='open 4 0']").textContent.includes("✕")"""
    )
    page.keyboard.press(" ")
    page.wait_for_function(
        """() => document.querySelector("[data-cell='open 4 0']").textContent.includes("✓")"""
    )
