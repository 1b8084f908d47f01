"""Asking the network in a real browser: draw, click in the plane, pick mistakes, turn the mode."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import Page, expect

from nnviz import DenseBlock, ExperimentSpec, NetworkSpec
from nnviz.presets import PRESETS
from tests.browser.waiting import wait_until

PANEL = ".nnviz-ask"
VERDICT = ".nnviz-ask-verdict"


def opened(page: Page, url: str, spec: ExperimentSpec, *, asks: bool = True) -> None:
    page.goto(f"{url}/playground?code={spec.to_code()}")
    page.wait_for_selector(".nnviz-stage[data-step]:not([data-step=''])", timeout=90_000)
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    if asks:
        page.locator("[data-do=ask]").click()
        expect(page.locator(VERDICT)).not_to_be_empty()


def trained(page: Page, n_epochs: int) -> None:
    """So many passes, and at rest."""
    stage = page.locator(".nnviz-stage")
    for _ in range(n_epochs):
        before = stage.get_attribute("data-step")
        page.locator("[data-do=epoch]").click()
        wait_until(page, lambda before=before: stage.get_attribute("data-step") != before)
        wait_until(page, lambda: stage.get_attribute("data-status") != "running")


def shares(page: Page) -> list[float]:
    return [
        float(text) for text in page.locator(".nnviz-ask-bar .nnviz-ask-number").all_inner_texts()
    ]


def test_a_drawn_digit_is_answered_and_lights_up_the_network(page, app_url):
    opened(page, app_url, PRESETS["convolution"].spec)
    trained(page, 3)
    page.locator(PANEL).get_by_text("Clear", exact=True).click()
    box = page.locator(".nnviz-ask-canvas").bounding_box()

    def place(x, y):
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    page.mouse.move(*place(0.75, 0.5))
    page.mouse.down()
    for turn in range(25):
        angle = turn * 2 * math.pi / 24
        page.mouse.move(*place(0.5 + 0.25 * math.cos(angle), 0.5 + 0.38 * math.sin(angle)))
    page.mouse.up()
    expect(page.locator(VERDICT)).to_have_text("0")
    assert shares(page)[0] > 0.5
    assert sum(shares(page)) == pytest.approx(1, abs=0.06)
    expect(page.locator(f"{PANEL} [aria-pressed=true]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(PANEL)).to_have_count(0)
    page.keyboard.press("a")
    expect(page.locator(VERDICT)).to_have_text("0")


def test_a_click_in_the_plane_asks_there_and_a_click_on_a_test_point_for_it(page, app_url):
    opened(page, app_url, PRESETS["two_moons"].spec)
    glass = page.locator(".nnviz-ask-glass").bounding_box()
    first = page.locator(".nnviz-ask-field input").first
    page.mouse.click(glass["x"] + glass["width"] * 0.1, glass["y"] + glass["height"] * 0.1)
    x_range = page.evaluate(
        "document.querySelector('[data-panel=answer] .js-plotly-plot')._fullLayout.xaxis.range"
    )
    known = x_range[0] + 0.1 * (x_range[1] - x_range[0])
    wait_until(page, lambda: float(first.input_value()) == pytest.approx(known, abs=0.02))
    expect(page.locator(f"{PANEL} [aria-pressed=true]")).to_have_count(0)
    at = page.evaluate("""() => {
      const plot = document.querySelector("[data-panel=answer] .js-plotly-plot");
      const points = plot.data.find(({ name, x }) => name === "test" && x.length > 1);
      const { xaxis, yaxis } = plot._fullLayout;
      const { left, top } = plot.getBoundingClientRect();
      const [x, y] = [xaxis.d2p(points.x[5]), yaxis.d2p(points.y[5])];
      return [left + xaxis._offset + x, top + yaxis._offset + y];
    }""")
    page.mouse.click(*at)
    expect(page.locator(f"{PANEL} [aria-pressed=true]")).to_have_attribute("data-point", "5")
    expect(page.locator(".nnviz-ask-true")).to_have_count(1)


def test_one_point_alone_in_training_mode_is_refused_in_torchs_words(page, app_url):
    network = NetworkSpec(blocks=(DenseBlock(width=4),), normalization="batch")
    opened(page, app_url, PRESETS["two_moons"].spec.model_copy(update={"network": network}))
    page.locator("[data-mode=alone]").click()
    trouble = page.locator(".nnviz-ask-trouble")
    expect(trouble).to_contain_text("Expected more than 1 value per channel when training")
    page.locator("[data-mode=batch]").click()
    expect(trouble).to_be_hidden()
    expect(page.locator(".nnviz-ask-bar")).to_have_count(2)


def test_a_mistake_opens_the_question_with_its_point(page, app_url):
    opened(page, app_url, PRESETS["convolution"].spec, asks=False)
    page.wait_for_selector("[data-panel=wrong] .js-plotly-plot .nsewdrag")
    x, y, point = page.evaluate("""() => {
      const plot = document.querySelector("[data-panel=wrong] .js-plotly-plot");
      const labels = plot.data.find(({ mode }) => mode === "text");
      const { xaxis, yaxis } = plot._fullLayout;
      const { left, top } = plot.getBoundingClientRect();
      const [x, y] = [xaxis.d2p(labels.x[9]), yaxis.d2p(labels.y[9] - 0.6)];
      return [left + xaxis._offset + x, top + yaxis._offset + y, labels.customdata[9]];
    }""")
    page.mouse.move(x - 2, y)
    page.mouse.click(x, y)
    pressed = page.locator(f"{PANEL} [aria-pressed=true]")
    expect(pressed).to_have_attribute("data-point", str(point))
    expect(page.locator(VERDICT)).to_contain_text("true:")


def test_looking_inside_takes_the_place_and_gives_way(page, app_url):
    opened(page, app_url, PRESETS["two_moons"].spec)
    page.locator("[data-do=inside]").click()
    expect(page.locator(".nnviz-inside")).to_be_visible()
    expect(page.locator(PANEL)).to_be_hidden()
    page.locator("[data-do=ask]").click()
    expect(page.locator(PANEL)).to_be_visible()
    expect(page.locator(".nnviz-inside")).to_have_count(0)


def test_the_answer_follows_the_run(page, app_url):
    opened(page, app_url, PRESETS["two_moons"].spec)
    panel = page.locator(PANEL)
    wait_until(page, lambda: panel.get_attribute("data-step") == "0")
    page.locator("[data-do=train]").click()
    wait_until(page, lambda: int(panel.get_attribute("data-step")) > 0)
    seen = int(panel.get_attribute("data-step"))
    wait_until(page, lambda: int(panel.get_attribute("data-step")) > seen)
    page.locator("[data-do=pause]").click()
    stage = page.locator(".nnviz-stage")
    wait_until(page, lambda: stage.get_attribute("data-status") != "running")
    wait_until(page, lambda: panel.get_attribute("data-step") == stage.get_attribute("data-step"))


@pytest.mark.parametrize("name", ["wide_scales", "reversal", "memory", "sine"])
def test_one_change_of_the_input_changes_the_answer(page, app_url, name):
    opened(page, app_url, PRESETS[name].spec)
    page.locator(PANEL).get_by_text("Random").click()
    expect(page.locator(f"{PANEL} [aria-pressed=true]")).to_have_count(1)
    before = page.locator(".nnviz-ask-answer").inner_text()
    if name == "wide_scales":
        page.locator(".nnviz-ask-slider input").nth(12).fill("300")
    elif name == "reversal":
        page.locator(".nnviz-ask-tokens input").first.focus()
        page.keyboard.type("01234567")
    elif name == "memory":
        page.locator(".nnviz-ask-canvas").click(position={"x": 120, "y": 5})
    elif name == "sine":
        page.locator(".nnviz-ask-field input").fill("0.25")
    wait_until(page, lambda: page.locator(".nnviz-ask-answer").inner_text() != before)
