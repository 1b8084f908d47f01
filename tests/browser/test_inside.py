"""One update under the glass in a real browser: open, step through, take it, leave."""

from __future__ import annotations

import pytest

from nnviz.presets import PRESETS
from tests.browser.waiting import wait_until

GLASS = ".nnviz-inside[data-step]"
PHASES = ("forward", "loss", "backward", "update")


@pytest.fixture
def playground(page, app_url, wait_connected):
    """The Playground with its first snapshot shown, pictures at rest unless a key moves them."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{app_url}/playground")
    wait_connected(page)
    page.wait_for_selector(".nnviz-stage[data-step='0']", timeout=90_000)
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    return page


def step(page):
    return int(page.locator(".nnviz-stage").get_attribute("data-step") or -1)


def opened(page):
    page.locator("[data-do=inside]").click()
    return page.wait_for_selector(GLASS)


def phase(page):
    return page.locator(GLASS).get_attribute("data-phase")


def told(page):
    return page.locator(".nnviz-inside-told").inner_text()


def values(page):
    """The bold values of the lines, as written."""
    return page.locator(".nnviz-inside-line b").all_inner_texts()


def test_the_keys_go_through_one_update(playground):
    opened(playground)
    assert not playground.locator(".nnviz-board").is_visible()
    seen = [phase(playground)]
    for _ in range(7):
        playground.keyboard.press("ArrowRight")
        seen.append(phase(playground))
    assert list(dict.fromkeys(seen)) == list(PHASES)
    assert seen.count("forward") == seen.count("backward") == 3
    playground.keyboard.press("ArrowLeft")
    assert phase(playground) == "backward"
    playground.keyboard.press("Escape")
    assert playground.locator(".nnviz-board").is_visible()
    assert not playground.locator(".nnviz-inside").count()
    assert step(playground) == 0, "looking is no step"


def chosen(page):
    """Name, value before and value after of the chosen row of the update."""
    row = page.locator(".nnviz-inside-changed [data-chosen=true]")
    name, _, before, _, after = row.inner_text().replace("−", "-").split("\t")
    return name, float(before), float(after)


def test_each_phase_is_told_and_the_step_taken_is_the_one_shown(playground):
    opened(playground)
    sentences = set()
    for name in PHASES:
        playground.locator(f".nnviz-inside-bar [data-phase={name}]").click()
        wait_until(playground, lambda name=name: phase(playground) == name)
        assert values(playground)
        sentences.add(told(playground))
    assert len(sentences) == 4
    assert "Adam moves" in told(playground)
    name, before, after = chosen(playground)
    assert before != after
    playground.locator("[data-inside=step]").click()
    playground.wait_for_selector(".nnviz-inside[data-step='1']")
    assert step(playground) == 1
    playground.locator("[data-phase=update]").click()
    wait_until(playground, lambda: phase(playground) == "update")
    assert chosen(playground)[0] == name
    assert chosen(playground)[1] == pytest.approx(after, abs=1e-3)


def test_a_unit_a_weight_a_sample_and_the_whole_batch_can_be_chosen(playground):
    opened(playground)
    title = playground.locator(".nnviz-inside-title")
    first = title.inner_text()
    playground.keyboard.press("ArrowDown")
    wait_until(playground, lambda: title.inner_text() != first)
    playground.keyboard.press("ArrowUp")
    wait_until(playground, lambda: title.inner_text() == first)
    sample = playground.locator(".nnviz-inside-sample")
    before = sample.inner_text()
    playground.get_by_role("button", name="The next sample").click()
    wait_until(playground, lambda: sample.inner_text() != before)
    playground.locator("[data-inside=batch]").click()
    wait_until(playground, lambda: "all 10 samples" in sample.inner_text())
    box = playground.locator(".nnviz-inside-picture").bounding_box()
    column = box["x"] + 6 + (box["width"] - 36) / 4 * 3.5  # the output's units
    playground.mouse.click(column, box["y"] + (box["height"] - 34) / 2 - 20)
    wait_until(playground, lambda: title.inner_text().startswith("output class 0"))


def test_a_past_step_opens_too(playground):
    for wanted in (1, 2, 3):
        playground.locator("[data-do=step]").click()
        wait_until(playground, lambda wanted=wanted: step(playground) == wanted)
    playground.keyboard.press("ArrowLeft")
    wait_until(playground, lambda: step(playground) == 2)
    playground.keyboard.press("i")
    playground.wait_for_selector(".nnviz-inside[data-step='2']")
    playground.locator("[data-inside=step]").click()
    playground.wait_for_selector(".nnviz-inside[data-step='3']")
    assert step(playground) == 3
    assert "step 3 of 3" in playground.locator(".nnviz-scrubber").inner_text()


def test_a_run_that_goes_is_paused_first(playground):
    playground.locator("[data-do=train]").click()
    wait_until(playground, lambda: step(playground) > 3)
    playground.keyboard.press("i")
    playground.wait_for_selector(GLASS)
    assert playground.locator(".nnviz-stage").get_attribute("data-status") != "running"
    shown = int(playground.locator(GLASS).get_attribute("data-step"))
    assert shown == step(playground)


def test_what_cannot_be_taken_apart_is_told(playground, app_url):
    playground.goto(f"{app_url}/playground?code={PRESETS['memory'].spec.to_code()}")
    playground.wait_for_selector(".nnviz-stage[data-step='0']", timeout=90_000)
    playground.locator("[data-do=inside]").click()
    playground.wait_for_selector(".nnviz-inside-refused")
    assert "recurrent1" in told(playground)
    playground.keyboard.press("Escape")
    assert playground.locator(".nnviz-board").is_visible()


def test_it_plays_by_itself_and_rests(page, app_url, wait_connected):
    page.goto(f"{app_url}/playground")
    wait_connected(page)
    page.wait_for_selector(".nnviz-stage[data-step='0']", timeout=90_000)
    opened(page)
    seen = []

    def went_through():
        seen.append(phase(page))
        return seen[-1] == "update"

    wait_until(page, went_through)
    wait_until(
        page, lambda: page.locator("[data-inside=play]").get_attribute("data-shown") == "play"
    )
    assert list(dict.fromkeys(seen)) == list(PHASES)
