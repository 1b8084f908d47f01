"""The Playground in a real browser: train, watch, pause, step, scrub, refresh."""

import re

import pytest

from nnviz.presets import PRESETS
from nnviz.spec import ExperimentSpec
from tests.browser.waiting import wait_until


@pytest.fixture
def playground(page, app_url, wait_connected):
    """The Playground with its first snapshot shown."""
    page.goto(f"{app_url}/playground")
    wait_connected(page)
    opened(page)
    return page


def opened(page):
    """Wait for the first frame, drawn."""
    page.wait_for_selector(".nnviz-stage[data-step]:not([data-step=''])", timeout=90_000)
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)


def step(page):
    return int(page.locator(".nnviz-stage").get_attribute("data-step") or -1)


def metric(page, label):
    cell = page.locator(".nnviz-metric", has=page.get_by_text(label, exact=True))
    return cell.locator("dd").inner_text()


def press(page, name):
    """Press a button of the stage."""
    page.locator(f".nnviz-transport [data-do={name.lower()}]").click()


def choose(page, name):
    page.locator(".nnviz-scrubber").get_by_role("button", name=name).click()


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
    opened(page)


def test_the_charts_move_while_it_trains_and_rest_when_it_pauses(playground, app_url):
    slow_network(playground, app_url)
    seen = "document.querySelector(\"[aria-label='Loss'] canvas\")?.toDataURL()"
    press(playground, "Train")
    wait_until(playground, lambda: step(playground) > 100)
    before = playground.evaluate(seen)
    wait_until(playground, lambda: playground.evaluate(seen) != before)
    press(playground, "Pause")
    rest = settled(playground)
    press(playground, "Step")
    wait_until(playground, lambda: step(playground) != rest)
    assert step(playground) == rest + 1


def test_after_the_last_step_numbers_scrubber_and_every_curve_stand_at_it(playground, app_url):
    code = ExperimentSpec.model_validate({"training": {"n_steps": 300, "seed": 12}}).to_code()
    playground.goto(f"{app_url}/playground?code={code}")
    opened(playground)
    playground.get_by_role("radio", name="max").click()
    press(playground, "Train")
    wait_until(playground, lambda: step(playground) == 300)
    playground.wait_for_timeout(500)
    ends = playground.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot')].filter(gd => gd._fullLayout.xaxis?.title"
        "?.text?.startsWith('step')).map(gd => Math.max(...gd.data.flatMap(t => [...t.x ?? []])))"
    )
    assert ends
    assert all(300 <= end <= 320 for end in ends), ends
    assert metric(playground, "Step") == "300"
    assert playground.locator(".nnviz-step").inner_text() == "step 300 of 300"
    main = playground.locator("[data-do=train]")
    assert main.inner_text().strip() == "Train 300 more"


def test_a_single_step_is_one_update_by_button_and_by_key(playground):
    press(playground, "Step")
    wait_until(playground, lambda: step(playground) == 1)
    playground.locator("[data-testid=stMain] p").first.click()
    playground.keyboard.press("s")
    wait_until(playground, lambda: step(playground) == 2)
    playground.keyboard.press("ArrowLeft")
    wait_until(playground, lambda: step(playground) == 1)
    playground.keyboard.press("ArrowRight")
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
    choose(playground, "Live")
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
    playground.locator("[data-testid=stMain] p").first.click()
    playground.keyboard.press("Control+z")
    wait_until(playground, lambda: step(playground) == 60)
    playground.get_by_text("adam at 0.01").wait_for(timeout=30_000)
    playground.keyboard.press("Control+Shift+z")
    wait_until(playground, lambda: step(playground) == 21)
    playground.get_by_text("adam at 0.1").wait_for(timeout=30_000)


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
    assert metric(playground, "Updates/s") == "–"
    press(playground, "Pause")


def test_a_refresh_finds_the_run_again_with_all_its_history(playground):
    press(playground, "Epoch")
    wait_until(playground, lambda: step(playground) >= 30)
    newest = step(playground)
    address = playground.url
    playground.reload()
    opened(playground)
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
    opened(stranger)
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


def test_a_starting_point_on_the_home_page_opens_ready_to_train(page, app_url, wait_connected):
    page.goto(app_url)
    wait_connected(page)
    page.locator("[class*=st-key-home-open-dead] button").click()
    opened(page)
    assert "circles" in page.locator("[data-testid=stMain]").inner_text()
    press(page, "Train")
    wait_until(page, lambda: step(page) > 10)


def test_a_click_on_a_unit_shows_its_layer(playground):
    network = playground.locator("[aria-label='Network'] canvas").first
    box = network.bounding_box()
    middle = box["y"] + box["height"] / 2
    for share in range(20, 80):
        playground.mouse.move(box["x"] + box["width"] * share / 100, middle - 20)
        if "dense2" in network.locator("..").inner_text():
            break
    playground.mouse.down()
    playground.mouse.up()
    over = "Distribution over time"
    axis = f"document.querySelector(\"[aria-label='{over}'] .nnviz-plot\")"
    assert axis
    playground.get_by_role("button", name="Views").click()
    layer = playground.get_by_role("combobox", name=re.compile("Layer in detail"))
    wait_until(playground, lambda: "dense2" in (layer.input_value() or layer.inner_text()))


def test_replay_plays_the_history_again(playground):
    at_two_epochs(playground)
    choose(playground, "Replay")
    wait_until(playground, lambda: step(playground) < 10)
    wait_until(playground, lambda: 20 < step(playground) < 60)
    choose(playground, "Stop")
    wait_until(playground, lambda: step(playground) == 60)


def test_a_cut_socket_comes_back_and_no_point_is_lost(playground):
    slow_network_here = "window.nnvizSockets.forEach(s => s.close())"
    playground.add_init_script(
        "window.nnvizSockets = []; const Own = WebSocket;"
        "window.WebSocket = class extends Own { constructor(...a) { super(...a);"
        " if (String(a[0]).includes('/feed/')) window.nnvizSockets.push(this); } };"
    )
    playground.reload()
    opened(playground)
    at_two_epochs(playground)
    playground.evaluate(slow_network_here)
    wait_until(playground, lambda: playground.evaluate("nnvizSockets.at(-1).readyState") == 1)
    press(playground, "Epoch")
    wait_until(playground, lambda: step(playground) == 90)
    steps = playground.evaluate(
        "document.querySelector(\"[aria-label='Loss'] .js-plotly-plot\").data"
        ".find(t => t.name === 'test').x"
    )
    values = list(steps.values()) if isinstance(steps, dict) else steps
    assert values == sorted(set(values))
    assert {0, 30, 60, 90} <= {int(value) for value in values}


def test_a_panel_opens_full_screen_by_its_key_and_closes_again(playground):
    playground.locator("figure[aria-label='Loss']").hover()
    playground.keyboard.press("f")
    full = "document.fullscreenElement?.getAttribute('aria-label')"
    wait_until(playground, lambda: playground.evaluate(full) == "Loss")
    playground.keyboard.press("f")
    wait_until(playground, lambda: playground.evaluate(full) is None)


def test_a_deep_link_works_as_the_first_visit_of_a_fresh_server_below_a_base_path(page, serve):
    url = serve("app.py", "--server.baseUrlPath=lab", base="/lab")
    page.goto(f"{url}/playground")
    opened(page)
    page.get_by_role("link", name="Home").wait_for()
    press(page, "Step")
    wait_until(page, lambda: step(page) == 1)


def test_two_pages_side_by_side_do_not_disturb_each_other(playground):
    other = playground.context.new_page()
    other.goto(playground.url.split("?")[0])
    opened(other)
    press(playground, "Step")
    wait_until(playground, lambda: step(playground) == 1)
    press(other, "Epoch")
    wait_until(other, lambda: step(other) == 30)
    assert step(playground) == 1
    other.close()


def test_frames_leave_a_held_thumb_alone(playground, app_url):
    slow_network(playground, app_url)
    press(playground, "Train")
    wait_until(playground, lambda: step(playground) > 500)
    box = playground.get_by_role("slider", name="Step of the run").bounding_box()
    playground.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    playground.mouse.down()
    playground.wait_for_timeout(200)
    told = playground.locator(".nnviz-step")
    held = told.inner_text().split(" of ")[0]
    until = told.inner_text()
    wait_until(playground, lambda: told.inner_text() != until)
    assert told.inner_text().split(" of ")[0] == held
    playground.mouse.up()
    press(playground, "Pause")


def test_the_browsers_back_brings_settings_and_run_back(playground):
    at_two_epochs(playground)
    choose_rate(playground, "0.1")
    playground.get_by_text("goes on from step 60").wait_for(timeout=30_000)
    press(playground, "Epoch")
    wait_until(playground, lambda: step(playground) == 90)
    playground.go_back()
    wait_until(playground, lambda: step(playground) == 60)
    playground.get_by_text("adam at 0.01").wait_for(timeout=30_000)
    playground.go_forward()
    wait_until(playground, lambda: step(playground) == 90)
    playground.get_by_text("adam at 0.1").wait_for(timeout=30_000)
