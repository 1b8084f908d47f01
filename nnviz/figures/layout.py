"""What every figure has around its data: axes with names and units, margins, notes, a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray, Snapshot

FONT_SIZE = 12
SMALL_FONT_SIZE = 11
FEW_STEPS = 5


def axis(title: str, unit: str = "", **options: Any) -> dict[str, Any]:
    """An axis named in words with its unit in brackets; further options go to Plotly."""
    named = f"{title} ({unit})" if unit else title
    return {
        "title": {"text": named, "standoff": 6, "font": {"size": FONT_SIZE}},
        "gridcolor": token("grid"),
        "linecolor": token("grid"),
        "zeroline": False,
        "ticks": "",
        "automargin": True,
        "tickfont": {"size": SMALL_FONT_SIZE},
        "nticks": 7,
        "separatethousands": True,
        "exponentformat": "power",
        "minexponent": 6,
        **options,
    }


def log_axis(title: str, unit: str = "", **options: Any) -> dict[str, Any]:
    """A logarithmic axis whose ticks are powers of ten."""
    powers = {"type": "log", "nticks": 6}
    return axis(title, unit, **{**powers, **options})


def log_ticks(limits: list[float]) -> dict[str, Any]:
    """Range and ticks of a logarithmic axis: whole powers, or numbers in full on a short one."""
    decades = limits[1] - limits[0]
    if decades >= 1.5:
        return {"range": limits, "dtick": max(1, round(decades / 6))}
    leading = (1, 2, 5) if decades >= 0.7 else (1, 1.5, 2, 3, 4, 5, 7)
    powers = range(int(np.floor(limits[0])), int(np.ceil(limits[1])) + 1)
    values = [digit * 10.0**power for power in powers for digit in leading]
    shown = [value for value in values if limits[0] <= np.log10(value) <= limits[1]]
    return {
        "range": limits,
        "tickvals": shown,
        "ticktext": [plain_number(value) for value in shown],
    }


def plain_number(value: float) -> str:
    """A number in three digits, thousands with a comma: 0.05, 1,500."""
    return f"{float(f'{value:.3g}'):,.12g}" if 1e-4 <= abs(value) < 1e7 else f"{value:.3g}"


def step_axis(log: bool = False, steps: FloatArray | None = None, **options: Any) -> dict[str, Any]:
    """The axis of training time; `log` shows step 0 nowhere, so it starts at 1.

    A run of fewer than five steps (the last of `steps`) is shown on whole ones.
    """
    if log:
        return log_axis("step", "updates", **{"dtick": 1, **options})
    is_short = steps is not None and len(steps) > 0 and float(steps[-1]) < FEW_STEPS
    few = {"range": [-0.15, FEW_STEPS], "dtick": 1} if is_short else {}
    return axis("step", "updates", **{"rangemode": "nonnegative", **few, **options})


def hidden_axis(**options: Any) -> dict[str, Any]:
    """An axis of a drawing, where positions carry no quantity."""
    return {"visible": False, "fixedrange": True, **options}


def layout(xaxis: dict[str, Any], yaxis: dict[str, Any], **options: Any) -> dict[str, Any]:
    """The common layout; the page behind the figure shows through."""
    return {
        "xaxis": xaxis,
        "yaxis": yaxis,
        "margin": {"l": 48, "r": 12, "t": 8, "b": 36},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": FONT_SIZE, "color": token("ink")},
        "hoverlabel": {
            "bgcolor": token("panel"),
            "bordercolor": token("muted"),
            "font": {"size": FONT_SIZE, "color": token("ink")},
        },
        "hovermode": "closest",
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": SMALL_FONT_SIZE},
            "bgcolor": "rgba(0,0,0,0)",
        },
        "uirevision": "nnviz",
        **options,
    }


def note(text: str, x: float, y: float, **options: Any) -> dict[str, Any]:
    """A line of small muted text at a place of the plotting area (0–1)."""
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": x,
        "y": y,
        "showarrow": False,
        "font": {"size": SMALL_FONT_SIZE, "color": token("muted")},
        **options,
    }


def empty_figure(text: str) -> FigureDict:
    """A figure that says in words why there is nothing to draw."""
    font = {"size": FONT_SIZE + 1, "color": token("muted")}
    words = note(text, 0.5, 0.5, font=font, align="center")
    margin = {"l": 8, "r": 8, "t": 8, "b": 8}
    frame = layout(hidden_axis(), hidden_axis(), annotations=[words], margin=margin)
    return {"data": [], "layout": frame}


def why_missing(snapshot: Snapshot, otherwise: str) -> FigureDict:
    """An empty figure that names the divergence where there was one."""
    found = snapshot.divergence
    if found is None:
        return empty_figure(otherwise)
    where = f"{found.quantity} of {found.layer}"
    return empty_figure(
        f"Nothing finite to draw:<br>the run diverged at step {found.step:,} ({where})."
    )


def cursor(step: float | None, log: bool = False) -> list[dict[str, Any]]:
    """The scrubber's line at a step, as a list of layout shapes (empty without a step)."""
    if step is None or (log and step <= 0):
        return []
    return [vertical_line(step, token("ink"), dash="dot")]


def vertical_line(x: float, color: str, dash: str = "solid") -> dict[str, Any]:
    """A line over the whole height at x."""
    line = {"color": color, "width": 1.5, "dash": dash}
    ends = {"x0": x, "x1": x, "y0": 0, "y1": 1}
    return {"type": "line", "xref": "x", "yref": "paper", **ends, "line": line}


def positive_only(values: FloatArray) -> FloatArray:
    """The values with everything a logarithmic axis cannot show turned to missing."""
    shown = np.isfinite(values) & (values > 0)
    return np.where(shown, values, np.nan).astype(np.float32)


def finite_only(values: FloatArray) -> FloatArray:
    """The values with infinities turned to missing."""
    return np.where(np.isfinite(values), values, np.nan).astype(np.float32)


def log_range(values: FloatArray, guides: Sequence[float] = (), pad: float = 0.25) -> list[float]:
    """Limits (in powers of ten) that hold every positive value and guide."""
    shown = [*values[np.isfinite(values) & (values > 0)].ravel().tolist(), *guides]
    if not shown:
        return [-3.0, 1.0]
    return [float(np.log10(min(shown))) - pad, float(np.log10(max(shown))) + pad]
