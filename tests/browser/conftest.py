"""A browser and servers for the tests of what the reader sees."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, sync_playwright

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ADVICE = (
    "no Chromium found: install it (`apt-get install chromium` or `playwright install chromium`) "
    "or set NNVIZ_CHROMIUM to its path"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Server:
    """One `streamlit run` of one script, from the repository's root."""

    def __init__(self, script: Path, log: Path, *options: str) -> None:
        self.log = log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._command = [
            sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true",
            f"--server.port={port}", *options,
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        """Begin, or begin again at the same address."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )

    def wait_healthy(self, base: str = "", seconds: float = 60) -> None:
        """Return once the server answers; fail with its log if it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}{base}/_stcore/health", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        self.stop()
        pytest.fail(f"the server did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        """End this server and nothing else."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


STREAMLITS_OWN = re.compile(r"/\w+/_stcore/(health|host-config)$")
"""On a deep link Streamlit looks for its server under the page's address first."""


class LoggedErrors(list[str]):
    """Errors of a page: console messages and uncaught exceptions. A test may clear them."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: Any) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not STREAMLITS_OWN.search(where):
            self.append(f"{message.text} {where}")


@pytest.fixture(scope="package")
def serve(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[..., str]]:
    """Start `streamlit run SCRIPT [options]` on a free port and give its URL."""
    servers: list[Server] = []

    def start(script: Path | str, *options: str, base: str = "") -> str:
        log = tmp_path_factory.mktemp("server") / "log.txt"
        server = Server(ROOT / script, log, *options)
        servers.append(server)
        server.wait_healthy(base)
        return server.url + base

    yield start
    for server in servers:
        server.stop()
        if request.session.testsfailed:
            print(f"\n--- log of {server.url} ---\n{server.log.read_text()[-5000:]}")


@pytest.fixture(scope="package")
def app_url(serve: Callable[..., str]) -> str:
    """The application itself."""
    return serve("app.py")


def _executable() -> str | None:
    asked = os.environ.get("NNVIZ_CHROMIUM")
    found = (shutil.which(name) for name in NAMES)
    return asked or next((path for path in found if path), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium: NNVIZ_CHROMIUM, else one on the PATH, else Playwright's own, else skip.

    It ends with this folder's tests: Playwright keeps an event loop running in the process.
    """
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(executable_path=_executable(), args=list(FLAGS))
        except Error as error:
            if os.environ.get("NNVIZ_REQUIRE_BROWSER") == "1":
                pytest.fail(f"{ADVICE}\n{error}")
            pytest.skip(ADVICE)
        yield launched
        launched.close()


@pytest.fixture
def console_errors() -> Iterator[list[LoggedErrors]]:
    """One list of errors for each page the test opened; they must be empty at its end."""
    pages: list[LoggedErrors] = []
    yield pages
    assert [list(errors) for errors in pages if errors] == []


@pytest.fixture
def page(browser: Browser, console_errors: list[LoggedErrors]) -> Iterator[Page]:
    """A fresh window of 1440 × 900; its errors are `console_errors[0]`."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    console_errors.append(LoggedErrors(opened))
    yield opened
    context.close()


@pytest.fixture
def wait_connected() -> Callable[[Page], None]:
    """Wait until the page has a session; on a live page wait for what it shows instead of rest."""

    def wait(page: Page, *, at_rest: bool = False) -> None:
        selector = "[data-testid=stApp][data-test-connection-state=CONNECTED]"
        page.wait_for_selector(selector, timeout=60_000)
        if at_rest:
            page.wait_for_selector(f"{selector}[data-test-script-state=notRunning]", timeout=60_000)

    return wait
