"""Numbers as a short text that differs where a single bit does."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
import torch
from torch import nn

CLOCKS = {"seconds"}


def digest(value: object) -> str:
    """Of arrays, tensors, modules, records and what holds them; times are left out."""
    found = blake2b(digest_size=12)
    _add(value, found)
    return found.hexdigest()


def _add(value: object, found: Any) -> None:
    match value:
        case torch.Tensor():
            _add(value.detach().cpu().numpy(), found)
        case np.ndarray():
            found.update(f"{value.dtype}{value.shape}".encode())
            found.update(np.ascontiguousarray(value).tobytes())
        case nn.Module():
            _add(dict(value.state_dict()), found)
        case Mapping():
            for name, part in value.items():
                found.update(repr(name).encode())
                _add(part, found)
        case list() | tuple():
            found.update(f"{len(value)}".encode())
            for part in value:
                _add(part, found)
        case _ if dataclasses.is_dataclass(value):
            names = [field.name for field in dataclasses.fields(value)]
            _add({name: getattr(value, name) for name in names if name not in CLOCKS}, found)
        case _:
            found.update(repr(value).encode())


def states() -> str:
    """The global random states of torch, NumPy and Python."""
    numpys = np.random.get_state()  # noqa: NPY002
    return digest((torch.get_rng_state(), numpys, random.getstate()))
