"""The same axis for figures that are to be compared, whatever each of them holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.theme import FigureDict

AxisLimits = dict[str, list[float]]
"""xaxis and yaxis → their ends, in powers of ten where the axis is logarithmic."""
PAD = 0.05


def common_limits(figures: Sequence[FigureDict]) -> AxisLimits:
    """Ends of both axes that hold everything of all figures; an empty figure has no say."""
    drawn = [figure for figure in figures if figure["data"]]
    found: AxisLimits = {}
    for name in ("xaxis", "yaxis"):
        ends = [limits for figure in drawn if (limits := _limits(figure, name)) is not None]
        if ends:
            found[name] = [min(end[0] for end in ends), max(end[1] for end in ends)]
    return found


def with_limits(figure: FigureDict, limits: AxisLimits) -> FigureDict:
    """The same figure with these ends; an empty figure stays as it is."""
    if not figure["data"]:
        return figure
    frame: dict[str, Any] = dict(figure["layout"])
    for name, ends in limits.items():
        kept = {k: v for k, v in frame[name].items() if k not in ("rangemode", "autorange")}
        frame[name] = {**kept, "range": list(ends)}
    return {**figure, "layout": frame}


def on_shared_axes(figures: Sequence[FigureDict]) -> list[FigureDict]:
    """All figures on the axes that hold all of them."""
    limits = common_limits(figures)
    return [with_limits(figure, limits) for figure in figures]


def _limits(figure: FigureDict, name: str) -> list[float] | None:
    frame = figure["layout"][name]
    if frame.get("type") == "category" or frame.get("autorange") == "reversed":
        return None
    if frame.get("range") is not None:
        return [float(end) for end in frame["range"]]
    parts = [np.ravel(trace[name[0]]) for trace in figure["data"] if len(trace[name[0]])]
    values = np.concatenate(parts).astype(float) if parts else np.empty(0)
    log = frame.get("type") == "log"
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not values.size:
        return None
    if log:
        values = np.log10(values)
    low, high = float(values.min()), float(values.max())
    pad = PAD * (high - low) or max(abs(high), 1.0) * PAD
    is_steps = frame.get("rangemode") in ("nonnegative", "tozero") and low >= 0
    return [0.0 if is_steps else low - pad, high + pad]
