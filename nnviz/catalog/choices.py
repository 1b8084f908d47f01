"""Refusing an unknown choice in the reader's words, naming what there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping


def one_of(what: str, choices: Mapping[str, object]) -> Callable[[str], str]:
    """A validator that lets the names of `choices` pass.

    Raises ValueError such as: activation must be one of gelu, relu; got 'rleu'.
    """

    def check(name: str) -> str:
        if name not in choices:
            shown = name if len(name) <= 40 else name[:40] + "…"
            raise ValueError(f"{what} must be one of {', '.join(sorted(choices))}; got {shown!r}")
        return name

    return check
