"""Lines of a script that fit a slide."""

from __future__ import annotations

WIDTH = 100


def fitted(line: str) -> str:
    """A call on one line, or where that is too long its arguments on a line of their own."""
    if len(line) <= WIDTH:
        return line
    head, _, rest = line.partition("(")
    return f"{head}(\n    {rest.removesuffix(')')}\n)"
