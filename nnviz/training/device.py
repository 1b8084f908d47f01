"""Where to compute: what was asked for, what is there, and what is used."""

from __future__ import annotations

from collections.abc import Callable

import torch

CPU = torch.device("cpu")


def resolve_device(
    asked: str, fastest: Callable[[], torch.device] = lambda: CPU
) -> tuple[torch.device, str | None]:
    """The device to use, and a sentence where it is not the one asked for.

    "auto" is what `fastest` finds where this machine has a CUDA GPU, and the CPU elsewhere.
    """
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if asked == "auto":
        return (fastest() if there["cuda"] else CPU), None
    if there[asked]:
        return torch.device(asked), None
    return CPU, f"There is no {asked} device on this machine; the CPU is used."
