"""Buttons beside a part of the page that redraws itself: each press counts once."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.runtime.scriptrunner import get_script_run_ctx


def once(action: Callable[..., object], *arguments: object) -> None:
    """A button's `on_click`, with the action as its first argument.

    The browser sends a press in a message of its own. If a fragment's timer ends at that moment,
    its message holds the press too, and Streamlit calls back for both.
    """
    context = get_script_run_ctx()
    if context is None or not context.fragment_ids_this_run:
        action(*arguments)
