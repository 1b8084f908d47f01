"""What a field of a spec says of itself: label, help, bounds and choices, for forms and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Described:
    """A setting in words; `low` and `high` are what a form offers, never beyond the field's own."""

    label: str
    help: str | None = None
    low: float = 0.0
    high: float = 1.0
    step: float | None = None
    choices: tuple[Any, ...] = ()
    offered: tuple[float, ...] = ()
    """Usual values of a number over many powers of ten."""


@cache
def described(model: type[BaseModel], path: str) -> Described:
    """The field at a dotted path of a model. Raises KeyError where there is none."""
    *place, name = path.split(".")
    for part in place:
        model = next(
            inner for inner in _parts(model.model_fields[part].annotation) if _is_model(inner)
        )
    field = model.model_fields[name]
    marks = list(_marks(field))
    extra: dict[str, Any] = {}
    for mark in [*marks, field]:
        if isinstance(mark, FieldInfo) and isinstance(mark.json_schema_extra, dict):
            extra |= mark.json_schema_extra
    low, high = _bounds(marks)
    return Described(
        field.title or name.replace("_", " ").capitalize(),
        field.description,
        extra.get("least", low),
        extra.get("most", high),
        extra.get("step"),
        tuple(extra.get("choices", ())) or _literals(field.annotation),
        tuple(extra.get("offered", ())),
    )


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation and all that its unions and Annotated hold."""
    yield annotation
    if get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from _parts(inner)


def _marks(field: FieldInfo) -> Iterator[Any]:
    for mark in [*field.metadata, *_parts(field.annotation)]:
        yield mark
        if isinstance(mark, FieldInfo):
            yield from mark.metadata


def _bounds(marks: list[Any]) -> tuple[float, float]:
    low: Any = 0.0
    high: Any = 1.0
    for mark in marks:
        if isinstance(mark, Ge | Gt):
            low = mark.ge if isinstance(mark, Ge) else mark.gt
        elif isinstance(mark, Le):
            high = mark.le
        elif isinstance(mark, Lt):
            bound: Any = mark.lt
            high = bound - 1 if isinstance(bound, int) and bound > 1 else bound
    return low, high


def _literals(annotation: Any) -> tuple[Any, ...]:
    return next((get_args(part) for part in _parts(annotation) if get_origin(part) is Literal), ())
