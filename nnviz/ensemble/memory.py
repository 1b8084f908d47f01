"""Keeping freed memory, so that the tensors of the next step need no new pages."""

from __future__ import annotations

from functools import cache

import torch

LARGEST_THRESHOLD = 30 * 2**20
"""Bytes; glibc's threshold does not rise beyond 32 MB."""


@cache
def keep_freed_memory() -> None:
    """Let glibc keep up to 60 MB of freed memory for this process.

    It gives freed memory back above a threshold, and every step would take it again at a page
    fault each 4 kB, a fifth of the time of a step. Freeing one large block raises the threshold
    to that block's size (mallopt(3), M_MMAP_THRESHOLD). Other allocators are not affected.
    """
    torch.empty(LARGEST_THRESHOLD, dtype=torch.uint8)
