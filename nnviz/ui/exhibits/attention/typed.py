"""Settings that several exhibits of attention share: words that the reader types, a seed."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from nnviz.experiments.attention.words import words_of

MOST_SEED = 999


def _with_words(text: str) -> str:
    words_of(text)
    return text


Words = Annotated[
    str,
    Field(max_length=80, title="Words", description="From 1 to 8, of letters and digits."),
    AfterValidator(_with_words),
]
Seed = Annotated[
    int,
    Field(ge=0, le=MOST_SEED, title="Seed", description="Another one draws other numbers."),
]
