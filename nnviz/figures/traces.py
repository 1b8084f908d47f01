"""Traces and axes that several figures share: lines, bands, step outlines, powers of ten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.layout import axis
from nnviz.figures.theme import class_token, token
from nnviz.records import FloatArray

Trace = dict[str, Any]
DASHES = ("solid", "dash", "dot", "dashdot")
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def line(
    x: Sequence[float] | FloatArray,
    y: Sequence[float] | FloatArray,
    name: str,
    color: str,
    hover: str,
    **style: Any,
) -> Trace:
    """A line; `hover` is a template without the name, `style` may set dash, width, mode, more."""
    stroke = {"color": color, "width": style.pop("width", 2), "dash": style.pop("dash", "solid")}
    values = np.asarray(y, np.float64)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.asarray(x, np.float32),
        "y": np.where(np.isfinite(values), values, np.nan).astype(np.float32),
        "name": name,
        "line": stroke,
        "hovertemplate": f"{name}: {hover}<extra></extra>",
        **style,
    }


def band(
    x: FloatArray, low: FloatArray, high: FloatArray, name: str, color: str, **style: Any
) -> Trace:
    """The area between two curves, without hover; points that are missing are left out."""
    known = np.isfinite(low) & np.isfinite(high)
    x, low, high = x[known], low[known], high[known]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.concatenate([x, x[::-1]]).astype(np.float32),
        "y": np.concatenate([high, low[::-1]]).astype(np.float32),
        "name": name,
        "fill": "toself",
        "fillcolor": color,
        "opacity": 0.16,
        "line": {"width": 0, "color": color},
        "hoverinfo": "skip",
        **style,
    }


def series_color(index: int) -> str:
    """Colour of the index-th of several things compared."""
    return class_token(_ORDER[index % len(_ORDER)])


def series_dash(index: int) -> str:
    """Dash of the index-th of several things; the first ten are solid."""
    return DASHES[index // len(_ORDER) % len(DASHES)]


_ORDER = (1, 0, 2, 3, 5, 7, 8, 4, 6, 9)


def outline(
    edges_B: FloatArray, height_B: FloatArray, floor: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """A histogram's outline as a closed step line standing on `floor`."""
    x = np.repeat(edges_B, 2)
    y = floor + np.concatenate([[0.0], np.repeat(height_B, 2), [0.0]])
    return x.astype(np.float32), y.astype(np.float32)


def power(exponent: float) -> str:
    """A power of ten as text: 10⁻³."""
    return f"10{str(round(exponent)).translate(SUPERSCRIPTS)}"


def scientific(values: FloatArray) -> list[str]:
    """Numbers as short text, "not measured" where there is none."""
    return [f"{value:.3g}" if np.isfinite(value) else "not finite" for value in values]


def log10(values: FloatArray) -> FloatArray:
    """Base-10 logarithm; NaN where a value is not positive or not finite.

    Figures draw this on a linear axis (`power_axis`) where values reach beyond 1e±38, which is
    all that the way to the browser can carry.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logs = np.log10(values)
    return np.where(np.isfinite(logs), logs, np.nan)


def power_axis(title: str, unit: str, logs: FloatArray, **options: Any) -> dict[str, Any]:
    """An axis for base-10 logarithms whose ticks read as powers of ten."""
    known = logs[np.isfinite(logs)]
    low, high = (float(known.min()), float(known.max())) if known.size else (-1.0, 1.0)
    middle, half = (low + high) / 2, max((high - low) / 2, 0.75) * 1.08
    low, high = middle - half, middle + half
    step = max(1, round((high - low) / 6))
    ticks = [int(t) for t in np.arange(np.ceil(low / step) * step, high + 1e-9, step)]
    labels = {"tickvals": ticks, "ticktext": [power(tick) for tick in ticks]}
    return axis(title, unit, **{**labels, "range": [low, high], **options})


def point_marks(color: str, size: float = 6.0) -> dict[str, Any]:
    """Filled points with a thin edge in the page's colour."""
    return {"color": color, "size": size, "line": {"color": token("page"), "width": 0.5}}
