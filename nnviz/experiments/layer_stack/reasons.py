"""Why a layer does not fit what arrives, in plain words."""

from __future__ import annotations

import math

from torch import nn

from nnviz.blocks.sample import Shape
from nnviz.experiments.layer_stack.reading import Asked

_IN_THE_LAST_AXIS = ("in_features", "input_size", "embed_dim")
_IN_THE_CHANNELS = ("in_channels", "num_channels", "num_features")
MAX_WORDS = 160


def reason_of(asked: Asked, module: nn.Module | None, shape: Shape, error: Exception) -> str:
    """What arrives, what is needed, and what would do; torch's own words for anything else."""
    name, gets = f"{asked.layer.prefix}{asked.layer.name}", f"gets {_told(shape)}"
    words = module and (
        _axes(name, shape) or _width(asked, module, shape) or _channels(module, shape)
    )
    if words:
        return f"{name} {words}"
    own = " ".join(str(error).split())
    return f"{name} {gets}, and torch says: {own[:MAX_WORDS]}{'…' * (len(own) > MAX_WORDS)}"


def _axes(name: str, shape: Shape) -> str | None:
    """A layer for n axes of positions takes a batch, channels and these."""
    if name[-2:] not in ("1d", "2d", "3d"):
        return None
    n = int(name[-2])
    fits = (n + 1, n + 2) if "BatchNorm" not in name or n == 1 else (n + 2,)
    if len(shape) in (*fits, 2 if n == 1 else 0):
        return None
    axes = ", ".join(("length", "height, width", "depth, height, width")[n - 1 : n])
    return f"needs (batch, channels, {axes}), and gets {_told(shape)} of {len(shape)} axes"


def _width(asked: Asked, module: nn.Module, shape: Shape) -> str | None:
    if isinstance(module, nn.TransformerEncoderLayer):
        needed, called = module.self_attn.embed_dim, "d_model"
    else:
        found = [n for n in _IN_THE_LAST_AXIS if isinstance(getattr(module, n, None), int)]
        if not found:
            return None
        needed, called = int(getattr(module, found[0])), found[0]
    if shape[-1] == needed:
        return None
    words = f"needs {needed:,} numbers in the last axis ({called}), and gets {_told(shape)}"
    flat = math.prod(shape[1:])
    if len(shape) > 2 and flat == needed:
        return f"{words}: put nn.Flatten() before it"
    if len(shape) > 2 and isinstance(module, nn.Linear):
        return f"{words}: {shape[-1]:,} would fit, or {flat:,} behind nn.Flatten()"
    return f"{words}: {shape[-1]:,} would fit"


def _channels(module: nn.Module, shape: Shape) -> str | None:
    found = [name for name in _IN_THE_CHANNELS if isinstance(getattr(module, name, None), int)]
    if not found or len(shape) < 2 or shape[1] == (needed := getattr(module, found[0])):
        return None
    return (
        f"needs {needed:,} channels ({found[0]}), and gets {shape[1]:,} of {_told(shape)}:"
        f" {shape[1]:,} would fit"
    )


def _told(shape: Shape) -> str:
    return f"({', '.join(f'{size:,}' for size in shape)})".replace(",)", ")")
