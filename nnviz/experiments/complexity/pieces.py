"""The work of a sweep, cut into pieces that a worker measures one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nnviz.experiments.complexity.records import PieceRecord
from nnviz.experiments.complexity.settings import ROUNDS, ComplexitySettings

SECONDS_OF_A_PIECE = 2.0
LARGEST_PIECE = 64


@dataclass(frozen=True)
class Piece:
    """Replicates `start` … `stop` - 1 at the axis's values in `places`."""

    places: tuple[int, ...]
    start: int
    stop: int


def pieces_for(settings: ComplexitySettings) -> list[Piece]:
    """All pieces, the whole curve with few replicates first; the same whatever was done before.

    A smaller number of replicates asks for the first pieces of a larger one.
    """
    n_values = len(settings.values)
    every = tuple(range(n_values))
    groups = [every] if settings.along_training else [(place,) for place in _spread(n_values)]
    found: list[Piece] = []
    for start, stop in zip((0, *ROUNDS), ROUNDS, strict=False):
        if start >= settings.n_replicates:
            break
        for places in groups:
            size = _size(settings, settings.values[places[-1]])
            found += [
                Piece(places, first, min(first + size, stop)) for first in range(start, stop, size)
            ]
    return found


def missing_pieces(settings: ComplexitySettings, known: Iterable[PieceRecord]) -> list[Piece]:
    """The pieces that have not arrived."""
    there = {Piece(record.places, record.start, record.stop) for record in known}
    return [piece for piece in pieces_for(settings) if piece not in there]


def seconds_of(settings: ComplexitySettings, pieces: Iterable[Piece]) -> float:
    """Roughly how long one core takes for these pieces."""
    total = 0.0
    for piece in pieces:
        value = settings.values[piece.places[-1]]
        more = settings.seconds_of_one(value, alone=False) * (piece.stop - piece.start - 1)
        total += settings.seconds_of_one(value) + more
    return total


def _spread(n: int) -> list[int]:
    """0 … n - 1, the ends first and then halving the gaps: few of them span the whole axis."""
    order, gaps = [0, n - 1], [(0, n - 1)]
    while gaps:
        low, high = gaps.pop(0)
        middle = (low + high) // 2
        if middle > low:
            order.append(middle)
            gaps += [(low, middle), (middle, high)]
    return list(dict.fromkeys(order))


def _size(settings: ComplexitySettings, value: float) -> int:
    fitting = SECONDS_OF_A_PIECE / settings.seconds_of_one(value, alone=False)
    return max(1, min(LARGEST_PIECE, int(fitting)))
