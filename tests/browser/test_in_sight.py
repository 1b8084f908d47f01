"""Only what the reader sees is sent; what comes into sight shows the announced step."""

import pytest

from tests.browser.test_playground import opened, press, slow_network, step
from tests.browser.waiting import wait_until

FIRST = {"network", "answer", "loss", "accuracy", "confusion"}
SPY = """
window.sent = [];
const Own = WebSocket;
window.WebSocket = class extends Own {
  constructor(...named) {
    super(...named);
    if (String(named[0]).includes("/feed/")) this.addEventListener("message", ({ data }) => {
      const head = (start) => {
        const length = new DataView(data).getUint32(start, true);
        const bytes = new Uint8Array(data, start + 4, length);
        return [start + 4 + length, JSON.parse(new TextDecoder().decode(bytes))];
      };
      const [start] = head(0);
      if (start < data.byteLength) window.sent.push(head(start)[1].panels.map(({ id }) => id));
    });
  }
};
"""
"""Notes for each frame which panels it brings."""


@pytest.fixture
def spied(page, app_url, wait_connected):
    """The Playground in a window of 1440 by 900, and notes of what it is sent."""
    page.add_init_script(SPY)
    page.goto(f"{app_url}/playground")
    wait_connected(page)
    opened(page)
    return page


def sent(page):
    return {name for names in page.evaluate("sent.splice(0)") for name in names}


def end_of(page, panel):
    """The last step of a panel's curves, -1 before there are any."""
    return page.evaluate(
        f"Math.max(-1, ...(document.querySelector('[data-panel={panel}] .nnviz-plot').data ?? [])"
        ".flatMap(trace => [...trace.x ?? []]))"
    )


def test_panels_out_of_sight_are_not_sent_and_keep_their_place(spied):
    wait_until(spied, lambda: spied.locator("figure[aria-busy]").count() == 6)
    heights = "[...document.querySelectorAll('figure')].map(figure => figure.clientHeight)"
    before = spied.evaluate(heights)
    press(spied, "Train")
    wait_until(spied, lambda: step(spied) > 100)
    assert sent(spied) == FIRST
    assert spied.evaluate(heights) == before
    assert spied.locator("figure[aria-busy]").count() == 6


def test_what_is_scrolled_into_sight_shows_the_announced_step(spied):
    press(spied, "Step")
    wait_until(spied, lambda: step(spied) == 1)
    sent(spied)
    spied.locator("[data-panel=updates]").scroll_into_view_if_needed()
    wait_until(spied, lambda: end_of(spied, "updates") == 1)
    assert "updates" in sent(spied)
    spied.evaluate("document.querySelector('[data-panel=timeline]').scrollIntoView()")
    press(spied, "Epoch")
    wait_until(spied, lambda: step(spied) == 30)
    spied.locator("[data-panel=loss]").scroll_into_view_if_needed()
    wait_until(spied, lambda: end_of(spied, "loss") == 30)
    wait_until(spied, lambda: end_of(spied, "updates") == 30)


def test_at_rest_every_panel_is_found_at_the_last_step(spied, app_url):
    slow_network(spied, app_url)
    press(spied, "Train")
    wait_until(spied, lambda: step(spied) > 300)
    press(spied, "Pause")
    wait_until(spied, lambda: spied.locator(".nnviz-stage[data-status=paused]").count())
    for panel in ("loss", "accuracy", "updates", "loss"):
        spied.locator(f"[data-panel={panel}]").scroll_into_view_if_needed()
        wait_until(spied, lambda panel=panel: end_of(spied, panel) == step(spied))


def test_in_full_screen_nothing_else_is_sent(spied):
    spied.locator("[data-panel=loss]").hover()
    spied.keyboard.press("f")
    wait_until(spied, lambda: spied.evaluate("document.fullscreenElement?.dataset.panel") == "loss")
    spied.wait_for_timeout(500)
    sent(spied)
    spied.keyboard.press("s")
    wait_until(spied, lambda: step(spied) == 1)
    assert sent(spied) == {"loss"}
    spied.keyboard.press("f")
    wait_until(spied, lambda: end_of(spied, "accuracy") == 1)


def test_a_hidden_tab_gets_numbers_only_and_catches_up(spied):
    hide = (
        "is => { Object.defineProperty(document, 'hidden', { value: is, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }"
    )
    spied.evaluate(hide, True)
    spied.wait_for_timeout(500)
    sent(spied)
    press(spied, "Step")
    wait_until(spied, lambda: step(spied) == 1)
    assert sent(spied) == set()
    spied.evaluate(hide, False)
    wait_until(spied, lambda: end_of(spied, "loss") == 1)
    assert "loss" in sent(spied)
