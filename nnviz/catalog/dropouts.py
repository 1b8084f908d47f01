"""Dropout: which kind drops what, and on which tensors each kind makes sense."""

from __future__ import annotations

from torch import nn

DROPOUT_KINDS: dict[str, str] = {
    "auto": "single units after dense layers, whole channels after convolutions",
    "elementwise": "single numbers",
    "channel": "whole channels; needs a convolution",
    "alpha": "single numbers, replaced so that mean 0 and variance 1 stay (for SELU)",
}


def refuse_dropout(kind: str, rank: int) -> str | None:
    """Why this kind can't follow a block whose samples have `rank` dimensions, or None."""
    if kind == "channel" and rank == 1:
        return "channel dropout after a dense layer would drop whole samples; use elementwise"
    return None


def make_dropout(kind: str, rank: int, probability: float) -> nn.Module:
    """The torch module that drops with `probability` on samples of `rank` dimensions."""
    if kind == "alpha":
        return nn.AlphaDropout(probability)
    if kind == "elementwise" or rank == 1:
        return nn.Dropout(probability)
    return {2: nn.Dropout1d, 3: nn.Dropout2d}[rank](probability)
