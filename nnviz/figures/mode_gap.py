"""The same batch in training and in evaluation mode, lane by lane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nnviz.experiments.mode_gap.records import ModeGapRecord
from nnviz.figures.lanes import DASHES, SYMBOLS, lane_colour
from nnviz.figures.layout import axis, cursor, empty_figure, finite_only, layout, note, step_axis
from nnviz.figures.theme import FigureDict, token
from nnviz.records import QUALITY, FloatArray, Task, has_classes

Entry = tuple[int, Sequence[ModeGapRecord]]
NO_DIFFERENCE = "No lane has batch normalization or dropout: both modes are the same."
NOT_MEASURED = "Not measured yet."
MAX_POINTS = 600


def mode_curves(
    entries: Sequence[Entry],
    names: Sequence[str],
    quantity: Literal["loss", "accuracy"],
    current_step: float | None = None,
    task: Task = "classification",
) -> FigureDict:
    """Loss or accuracy (or R²) of the same batch: training mode solid, evaluation mode dotted."""
    if not entries:
        return empty_figure(NOT_MEASURED)
    lanes = _differing(entries[-1][1])
    if not lanes:
        return empty_figure(NO_DIFFERENCE)
    steps = np.array([step for step, _ in entries], np.float32)
    data = []
    for lane in lanes:
        for mode, dash in (("train", "solid"), ("eval", "dot")):
            values = np.array([getattr(gaps[lane], f"{mode}_{quantity}") for _, gaps in entries])
            data.append(_curve(steps, finite_only(values), f"{names[lane]}, {mode}()", lane, dash))
    is_share = quantity == "accuracy" and has_classes(task)
    name = QUALITY[task] if quantity == "accuracy" else quantity
    yaxis = axis(name, f"{'share correct ' * is_share}of this batch", rangemode="tozero")
    frame = layout(step_axis(), yaxis, shapes=cursor(current_step), hovermode="x unified")
    return {"data": data, "layout": frame}


def mode_layers(gaps: Sequence[ModeGapRecord] | None, names: Sequence[str]) -> FigureDict:
    """Standard deviation of what each layer passes on: training mode over evaluation mode."""
    if gaps is None:
        return empty_figure(NOT_MEASURED)
    lanes = _differing(gaps)
    if not lanes:
        return empty_figure(NO_DIFFERENCE)
    data = []
    for lane in lanes:
        layers = gaps[lane].layers
        ratio = np.array([x.train_std / x.eval_std if x.eval_std else np.nan for x in layers])
        data.append(_by_layer(lane, names[lane], [x.name for x in layers], finite_only(ratio)))
    longest = max((trace["text"] for trace in data), key=len)
    every = -(-len(longest) // 7)
    ticks = {"tickvals": list(range(0, len(longest), every)), "ticktext": longest[::every]}
    xaxis = axis("layer", "input side → output", range=[-0.4, len(longest) - 0.6], **ticks)
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 1, "y1": 1}
    shapes = [{**line, "line": {"color": token("guide"), "width": 1, "dash": "dash"}}]
    frame = layout(xaxis, axis("std in train() / eval()", "ratio"), shapes=shapes)
    return {"data": data, "layout": frame}


def mode_outputs(gaps: Sequence[ModeGapRecord] | None, names: Sequence[str]) -> FigureDict:
    """Every output for every point of the batch: evaluation mode over training mode."""
    if gaps is None:
        return empty_figure(NOT_MEASURED)
    lanes = _differing(gaps)
    if not lanes:
        return empty_figure(NO_DIFFERENCE)
    data = [_cloud(gaps[lane], lane, names[lane]) for lane in lanes]
    known = np.concatenate([np.concatenate([trace["x"], trace["y"]]) for trace in data])
    known = known[np.isfinite(known)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    ends = np.array([low, high], np.float32)
    identity: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines",
        "x": ends,
        "y": ends,
        "name": "equal",
        "showlegend": False,
        "line": {"color": token("guide"), "width": 1, "dash": "dash"},
        "hovertemplate": "both modes agree<extra></extra>",
    }
    frame = layout(axis("output in train()", "logit or value"), axis("in eval()", "logit or value"))
    frame["annotations"] = [note("dashed: equal", 1, 0.02, xanchor="right", yanchor="bottom")]
    return {"data": [*data, identity], "layout": frame}


def _differing(gaps: Sequence[ModeGapRecord]) -> list[int]:
    return [lane for lane, record in enumerate(gaps) if record.differs]


def _curve(steps: FloatArray, values: FloatArray, name: str, lane: int, dash: str) -> Any:
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(steps) == 1 else "lines",
        "x": steps,
        "y": values,
        "name": name,
        "line": {"color": lane_colour(lane), "width": 2, "dash": dash},
        "hovertemplate": f"{name}: %{{y:.4g}}<extra></extra>",
    }


def _by_layer(lane: int, name: str, layers: list[str], ratio_L: FloatArray) -> dict[str, Any]:
    style = lane % len(DASHES)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": np.arange(len(layers), dtype=np.float32),
        "y": ratio_L,
        "text": layers,
        "name": name,
        "line": {"color": lane_colour(lane), "width": 2, "dash": DASHES[style]},
        "marker": {"size": 8, "symbol": SYMBOLS[style]},
        "hovertemplate": f"{name}, %{{text}}: std in train() is %{{y:.3g}} × that in eval()"
        "<extra></extra>",
    }


def _cloud(record: ModeGapRecord, lane: int, name: str) -> dict[str, Any]:
    x, y = (
        finite_only(np.ravel(values)[:MAX_POINTS])
        for values in (record.train_output_BC, record.eval_output_BC)
    )
    symbol = SYMBOLS[lane % len(SYMBOLS)]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "name": name,
        "marker": {"color": lane_colour(lane), "size": 5, "symbol": symbol, "opacity": 0.7},
        "hovertemplate": f"{name}: train() %{{x:.3g}}, eval() %{{y:.3g}}<extra></extra>",
    }
