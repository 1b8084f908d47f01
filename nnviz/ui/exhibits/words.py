"""Words that only the full numbers have: standard errors, intervals, how far from theory."""

from __future__ import annotations

import re

_OPEN, _CLOSE = "\ue000", "\ue001"
_PARTS = re.compile(f"{_OPEN}.*?{_CLOSE}", re.DOTALL)


def full(text: str) -> str:
    """A part of a sentence or number that a first meeting does without: " ± 0.003"."""
    return f"{_OPEN}{text}{_CLOSE}"


def told(text: str, is_full: bool) -> str:
    """The text with those parts, or without them."""
    return text.replace(_OPEN, "").replace(_CLOSE, "") if is_full else _PARTS.sub("", text)
