"""What all specs share: closed and frozen models, and errors in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

MAX_SHOWN = 40


class SpecError(ValueError):
    """A request that can't be met; its text says which part and what would do."""


class Spec(BaseModel):
    """A request: frozen, refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def readable_errors(error: ValidationError) -> list[str]:
    """One sentence a mistake: where it is, what would do, what it got."""
    sentences = []
    for item in error.errors(include_url=False, include_context=False):
        place = ".".join(str(part) for part in item["loc"])
        sentence = item["msg"].removeprefix("Value error, ")
        if item["type"] != "value_error" and isinstance(item["input"], (bool, int, float, str)):
            sentence += f"; got {_shown(item['input'])}"
        sentences.append(f"{place}: {sentence}" if place else sentence)
    return sentences


def _shown(value: float | str) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes
        return "a very large number"
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def filled(document: Any, defaults: Mapping[str, Any]) -> Any:
    """The document with a default for each setting left out, so that equal requests are equal."""
    if not isinstance(document, dict):
        return document
    missing = {name: value for name, value in defaults.items() if document.get(name) is None}
    return {**document, **missing}
