"""A measurement in pieces: what an exhibit shows that takes longer than an answer may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from nnviz.base import Spec
from nnviz.runs.sweep import Call

S = TypeVar("S", bound=Spec)
M = TypeVar("M")


def _itself(settings: Any) -> Spec:
    found: Spec = settings
    return found


def unasked(settings: Any) -> bool:
    """What takes a few seconds begins when it is opened."""
    return True


def when_asked(settings: Any) -> bool:
    """What takes long waits for the reader."""
    return False


def _nothing_said(settings: Any) -> str:
    return ""


@dataclass(frozen=True)
class Pieces(Generic[S, M]):
    """What is measured on the workers, drawn while it arrives.

    `calls` are those still missing, given the results so far in order of arrival; `collect` makes
    of these what is shown, None before there is anything. Settings with an equal `question` share
    their results. Where `starts` it begins unasked. `about` says what is measured, and how long.
    """

    calls: Callable[[S, Sequence[Any]], Sequence[Call]]
    collect: Callable[[S, Sequence[Any]], M | None]
    question: Callable[[S], Spec] = _itself
    starts: Callable[[S], bool] = unasked
    about: Callable[[S], str] = _nothing_said


def in_one(
    function: Callable[..., M], arguments: Callable[[S], tuple[Any, ...]], about: str
) -> Pieces[S, M]:
    """All in one call of a module-level function with these arguments, about a second or two."""

    def calls(settings: S, results: Sequence[Any]) -> Sequence[Call]:
        return [] if results else [(function, arguments(settings))]

    def collect(settings: S, results: Sequence[Any]) -> M | None:
        found: M | None = results[0] if results else None
        return found

    return Pieces(calls, collect, about=lambda settings: about)
