"""Lanes as they are built, and the wires of all of them in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Flow = Literal["train", "eval", "gradient"]
FLOWS: dict[Flow, str] = {"train": "train()", "eval": "eval()", "gradient": "∂L/∂ backward"}
INPUT, OUTPUT = "input", "output"
MAX_BLOCKS = 10


@dataclass(frozen=True)
class PipelinePart:
    """One part of a lane: the wire that leaves it, its block, what is written on it.

    `start` is how its weights begin: it is not written, but lanes may differ in it.
    """

    wire: str
    block: str
    title: str
    detail: str = ""
    start: str = ""


@dataclass(frozen=True)
class PipelineLane:
    """A lane as it is built: its name, what is its own, its parts in the order of computation."""

    name: str
    own: str
    parts: Sequence[PipelinePart]


@dataclass(frozen=True)
class Column:
    """One wire in all lanes: what leaves a block, or the part at `slot` of the opened one."""

    block: str
    slot: int
    is_last: bool


def columns_of(lanes: Sequence[PipelineLane], blocks: list[str], opened: str) -> list[Column]:
    """What enters, then a wire a block; of the opened one as many as the longest lane has there."""
    found = []
    for block in blocks:
        n_slots = max(len(parts_of(lane, block)) for lane in lanes) if block == opened else 1
        found += [Column(block, slot, slot == n_slots - 1) for slot in range(n_slots)]
    return [Column(INPUT, 0, True), *found]


def parts_of(lane: PipelineLane, block: str) -> list[PipelinePart]:
    """The lane's parts of one block, in order."""
    return [part for part in lane.parts if part.block == block]


def in_order(lanes: Sequence[PipelineLane]) -> list[str]:
    """All blocks of all lanes, those before the last ones first."""
    first = [part.block for lane in lanes for part in lane.parts if part.block != OUTPUT]
    return [*dict.fromkeys(first), OUTPUT]


def drawn(blocks: list[str], opened: str) -> list[str]:
    """Of very many blocks the first, the last, the opened one and some between, evenly."""
    if len(blocks) <= MAX_BLOCKS:
        return blocks
    spread = {blocks[round(k)] for k in np.linspace(0, len(blocks) - 1, MAX_BLOCKS - 1)}
    return [block for block in blocks if block in spread or block == opened]
