"""By hand in a browser: pin a unit, switch it off, set a weight, freeze, go on, undo."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from nnviz.spec import ExperimentSpec
from tests.browser.waiting import wait_until

FIND = """
(frame, words) => {
  const { left, top, width, height } = frame.getBoundingClientRect();
  const host = frame.querySelector(".nnviz-plot");
  for (let x = Math.ceil(left) + 10; x < left + width; x += 12) {
    for (let y = Math.ceil(top) + 40; y < top + height; y += 10) {
      host.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y }));
      const tip = host.querySelector(".nnviz-network-tip:not([hidden])");
      if (tip?.innerText.startsWith(words)) return [x, y];
    }
  }
}
"""
CARD = ".nnviz-hand-card"
CHIP = ".nnviz-hand-chip"
DENSE = {"data": {"name": "moons"}, "network": {"blocks": [{"kind": "dense", "width": 5}]}}
IMAGES = {
    "data": {"name": "digits", "n_samples": 120},
    "network": {"blocks": [{"kind": "convolution", "channels": 3}]},
}


def opened(page: Page, app_url: str, document: dict[str, Any], seed: int) -> None:
    """The Playground with this experiment, which no other test trains, some steps on."""
    training = {"n_steps": 500, "seed": seed, "batch_size": 20}
    spec = ExperimentSpec.model_validate(document | {"training": training})
    page.goto(f"{app_url}/playground?code={spec.to_code()}")
    page.wait_for_selector(".nnviz-stage[data-step]:not([data-step=''])", timeout=90_000)
    page.wait_for_selector("[data-panel=network] canvas", timeout=60_000)
    page.locator(".nnviz-transport [data-do=step]").click()
    wait_until(page, lambda: step(page) == 1)


def step(page: Page) -> int:
    return int(page.locator(".nnviz-stage").get_attribute("data-step") or -1)


def click_on(page: Page, words: str) -> None:
    """Click what the drawing calls so, found by hovering."""
    network = page.locator("[data-panel=network] .nnviz-frame")
    network.scroll_into_view_if_needed()
    found = network.evaluate(FIND, words)
    assert found, f"nothing in the drawing is called {words}"
    page.mouse.move(*found)
    page.mouse.click(*found)


def card(page: Page, title: str) -> Locator:
    found = page.locator(CARD)
    expect(found.locator("strong")).to_have_text(re.compile(title))
    return found


def in_the_window(page: Page, found: Locator) -> bool:
    box, size = found.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    inside_x = 0 <= box["x"] <= box["x"] + box["width"] <= size["width"]
    return inside_x and 0 <= box["y"] <= box["y"] + box["height"] <= size["height"]


def test_switch_a_unit_off_go_on_and_undo(page: Page, app_url: str) -> None:
    opened(page, app_url, DENSE, 7101)
    click_on(page, "dense1 unit 2\n")
    shown = card(page, "dense1 unit 2")
    assert in_the_window(page, shown)
    shown.get_by_role("button", name="Switch off").click()
    expect(page.locator(CHIP)).to_have_text(re.compile("unit 2 of dense1 is off"))
    wait_until(page, lambda: step(page) == 2)
    expect(page.locator(".nnviz-hand-off")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(CARD)).to_have_count(0)
    page.locator(".nnviz-transport [data-do=step]").click()
    wait_until(page, lambda: step(page) == 3)
    expect(page.locator(CHIP)).to_have_count(1)
    page.locator(".nnviz-transport [data-do=undo]").click()
    wait_until(page, lambda: step(page) == 1)
    expect(page.locator(CHIP)).to_have_count(0)
    page.locator(".nnviz-transport [data-do=redo]").click()
    expect(page.locator(CHIP)).to_have_count(1)
    page.get_by_role("button", name=re.compile("Switch it on")).click()
    expect(page.locator(CHIP)).to_have_count(0)


def test_pin_a_unit_and_come_back(page: Page, app_url: str) -> None:
    opened(page, app_url, DENSE, 7102)
    title = page.locator("[data-panel=answer] .nnviz-title")
    before = title.inner_text()
    click_on(page, "dense1 unit 1\n")
    card(page, "dense1 unit 1").get_by_role("button", name="Show on the big panel").click()
    expect(title).to_have_text(re.compile("dense1 unit 1"))
    expect(page.locator(".nnviz-hand-pinned")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(CARD)).to_have_count(0)
    page.locator(".nnviz-transport [data-do=step]").click()
    wait_until(page, lambda: step(page) == 2)
    expect(title).to_have_text(re.compile("dense1 unit 1"))
    page.keyboard.press("Escape")
    expect(title).to_have_text(before)


def test_set_a_weight_freeze_its_layer_and_it_stays(page: Page, app_url: str) -> None:
    opened(page, app_url, DENSE, 7103)
    click_on(page, "dense1 unit 0 → output")
    shown = card(page, "dense1 unit 0 → output")
    shown.get_by_role("button", name="Freeze output").click()
    expect(page.locator(CHIP)).to_have_text(re.compile("output is frozen"))
    wait_until(page, lambda: step(page) == 2)
    field = shown.get_by_label("weight", exact=True)
    field.fill("1.25")
    field.press("Enter")
    wait_until(page, lambda: step(page) == 3)
    expect(field).to_have_value("1.25")
    page.mouse.click(5, 5)
    expect(page.locator(CARD)).to_have_count(0)
    history = page.locator(".nnviz-ways")
    history.locator("summary").click()
    expect(history).to_contain_text("by hand: froze output")


def test_of_images_a_card_shows_what_excites_a_channel(page: Page, app_url: str) -> None:
    opened(page, app_url, IMAGES, 7104)
    click_on(page, "convolution1 unit 1\n")
    shown = card(page, "convolution1 unit 1")
    expect(shown.locator("figure")).to_have_count(9)
    expect(shown.get_by_text("its kernel")).to_be_visible()
    wait_until(page, lambda: in_the_window(page, shown))


def test_another_network_forgets_what_was_done_to_this_one(page: Page, app_url: str) -> None:
    opened(page, app_url, DENSE, 7105)
    address = page.url
    click_on(page, "dense1 unit 4\n")
    card(page, "dense1 unit 4").get_by_role("button", name="Switch off").click()
    expect(page.locator(CHIP)).to_have_count(1)
    page.keyboard.press("Escape")
    wait_until(page, lambda: page.url != address)  # the page's script knows of it
    width = page.get_by_role("spinbutton", name="Units").first
    width.fill("3")
    width.press("Enter")
    expect(page.locator(CHIP)).to_have_count(0)
    wait_until(page, lambda: step(page) == 0)
    expect(page.locator("[data-testid=stAlert]")).to_have_count(0)


def test_from_the_card_into_the_glass(page: Page, app_url: str) -> None:
    opened(page, app_url, DENSE, 7106)
    click_on(page, "dense1 unit 2\n")
    card(page, "dense1 unit 2").get_by_role("button", name="Look inside").click()
    expect(page.locator(".nnviz-inside")).to_contain_text("dense1 unit 2")
    expect(page.locator(CARD)).to_have_count(0)
