"""Waiting for what a page shows."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page


def wait_until(page: Page, is_so: Callable[[], object], seconds: float = 60) -> None:
    """Return once it is so; fail if it is not so in the end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return
        page.wait_for_timeout(50)
    assert is_so()
