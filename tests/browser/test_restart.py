"""A server that dies with a page open, and is started again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from nnviz.presets import PRESETS
from tests.browser.conftest import ROOT, LoggedErrors, Server
from tests.browser.test_playground import opened, press, step
from tests.browser.waiting import wait_until


def test_the_page_says_that_its_run_is_gone_and_offers_the_same_settings(
    page: Page,
    console_errors: list[LoggedErrors],
    wait_connected: Callable[..., None],
    tmp_path: Path,
) -> None:
    server = Server(ROOT / "app.py", tmp_path / "log.txt")
    try:
        server.wait_healthy()
        page.goto(f"{server.url}/playground?code={PRESETS['xor_by_a_line'].spec.to_code()}")
        opened(page)
        press(page, "Step")
        wait_until(page, lambda: step(page) == 1)
        address = page.url
        server.process.kill()
        server.process.wait()
        page.wait_for_selector("[data-testid=stApp]:not([data-test-connection-state=CONNECTED])")
        server.start()
        server.wait_healthy()
        wait_connected(page)
        page.get_by_text("The run of this address is gone").wait_for(timeout=90_000)
        wait_until(page, lambda: step(page) == 0)
        assert page.url.split("code=")[1].split("&")[0] == address.split("code=")[1].split("&")[0]
        press(page, "Step")
        wait_until(page, lambda: step(page) == 1)
    finally:
        page.goto("about:blank")  # it would go on looking for a server that has ended
        server.stop()
        console_errors[0].clear()  # the browser tells of the server that was not there
