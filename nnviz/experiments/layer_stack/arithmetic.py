"""The rule of a layer with its own numbers in it."""

from __future__ import annotations

from typing import Any

from torch import nn

from nnviz.blocks.sample import Shape

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_MAX_POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
_MEAN_POOLS = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)


def arithmetic(module: nn.Module, shape: Shape) -> tuple[str, ...]:
    """⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1 for each different axis of positions (Dumoulin 2016).

    Nothing for layers with another rule, and where words stand for a padding.
    """
    if not isinstance(module, (*_CONVOLUTIONS, *_MAX_POOLS, *_MEAN_POOLS)):
        return ()
    own: Any = module
    n_axes = int(type(module).__name__[-2])
    if isinstance(own.padding, str) or getattr(own, "ceil_mode", False):
        return ()
    dilation = getattr(own, "dilation", 1)
    rows = zip(
        shape[-n_axes:],
        *(_each(value, n_axes) for value in (own.kernel_size, own.stride, own.padding, dilation)),
        strict=True,
    )
    return tuple(dict.fromkeys(_row(*row) for row in rows))


def _row(n: int, k: int, s: int, p: int, d: int) -> str:
    out = (n + 2 * p - d * (k - 1) - 1) // s + 1
    return f"⌊({n} + 2·{p} − {d}·({k} − 1) − 1) / {s}⌋ + 1 = {out}"


def _each(value: Any, n_axes: int) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,) * n_axes
