"""The Playground in a real browser: train, watch, pause, step, scrub, refresh."""

import re

import pytest

from nnviz.presets import PRESETS
from tests.browser.waiting import wait_until


@pytest.fixture
def playground(page, app_url, wait_connected):
    """The Playground with its first snapshot shown."""
    page.goto(f"{app_url}/playground")
    wait_connected(page)
    page.wait_for_selector("[data-testid=stMetricValue]", timeout=90_000)
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
    return page


def step(page):
    return int(page.locator("[data-testid=stMetricValue]").first.inner_text().replace(",", ""))


def press(page, name):
    """Press a button of the transport row, or the scrubber's."""
    buttons = ("train", "pause", "step", "epoch", "undo", "redo", "back")
    key = name.lower() if name.lower() in buttons else None
    place = page.locator(f".st-key-transport-{key}") if key else page
    named = place.get_by_role("button") if key else place.get_by_role("button", name=name)
    named.first.click()


def settled(page):
    """The step on which the page rests: the burst that was under way has come back."""
    shown, since = step(page), 0

    def rests():
        nonlocal shown, since
        now = step(page)
        shown, since = now, since + 1 if now == shown else 0
        return since > 40

    wait_until(page, rests)
    return shown


def slow_network(page, app_url):
    """A run that goes on for as long as the test needs."""
    document = PRESETS["two_moons"].spec.model_dump(mode="json")
    document["training"]["n_steps"] = 1_000_000
    code = type(PRESETS["two_moons"].spec).model_validate(document).to_code()
    page.goto(f"{app_url}/playground?code={code}")
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)


def test_the_charts_move_while_it_trains_and_rest_when_it_pauses(playground, app_url):
    slow_network(playground, app_url)
    loss = playground.locator("[aria-label^='Loss'] .js-plotly-plot").first
    before = loss.inner_html()
    press(playground, "Train")
    wait_until(playground, lambda: step(playground) > 100)
    wait_until(playground, lambda: loss.inner_html() != before)
    press(playground, "Pause")
    rest = settled(playground)
    press(playground, "Step")
    wait_until(playground, lambda: step(playground) != rest)
    assert step(playground) == rest + 1


def test_a_single_step_is_one_update_by_button_and_by_key(playground):
    press(playground, "Step")
    wait_until(playground, lambda: step(playground) == 1)
    playground.locator("[data-testid=stMetricLabel]").first.click()
    playground.keyboard.press("s")
    wait_until(playground, lambda: step(playground) == 2)


def test_zoom_and_node_survive_the_updates(playground, app_url):
    slow_network(playground, app_url)
    press(playground, "Train")
    wait_until(playground, lambda: step(playground) > 50)
    chart = "document.querySelector(\"[aria-label^='Accuracy'] .js-plotly-plot\")"
    playground.evaluate(f"{chart}.marked = true")
    playground.evaluate(f"{chart}.scrollIntoView({{block: 'center'}})")
    box = playground.locator("[aria-label^='Accuracy'] .nsewdrag").first.bounding_box()
    span = f"{chart}._fullLayout.yaxis.range[1] - {chart}._fullLayout.yaxis.range[0]"
    x, y = box["x"], box["y"]
    playground.mouse.move(x + 0.3 * box["width"], y + 0.3 * box["height"])
    playground.mouse.down()
    playground.mouse.move(x + 0.7 * box["width"], y + 0.7 * box["height"], steps=5)
    playground.mouse.up()
    playground.wait_for_function(f"{span} < 0.9")
    zoomed = playground.evaluate(f"{chart}._fullLayout.yaxis.range")
    shown = step(playground)
    wait_until(playground, lambda: step(playground) > shown + 100)
    assert playground.evaluate(f"{chart}.marked") is True
    assert playground.evaluate(f"{chart}._fullLayout.yaxis.range") == zoomed


def test_the_scrubber_goes_back_and_live_returns(playground):
    press(playground, "Epoch")
    wait_until(playground, lambda: step(playground) >= 30)
    press(playground, "Epoch")
    wait_until(playground, lambda: step(playground) >= 60)
    newest = step(playground)
    slider = playground.locator("input[type=range]").last
    slider.focus()
    playground.keyboard.press("Home")
    wait_until(playground, lambda: step(playground) == 0)
    press(playground, "Live")
    wait_until(playground, lambda: step(playground) == newest)


def choose_rate(page, rate):
    box = page.get_by_role("combobox", name=re.compile("Learning rate")).first
    box.click()
    box.fill(rate)
    box.press("Enter")


def at_two_epochs(page):
    for newest in (30, 60):
        press(page, "Epoch")
        wait_until(page, lambda newest=newest: step(page) == newest)


def scrubbed_to(page, newest):
    """By keyboard to a step that was not recorded, and wait for exactly that step."""
    page.locator("input[type=range]").last.focus()
    page.keyboard.press("Home")
    for _ in range(newest):
        page.keyboard.press("ArrowRight")
    wait_until(page, lambda: step(page) == newest)
    wait_until(page, lambda: not page.locator(".nnviz-note").inner_text())


def test_any_step_can_be_seen_and_a_change_there_forks_with_the_way_left_under_it(playground):
    at_two_epochs(playground)
    scrubbed_to(playground, 21)
    choose_rate(playground, "0.1")
    playground.get_by_text("goes on from step 21").wait_for(timeout=30_000)
    wait_until(playground, lambda: "of 21" in playground.locator(".nnviz-step").inner_text())
    names = "document.querySelector(\"[aria-label='Loss'] .js-plotly-plot\").data.map(t => t.name)"
    wait_until(playground, lambda: "before: As it was opened" in playground.evaluate(names))
    playground.locator("[data-testid=stMetricLabel]").first.click()
    playground.keyboard.press("Control+z")
    wait_until(playground, lambda: step(playground) == 60)
    assert "adam at 0.01" in playground.locator("[data-testid=stMain]").inner_text()
    playground.keyboard.press("Control+Shift+z")
    wait_until(playground, lambda: step(playground) == 21)
    assert "adam at 0.1" in playground.locator("[data-testid=stMain]").inner_text()


def test_ctrl_z_in_a_field_takes_back_the_typing_first(playground):
    at_two_epochs(playground)
    choose_rate(playground, "0.1")
    playground.get_by_text("goes on from step 60").wait_for(timeout=30_000)
    field = playground.locator("[data-testid=stSidebar] input[type=number]:visible").first
    field.click()
    playground.keyboard.type("1")
    playground.keyboard.press("Control+z")
    wait_until(playground, lambda: field.input_value() == "8")
    assert "adam at 0.1" in playground.locator("[data-testid=stMain]").inner_text()
    playground.keyboard.press("Control+z")
    playground.get_by_text("adam at 0.01").wait_for(timeout=30_000)


def test_what_was_computed_before_is_shown_at_the_readers_pace(playground):
    at_two_epochs(playground)
    press(playground, "Reset")
    wait_until(playground, lambda: step(playground) == 0)
    playground.get_by_role("radio", name="10/s", exact=True).click()
    press(playground, "Train")
    playground.get_by_text("computed before: shown at your pace").wait_for(timeout=30_000)
    speed = playground.locator("[data-testid=stMetric]").last
    assert speed.locator("[data-testid=stMetricValue]").inner_text() == "–"
    press(playground, "Pause")


def test_a_refresh_finds_the_run_again_with_all_its_history(playground):
    press(playground, "Epoch")
    wait_until(playground, lambda: step(playground) >= 30)
    newest = step(playground)
    address = playground.url
    playground.reload()
    playground.wait_for_selector("[data-testid=stMetricValue]", timeout=60_000)
    wait_until(playground, lambda: step(playground) == newest)
    assert playground.url == address
    playground.locator("input[type=range]").last.focus()
    playground.keyboard.press("Home")
    wait_until(playground, lambda: step(playground) == 0)


def test_another_browser_gets_the_settings_and_not_the_run(playground, browser):
    press(playground, "Epoch")
    wait_until(playground, lambda: step(playground) >= 30)
    stranger = browser.new_context().new_page()
    stranger.goto(playground.url)
    stranger.wait_for_selector("[data-testid=stMetricValue]", timeout=60_000)
    assert step(stranger) == 0
    run = re.search(r"run=([^&]+)", playground.url).group(1)
    wait_until(stranger, lambda: "run=" in stranger.url and run not in stranger.url)
    stranger.context.close()


def test_a_rate_that_is_no_number_is_refused_and_the_old_one_holds(playground):
    box = playground.get_by_role("combobox", name=re.compile("Learning rate")).first
    box.click()
    box.fill("fast")
    box.press("Enter")
    playground.get_by_text("Learning rate must be a number").wait_for(timeout=30_000)
    assert "adam at 0.01" in playground.locator("[data-testid=stMain]").inner_text()


def test_a_deep_link_works_as_the_first_visit_of_a_fresh_server(page, serve):
    url = serve("app.py")
    page.goto(f"{url}/playground")
    page.wait_for_selector("[data-testid=stMetricValue]", timeout=90_000)
    page.get_by_role("link", name="Home").wait_for()


def test_a_starting_point_on_the_home_page_opens_ready_to_train(page, app_url, wait_connected):
    page.goto(app_url)
    wait_connected(page)
    page.get_by_role("button", name="Open").nth(3).click()
    page.wait_for_selector("[data-testid=stMetricValue]", timeout=60_000)
    assert "circles" in page.locator("[data-testid=stMain]").inner_text()
    press(page, "Train")
    wait_until(page, lambda: step(page) > 10)
