"""Seeds derived from names and counters, so that no random state has to be carried along."""

from __future__ import annotations

from hashlib import blake2b


def derived_seed(*parts: int | str) -> int:
    """A 63-bit seed that depends on every part and nothing else."""
    digest = blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
