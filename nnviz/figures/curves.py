"""How well the network does over time: losses, accuracies, and lanes side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.figures.ghost import Ghost, ghost_line
from nnviz.figures.lanes import lane_colour
from nnviz.figures.layout import (
    SMALL_FONT_SIZE,
    cursor,
    empty_figure,
    finite_only,
    layout,
    note,
    positive_only,
    step_axis,
    vertical_line,
    why_missing,
)
from nnviz.figures.run_axes import LOSS_UNITS as LOSS_UNITS
from nnviz.figures.run_axes import loss_axis, quantity_words, value_axis
from nnviz.figures.series import Series
from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray


def loss_curve(
    series: Series,
    current_step: float | None = None,
    log_loss: bool = False,
    log_steps: bool = False,
    unit: str | None = None,
    ghost: Ghost | None = None,
) -> FigureDict:
    """Loss on training and test set over time, the single batches behind, the minimum marked."""
    if not len(series):
        return empty_figure("No step has been recorded yet.")
    unit = quantity_words("loss", series.latest.task)[1] if unit is None else unit
    clean = positive_only if log_loss else finite_only
    steps = _shown_steps(series.steps, log_steps)
    batch, train, test = (
        clean(series.run(name)) for name in ("batch_loss", "train_loss", "test_loss")
    )
    if not np.isfinite([train, test]).any():
        return why_missing(series.latest, "No loss has been measured yet.")
    under = _under(ghost, series, "loss", log_loss, log_steps)
    data = [
        *under,
        _line(steps, batch, "batch", token("muted"), unit, width=1, opacity=0.45),
        _line(steps, train, "train", token("train"), unit),
        _line(steps, test, "test", token("test"), unit),
        _minimum(steps, test, unit, in_legend=not under),
    ]
    shown = [train, test, *(trace["y"] for trace in under)]
    yaxis = loss_axis("loss", unit, np.concatenate(shown), log_loss)
    return _over_time(series, data, yaxis, current_step, log_steps)


def accuracy_curve(
    series: Series,
    current_step: float | None = None,
    log_steps: bool = False,
    ghost: Ghost | None = None,
) -> FigureDict:
    """Share of correct answers (or R²) on training and test set over time."""
    if not len(series):
        return empty_figure("No step has been recorded yet.")
    task = series.latest.task
    name, unit = quantity_words("accuracy", task)
    steps = _shown_steps(series.steps, log_steps)
    train, test = (finite_only(series.run(f"{part}_accuracy")) for part in ("train", "test"))
    if not np.isfinite([train, test]).any():
        return why_missing(series.latest, f"No {name} has been measured yet.")
    under = _under(ghost, series, "accuracy", False, log_steps)
    data = [
        *under,
        _line(steps, train, "train", token("train"), unit),
        _line(steps, test, "test", token("test"), unit),
    ]
    shown = [train, test, *(trace["y"] for trace in under)]
    yaxis = value_axis("accuracy", task, np.concatenate(shown))
    return _over_time(series, data, yaxis, current_step, log_steps)


def lane_curves(
    lanes: Sequence[Series],
    names: Sequence[str],
    quantity: str = "test_loss",
    current_step: float | None = None,
    log_scale: bool = False,
    ghost: Ghost | None = None,
) -> FigureDict:
    """One quantity of the whole run over time, one line a lane."""
    shown = [lane for lane in lanes if len(lane)]
    if not shown:
        return empty_figure("No step has been recorded yet.")
    task = shown[0].latest.task
    words, unit = quantity_words(quantity, task)
    clean = positive_only if log_scale else finite_only
    colours = [lane_colour(place) for place in range(len(lanes))]
    under = [
        ghost_line(ghost, place, quantity, colours[place], label=name, log_scale=log_scale,
                   in_legend=place == 0)
        for place, name in enumerate(names)
        if ghost is not None and ghost.fits(lanes)
    ]  # fmt: skip
    data = [
        _line(lane.steps.astype(np.float32), clean(lane.run(quantity)), name, colour, unit)
        for colour, lane, name in zip(colours, lanes, names, strict=True)
    ]
    if not any(np.isfinite(trace["y"]).any() for trace in data):
        return why_missing(shown[0].latest, f"No {words} has been measured yet.")
    values = np.concatenate([trace["y"] for trace in (*data, *under)])
    yaxis = value_axis(quantity, task, values, log_scale)
    figure = _over_time(shown[0], [*under, *data], yaxis, current_step, False)
    top = 1.0 if quantity.endswith("loss") else 0.0  # the corner that curves mostly leave free
    short = words.rpartition(" ")[2]  # the panel's title says of which set
    title = unit if unit.startswith("share") else f"{short} ({unit})"
    figure["layout"]["yaxis"]["title"]["text"] = title
    figure["layout"]["legend"] = {
        **figure["layout"]["legend"],
        "orientation": "v",
        "x": 1.0,
        "xanchor": "right",
        "y": top,
        "yanchor": "top" if top else "bottom",
    }
    return figure


def _under(
    ghost: Ghost | None, series: Series, quantity: str, log_scale: bool, log_steps: bool
) -> list[dict[str, Any]]:
    """The ghost's curves on training and test set."""
    if ghost is None or not ghost.fits([series]):
        return []
    return [
        ghost_line(ghost, 0, f"{part}_{quantity}", token(part), label=part, log_scale=log_scale,
                   log_steps=log_steps, in_legend=part == "train")
        for part in ("train", "test")
    ]  # fmt: skip


def _shown_steps(steps: FloatArray, log_steps: bool) -> FloatArray:
    return positive_only(steps) if log_steps else np.asarray(steps, np.float32)


def _line(
    steps: FloatArray, values: FloatArray, name: str, color: str, unit: str, **style: Any
) -> dict[str, Any]:
    width, opacity = style.get("width", 2), style.get("opacity", 1.0)
    return {
        "type": "scatter",
        "mode": "lines+markers" if np.isfinite(values).sum() <= 1 else "lines",
        "x": steps,
        "y": values,
        "name": name,
        "line": {"color": color, "width": width},
        "opacity": opacity,
        "hovertemplate": f"{name}: %{{y:.4g}} {unit}<extra></extra>",
    }


def _minimum(steps: FloatArray, test: FloatArray, unit: str, in_legend: bool) -> dict[str, Any]:
    known = bool(np.isfinite(test).any())
    best = [int(np.nanargmin(test))] if known else []
    return {
        "type": "scatter",
        "mode": "markers",
        "x": steps[best],
        "y": test[best],
        "name": "lowest test loss",
        "showlegend": in_legend,
        "marker": {
            "symbol": "star",
            "size": 11,
            "color": token("test"),
            "line": {"color": token("page"), "width": 1},
        },
        "hovertemplate": f"lowest test loss: %{{y:.4g}} {unit}<extra></extra>",
    }


def _over_time(
    series: Series,
    data: list[dict[str, Any]],
    yaxis: dict[str, Any],
    current_step: float | None,
    log_steps: bool,
) -> FigureDict:
    shapes = cursor(current_step, log_steps)
    notes: list[dict[str, Any]] = []
    divergence = series.latest.divergence
    if divergence is not None:
        shapes.append(vertical_line(divergence.step, token("danger")))
        words = f"step {divergence.step:,}: {divergence.quantity} of {divergence.layer} not finite"
        warning = note(words, 0.02, 0.03, xanchor="left", yanchor="bottom", bgcolor=token("panel"))
        warning["font"] = {"size": SMALL_FONT_SIZE, "color": token("danger")}
        notes.append(warning)
    xaxis = step_axis(log_steps, series.steps)
    frame = layout(xaxis, yaxis, shapes=shapes, annotations=notes, hovermode="x unified")
    return {"data": data, "layout": frame}
