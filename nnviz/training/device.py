"""Where to compute: what was asked for, what is there, and what is used."""

from __future__ import annotations

import torch

AUTO_CUDA_PARAMETERS = 200_000


def resolve_device(asked: str, n_parameters: int = 0) -> tuple[torch.device, str | None]:
    """The device to use, and a sentence where it is not the one asked for.

    "auto" takes a CUDA GPU for networks of 200,000 parameters and more and the CPU otherwise: a
    small network's update is too short to be worth a GPU kernel's launch.
    """
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if asked == "auto":
        large = n_parameters >= AUTO_CUDA_PARAMETERS
        return torch.device("cuda" if large and there["cuda"] else "cpu"), None
    if there[asked]:
        return torch.device(asked), None
    return torch.device("cpu"), f"There is no {asked} device on this machine; the CPU is used."
