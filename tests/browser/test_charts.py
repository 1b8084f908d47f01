"""Charts in a real browser: redrawn in place, with the newest data and the page's colours."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

APP = "tests/browser/apps/charts_app.py"
MAP = "figure[data-panel=map]"
BARS = "figure[data-panel=bars]"
TICK = "(document.querySelector('figure[data-panel=bars] .gtitle')?.textContent.slice(5) | 0)"

Wait = Callable[..., None]


@pytest.fixture(scope="module")
def url(serve: Callable[..., str]) -> str:
    return serve(APP)


@pytest.fixture
def few(url: str) -> str:
    """The page with the charts that are looked at, and no more."""
    return f"{url}/?panels=5&every=0.2"


def opened(page: Page, wait_connected: Wait, url: str) -> list[Request]:
    """Open the page, wait for its first chart, and give the requests it makes."""
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    page.goto(url)
    wait_connected(page)
    page.wait_for_selector("figure[data-panel=loss]:not([aria-busy])", timeout=60_000)
    return requests


def wait_ticks(page: Page, count: int) -> None:
    page.wait_for_function(f"{TICK} > 0", timeout=30_000)
    now = page.evaluate(TICK)
    page.wait_for_function(f"{TICK} >= {now + count}", timeout=30_000)


def attribute(page: Page, panel: str, path: str) -> Any:
    return page.evaluate(f"document.querySelector('{panel} .nnviz-plot').{path}")


def test_charts_are_redrawn_in_place(page: Page, wait_connected: Wait, url: str) -> None:
    opened(page, wait_connected, url)
    expect(page.locator("figure[aria-busy]")).to_have_count(0)
    page.evaluate(
        "document.querySelectorAll('.nnviz-plot, .nnviz-plot .main-svg').forEach(n => n.mark = 7)"
    )
    before = attribute(page, MAP, "data[0].z[30][5]")
    wait_ticks(page, 5)
    marks = "[...document.querySelectorAll('.nnviz-plot, .nnviz-plot .main-svg')].map(n => n.mark)"
    assert set(page.evaluate(marks)) == {7}
    assert attribute(page, MAP, "data[0].z[30][5]") != before


def test_zoom_survives_updates(page: Page, wait_connected: Wait, few: str) -> None:
    opened(page, wait_connected, few)
    box = page.locator("figure[data-panel=loss] .nsewdrag").bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 120, steps=5)
    page.mouse.up()
    page.wait_for_function(
        "document.querySelector('figure[data-panel=loss] .nnviz-plot').layout.xaxis.range[0] > 50"
    )
    zoomed = attribute(page, "figure[data-panel=loss]", "layout.xaxis.range")
    wait_ticks(page, 5)
    assert attribute(page, "figure[data-panel=loss]", "layout.xaxis.range") == zoomed


def test_the_newest_data_are_shown(page: Page, wait_connected: Wait, url: str) -> None:
    opened(page, wait_connected, f"{url}/?every=0.5&panels=5")
    wait_ticks(page, 2)
    shown = "document.body.innerText.match(/tick (\\d+)/)[1] | 0"
    page.wait_for_function(f"{TICK} === ({shown})", timeout=20_000)


def test_charts_follow_a_theme_switch(page: Page, wait_connected: Wait, few: str) -> None:
    page.emulate_media(color_scheme="light")
    opened(page, wait_connected, few)
    bar = "document.querySelector('figure[data-panel=bars] .bars path')?.style.fill"
    ink = "document.querySelector('figure[data-panel=bars] .xtick text')?.style.fill"
    page.wait_for_function(f"{bar} === 'rgb(15, 143, 128)' && {ink}", timeout=20_000)
    light = page.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"{bar} === 'rgb(56, 209, 191)'", timeout=20_000)
    page.wait_for_function(f"{ink} && {ink} !== '{light}'", timeout=20_000)


def test_nothing_comes_from_another_host_and_plotly_comes_once(
    page: Page, wait_connected: Wait, url: str
) -> None:
    requests = opened(page, wait_connected, url)
    wait_ticks(page, 5)
    expect(page.get_by_role("button", name="Share chart...")).to_have_count(0)
    foreign = [
        request.url for request in requests if not request.url.startswith((url, "blob:", "data:"))
    ]
    assert foreign == []
    assert len([request for request in requests if "/plotly-" in request.url]) == 1


def test_a_chart_out_of_sight_is_not_drawn(page: Page, wait_connected: Wait, url: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 700})
    opened(page, wait_connected, url)
    wait_ticks(page, 5)
    last = page.locator("figure[data-panel=bars-b]")
    expect(last).to_have_attribute("aria-busy", "true")
    last.scroll_into_view_if_needed()
    expect(last).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize(("width", "columns"), [(1440, 3), (1100, 2), (480, 1)])
def test_panels_wrap_on_a_narrow_page(
    page: Page, wait_connected: Wait, url: str, width: int, columns: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, wait_connected, url)
    page.wait_for_function(
        "columns => new Set([...document.querySelectorAll('.nnviz-panel')]"
        ".map(panel => panel.getBoundingClientRect().x)).size === columns",
        arg=columns,
    )
    page.wait_for_function(
        "[...document.querySelectorAll('.nnviz-frame')].every(frame => { "
        "const svg = frame.querySelector('.main-svg'); "
        "return !svg || Math.abs(svg.clientWidth - frame.clientWidth) <= 1; })"
    )


def test_charts_that_were_away_come_back(page: Page, wait_connected: Wait, few: str) -> None:
    opened(page, wait_connected, few)
    for _ in range(2):
        page.get_by_text("Hide charts").click()
        expect(page.locator(MAP)).to_have_count(0)
        page.get_by_text("Hide charts").click()
        page.wait_for_function(f"{TICK} > 0", timeout=20_000)
        wait_ticks(page, 3)


def test_each_chart_is_named_and_explained(page: Page, wait_connected: Wait, few: str) -> None:
    opened(page, wait_connected, few)
    chart = page.get_by_role("figure", name="Loss")
    assert chart.locator("figcaption").inner_text().startswith("Loss")
    button = page.get_by_role("button", name="Loss: One sentence")
    tip = chart.get_by_role("tooltip", include_hidden=True)
    expect(tip).to_be_hidden()
    button.hover()
    expect(tip).to_be_visible()
    button.focus()
    expect(tip).to_have_text("One sentence that says what this chart shows and where to look.")


def test_a_click_on_a_point_reaches_the_script(page: Page, wait_connected: Wait, url: str) -> None:
    opened(page, wait_connected, f"{url}/?click=1&every=1&panels=2")
    box = page.locator(f"{MAP} .nsewdrag").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    told = re.compile(r"panel='map', curve=0, point=\[30, (29|30)\]")
    expect(page.get_by_text(told)).to_be_visible(timeout=20_000)


def test_a_missing_plotly_is_told_in_words(
    page: Page, wait_connected: Wait, url: str, console_errors: list[list[str]]
) -> None:
    page.route("**/plotly-*", lambda route: route.abort())
    page.goto(url)
    alert = page.get_by_role("alert").filter(has_text="The charts could not be loaded")
    expect(alert).to_be_visible(timeout=30_000)
    console_errors[0].clear()
