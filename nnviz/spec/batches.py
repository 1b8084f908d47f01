"""Where the batches of an epoch begin and end: the one rule that every training keeps."""

from __future__ import annotations


def batch_bounds(n_train: int, batch_size: int, position: int = 0) -> list[tuple[int, int]]:
    """Start and end of each batch of an epoch of `n_train` points, from `position` on.

    A last batch of one point is joined to the batch before it, for every network: batch
    normalization can't train on one point, and compared trainings must see the same batches.
    Batches of one throughout stay as they were asked for. A state may stand before a single last
    point (an older version left it there, or the batch size was changed): the epoch is over.
    """
    bounds: list[tuple[int, int]] = []
    while not epoch_is_over(n_train, batch_size, position):
        end = batch_end(n_train, batch_size, position)
        bounds.append((position, end))
        position = end
    return bounds


def epoch_is_over(n_train: int, batch_size: int, position: int) -> bool:
    """Whether no batch begins at `position` any more."""
    left = n_train - position
    return left < 1 or (left == 1 and batch_size > 1 and position > 0)


def batch_end(n_train: int, batch_size: int, position: int) -> int:
    """Where the batch that begins at `position` ends."""
    end = position + batch_size
    joins = batch_size > 1 and end == n_train - 1
    return n_train if joins else min(end, n_train)
