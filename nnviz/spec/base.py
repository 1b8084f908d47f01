"""What all specs share: closed and frozen models, and errors in the reader's words."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError


class SpecError(ValueError):
    """A request that can't be met; its text says which part and what would do."""


class Spec(BaseModel):
    """A request: frozen, refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def readable_errors(error: ValidationError) -> list[str]:
    """One sentence a mistake: where it is, what is wrong with it."""
    sentences = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(str(part) for part in item["loc"])
        sentence = item["msg"].removeprefix("Value error, ")
        sentences.append(f"{place}: {sentence}" if place else sentence)
    return sentences
