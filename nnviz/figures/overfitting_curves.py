"""Training against test: the gap over the steps, where to stop, and what more data does.

Shapes: S seeds, T checkpoints, Z sizes of the training set.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.overfitting.records import GapRecord, LearningCurveRecord
from nnviz.figures.curves import LOSS_UNITS
from nnviz.figures.layout import (
    SMALL_FONT_SIZE,
    axis,
    empty_figure,
    finite_only,
    layout,
    log_axis,
    log_range,
    log_ticks,
    note,
    positive_only,
    step_axis,
    vertical_line,
)
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import band, line
from nnviz.records import FloatArray

BAND_ERRORS = 2.0
PARTS = {"train": ("training", "train"), "validation": ("validation", "warning"),
         "test": ("test", "test")}  # fmt: skip
RUNAWAY = 4.0
"""A linear axis ends at this many times the first loss, or at the highest mean below that."""


def loss_gap(record: GapRecord, log_loss: bool = False, seen: int | None = None) -> FigureDict:
    """Mean losses with bands of ± 2 standard errors, the gap shaded, where seeds would stop.

    With `seen` only the first checkpoints are drawn, on the axes of all.
    """
    unit, clean = LOSS_UNITS[record.task], positive_only if log_loss else finite_only
    steps_T = np.asarray(record.lane.checkpoints, np.float32)
    means = {part: record.mean_and_error(part)[0] for part in PARTS}
    if not np.isfinite(np.stack(list(means.values()))).any():
        return empty_figure("Every training diverged: lower the learning rate.")
    till = slice(seen)
    shown_T = steps_T[till]
    train_T, test_T = (clean(means[part])[till] for part in ("train", "test"))
    gap = band(shown_T, train_T, test_T, "gap", token("muted"))
    gap["opacity"] = 0.13
    data, ends = [gap], list(means.values())
    for part, (name, colour) in PARTS.items():
        mean_T, error_T = record.mean_and_error(part)
        if part != "validation":
            low, high = mean_T - BAND_ERRORS * error_T, mean_T + BAND_ERRORS * error_T
            shade = clean(low)[till], clean(high)[till]
            data.append(band(shown_T, *shade, "", token(colour), showlegend=False))
            ends.append(high)
        dash = "dot" if part == "validation" else "solid"
        hover = f"%{{y:.4g}} {unit}"
        data.append(line(shown_T, clean(mean_T)[till], name, token(colour), hover, dash=dash))
    if seen is None:
        data.append(_stops(record, clean))
    frame = layout(
        step_axis(range=[0.0, float(steps_T[-1]) * 1.02]),
        _loss_axis(ends, unit, log_loss), hovermode="x unified",
        **({} if seen else _stop_marks(record)),
    )  # fmt: skip
    return {"data": data, "layout": frame}


def learning_curve(record: LearningCurveRecord, log_loss: bool = False) -> FigureDict:
    """Training and test loss after the whole training against the number of training points."""
    unit, clean = LOSS_UNITS[record.task], positive_only if log_loss else finite_only
    x = np.asarray(record.sizes, np.float32)
    data: list[dict[str, Any]] = []
    for part, mean, error in (
        ("train", record.train_loss_Z, record.train_error_Z),
        ("test", record.test_loss_Z, record.test_error_Z),
    ):
        name, colour = PARTS[part]
        low, high = mean - BAND_ERRORS * error, mean + BAND_ERRORS * error
        data.append(band(x, clean(low), clean(high), "", token(colour), showlegend=False))
        data.append(
            line(
                x, clean(mean), name, token(colour),
                f"%{{y:.4g}} ± %{{customdata[0]:.2g}} {unit}, %{{customdata[1]:d}} seeds",
                mode="lines+markers", connectgaps=True,
                customdata=np.stack([error, record.n_seeds_Z], axis=1).astype(np.float32),
            )
        )  # fmt: skip
    xaxis = log_axis(
        "training points", "", tickvals=list(record.sizes),
        range=log_range(np.asarray(record.sizes, float), pad=0.05),
        ticktext=[f"{size:,}" for size in record.sizes],
    )  # fmt: skip
    highest = record.test_loss_Z + BAND_ERRORS * np.nan_to_num(record.test_error_Z)
    yaxis = _loss_axis([record.train_loss_Z, highest], unit, log_loss, None)
    shapes = [vertical_line(record.now, token("ink"), dash="dot")]
    now = note("as it is", float(np.log10(record.now)), 0.98, xref="x", yanchor="top",
               xanchor="right", bgcolor=token("page"))  # fmt: skip
    frame = layout(xaxis, yaxis, shapes=shapes, annotations=[now], hovermode="x unified")
    return {"data": data, "layout": frame}


def _stops(record: GapRecord, clean: Any) -> dict[str, Any]:
    """Each seed's test loss with the weights that early stopping restores."""
    best_S, rows = record.stops.best_S, np.arange(len(record.stops.best_S))
    steps = np.asarray(record.lane.checkpoints, np.float32)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": steps[best_S],
        "y": clean(record.lane.test_loss_ST[rows, best_S]),
        "name": "early stopping, each seed",
        "customdata": steps[record.stops.stopped_S],
        "marker": {
            "symbol": "star", "size": 10, "color": token("good"),
            "line": {"color": token("page"), "width": 0.5},
        },
        "hovertemplate": "weights of step %{x}, stopped at %{customdata}: test loss %{y:.4g}"
        "<extra></extra>",
    }  # fmt: skip


def _stop_marks(record: GapRecord) -> dict[str, Any]:
    """A line at the middle seed's restored step, with words."""
    steps = np.asarray(record.lane.checkpoints, float)
    middle = float(np.median(steps[record.stops.best_S]))
    words = note("best weights<br>(median seed)", middle, 0.98, xref="x", xanchor="left",
                 yanchor="top", align="left", bgcolor=token("page"))  # fmt: skip
    words["font"] = {"size": SMALL_FONT_SIZE, "color": token("good")}
    return {"shapes": [vertical_line(middle, token("good"), dash="dash")], "annotations": [words]}


def _loss_axis(
    curves: list[FloatArray], unit: str, log_loss: bool, runaway: float | None = RUNAWAY
) -> dict[str, Any]:
    values = np.concatenate(curves)
    known = values[np.isfinite(values)]
    if not known.size:
        return axis("loss", unit, rangemode="tozero")
    if log_loss:
        return log_axis("loss", unit, **log_ticks(log_range(values, pad=0.12)))
    top = float(known.max())
    if runaway is not None:
        top = min(top, runaway * float(known[0]))
    return axis("loss", unit, range=[0.0, top * 1.08 + 1e-9])
