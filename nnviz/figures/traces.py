"""Traces and axes that several figures share: lines, bands, step outlines, powers of ten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.layout import axis
from nnviz.figures.theme import class_token, token
from nnviz.records import FloatArray

Trace = dict[str, Any]
LARGEST = 1e37
"""What is larger is beyond single precision, which is all that the browser gets."""
SHORT = 2.5
"""Axes over fewer powers of ten than this get ticks at 1, 2 and 5."""
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
    stroke = {"color": color, "width": style.pop("width", 2), "simplify": False}
    stroke["dash"] = style.pop("dash", "solid")
    values = np.asarray(y, np.float64)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.asarray(x, np.float32),
        "y": np.where(np.abs(values) < LARGEST, values, np.nan).astype(np.float32),
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
    """Numbers as short text, "not finite" where there is none."""
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
    ticks = _short_ticks(low, high) if high - low < SHORT else _whole_ticks(low, high)
    labels = {"tickvals": list(ticks), "ticktext": list(ticks.values())}
    return axis(title, unit, **{**labels, "range": [low, high], **options})


def _whole_ticks(low: float, high: float) -> dict[float, str]:
    step = max(1, round((high - low) / 6))
    places = np.arange(np.ceil(low / step) * step, high + 1e-9, step)
    return {float(place): power(place) for place in places}


def _short_ticks(low: float, high: float) -> dict[float, str]:
    """1, 2 and 5 times each power of ten, as plain numbers where they are short."""
    ticks = {}
    for exponent in range(int(np.floor(low)), int(np.ceil(high)) + 1):
        for digit in (1, 2, 5):
            place = exponent + float(np.log10(digit))
            plain = f"{digit * 10.0**exponent:g}" if -4 < exponent < 5 else ""
            if low <= place <= high:
                ticks[place] = plain or (f"{digit}·" if digit > 1 else "") + power(exponent)
    return ticks


def vertical(x: float, color: str) -> dict[str, Any]:
    """A dotted line over the whole height, in the colour of a token, as a layout shape."""
    stroke = {"color": token(color), "width": 1.5, "dash": "dot"}
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "line": stroke,
    }
