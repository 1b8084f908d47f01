"""Two readers at the same exhibits at once: each sees the numbers of his own settings, as alone."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from nnviz.spec.code import encoded
from nnviz.ui.exhibits.words import told

ASKED = (
    ("dropout", "variance", {"q": 0.2}, {"q": 0.7, "mean": -2.0}),
    ("initialization", "depth", {"depth": 10}, {"depth": 25, "width": 32}),
)


@pytest.mark.parametrize(("page_name", "view", "one", "other"), ASKED)
def test_two_readers_at_once_see_what_each_would_alone(
    browser, app_url, page_name, view, one, other
):
    readers = [(browser.new_context().new_page(), asked) for asked in (one, other)]
    for page, asked in readers:
        page.goto(f"{app_url}/{page_name}?lab={encoded({'view': view, 'settings': asked}, {})}")
    for page, asked in readers:
        page.get_by_text("What to notice").wait_for(timeout=60_000)
        assert shown(page) == alone(page_name, view, asked)
        page.context.close()


def shown(page: Any) -> str:
    """What is noticed, as it stands on the page."""
    words = page.locator("p", has_text="What to notice").inner_text()
    return plain(words.removeprefix("What to notice."))


def alone(page_name: str, view: str, asked: dict[str, Any]) -> str:
    """The same sentences, computed here."""
    exhibits = importlib.import_module(f"nnviz.ui.exhibits.{page_name}").EXHIBITS
    exhibit = next(each for each in exhibits if each.name == view)
    settings = exhibit.settings.model_validate(asked)
    return plain(told(exhibit.notice(settings, exhibit.measure(settings)), is_full=False))


def plain(words: str) -> str:
    return " ".join(words.replace("*", "").split())
