"""A panel of words with a button: what stands beside charts and is no chart."""

from __future__ import annotations

from collections.abc import Sequence

from nnviz.figures.theme import FigureDict


def note(
    paragraphs: Sequence[str], press: str = "", label: str = "", done: float | None = None
) -> FigureDict:
    """Paragraphs; a button of this label, which tells the page `press`; the share `done`."""
    trace = {
        "type": "note",
        "paragraphs": list(paragraphs),
        "press": press,
        "label": label,
        "done": done,
    }
    return {"data": [trace], "layout": {}}
