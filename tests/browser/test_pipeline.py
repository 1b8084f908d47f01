"""The pipeline in a real browser: drawn without overlap, switched, opened block by block."""

from __future__ import annotations

import pytest

from nnviz.experiments.comparisons import COMPARISONS
from tests.browser.test_playground import opened, press, step
from tests.browser.waiting import wait_until

SIZES = ((1440, 900), (1280, 720), (1024, 768), (390, 844))
VARIED = ("placement_relu", "batch_of_two_images", "xavier_he", "linear_collapse", "memory")
LISTEN = """
const written = CanvasRenderingContext2D.prototype.fillText;
const cleared = CanvasRenderingContext2D.prototype.clearRect;
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
  if (this.canvas.isConnected) this.canvas.texts = [];
  return cleared.apply(this, box);
};
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
  const { width, fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = this.measureText(text);
  const left = x - { left: 0, center: width / 2, right: width }[this.textAlign];
  const [top, bottom] = [y - 0.6 * up, y + 0.6 * down];
  this.canvas.texts?.push({ text, left, right: left + width, top, bottom });
  return written.call(this, text, x, y);
};
"""
TEXTS = "() => document.querySelector('[data-panel=pipeline] canvas').texts"


def overlapping(texts):
    """Pairs of words that lie on each other by more than a pixel."""
    found = []
    for place, one in enumerate(texts):
        for other in texts[place + 1 :]:
            wide = min(one["right"], other["right"]) - max(one["left"], other["left"])
            high = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            if wide > 1 and high > 1:
                found.append((one["text"], other["text"]))
    return found


@pytest.fixture
def listening(page):
    """A page whose canvases remember the words that are written on them."""
    page.add_init_script(LISTEN)
    return page


@pytest.mark.parametrize("name", VARIED)
def test_no_words_lie_on_others_at_any_size(listening, app_url, wait_connected, name):
    listening.emulate_media(color_scheme="dark")
    listening.goto(f"{app_url}/compare?compare={COMPARISONS[name].spec.to_code()}")
    wait_connected(listening)
    opened(listening)
    press(listening, "Step")
    wait_until(listening, lambda: step(listening) == 1)
    for width, height in SIZES:
        listening.set_viewport_size({"width": width, "height": height})
        listening.wait_for_timeout(600)
        texts = listening.evaluate(TEXTS)
        assert len(texts) > 10, (width, texts)
        assert not overlapping(texts), width
        scrolls = "() => document.documentElement.scrollWidth > innerWidth + 1"
        assert not listening.evaluate(scrolls), width


def label(page):
    return page.locator("[data-panel=pipeline] canvas").get_attribute("aria-label") or ""


def test_the_question_the_pipeline_and_the_curves_are_on_the_first_screen(page, app_url):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{app_url}/compare")
    opened(page)
    for panel in ("pipeline", "test_loss", "test_accuracy", "seeds"):
        box = page.locator(f"[data-panel={panel}]").bounding_box()
        assert box["y"] + box["height"] <= 900, panel


def test_the_switch_and_a_click_change_what_is_seen(page, app_url, wait_connected):
    page.goto(f"{app_url}/compare")
    wait_connected(page)
    opened(page)
    wait_until(page, lambda: "dense3 opened" in label(page))
    page.get_by_role("radio", name="eval()").click()
    page.get_by_text("At step 0 the running statistics are still 0 and 1").wait_for()
    page.get_by_role("radio", name="∂L/∂ backward").click()
    page.get_by_text("the gradient arrives").wait_for()
    wait_until(page, lambda: "RMS" in label(page))
    box = page.locator("[data-panel=pipeline] canvas").bounding_box()
    page.mouse.click(box["x"] + 80, box["y"] + 70)
    wait_until(page, lambda: "dense1 opened" in label(page))


def test_a_repetition_is_started_beside_the_curves(page, app_url, wait_connected):
    page.goto(f"{app_url}/compare?compare={COMPARISONS['sgd_adam'].spec.to_code()}")
    wait_connected(page)
    opened(page)
    page.locator("[data-panel=seeds] button").get_by_text("Repeat with 8 seeds").click()
    page.get_by_text("Repeating all lanes with").wait_for(timeout=60_000)
    page.get_by_text("8 seeds say:").wait_for(timeout=300_000)


def test_a_press_while_the_run_goes_on_is_not_lost_and_two_are_one(page, app_url, wait_connected):
    page.goto(f"{app_url}/compare?compare={COMPARISONS['sgd_adam'].spec.to_code()}")
    wait_connected(page)
    opened(page)
    press(page, "Train")
    wait_until(page, lambda: step(page) > 3)
    page.get_by_role("button", name="Repeat with 8 seeds").dblclick()
    page.get_by_text("Repeating all lanes with").wait_for(timeout=60_000)
