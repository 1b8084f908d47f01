"""BatchNorm's running statistics on their way, and the outputs of its two modes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.normalization.records import ModeRecord, RunningRecord
from nnviz.figures.distributions import Bell, distribution_lines
from nnviz.figures.layout import axis, empty_figure, layout, log_axis
from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray

NO_STATISTICS = "track_running_stats is off:<br>nothing is kept, evaluation uses its own batch."
MODE_COLOURS = ("train", "test", "bias")
STEP = ("batches seen", "steps")


def running_mean_figure(record: RunningRecord) -> FigureDict:
    """Batch means, the running mean they pull along, and the band that chance allows it."""
    if np.isnan(record.running_mean_T).all():
        return empty_figure(NO_STATISTICS)
    data = [
        _dots(record, record.batch_mean_T, "mean of the batch", "muted"),
        *_band(record, record.expected_mean_T, record.mean_error_T),
        _line(record, record.running_mean_T, "running mean", "density"),
        _truth(record, record.true_mean, "mean of the data"),
    ]
    return _over_steps(data, "mean")


def running_variance_figure(record: RunningRecord) -> FigureDict:
    """Both variances of each batch, and the running variance, which follows the unbiased ones."""
    if np.isnan(record.running_variance_T).all():
        return empty_figure(NO_STATISTICS)
    data = [
        _dots(record, record.biased_T, "biased (normalizes)", "negative"),
        _dots(record, record.unbiased_T, "unbiased (is kept)", "muted"),
        *_band(record, record.expected_variance_T, record.variance_error_T),
        _line(record, record.running_variance_T, "running variance", "variance"),
        _truth(record, record.true_variance, "variance of the data"),
    ]
    return _over_steps(data, "variance", "value²")


def remaining_figure(record: RunningRecord) -> FigureDict:
    """How much of the initial running value is left, measured and as (1 - m)^k."""
    if np.isnan(record.remaining_T).all():
        return empty_figure(NO_STATISTICS)
    shown = np.where(record.remaining_T > 1e-12, record.remaining_T, np.nan)
    momentum = record.momentum
    words = "cumulative: 1/k a batch" if momentum is None else f"{1 - momentum:.4g}^k"
    if momentum is None or record.torch_says:
        theory = np.where(record.step_T == 0, 1.0, np.nan)
    else:
        theory = (1 - momentum) ** record.step_T
    theory = np.where(theory > 1e-12, theory, np.nan)
    data = [
        _dots(record, shown, "measured with two starts", "density"),
        {
            **_line(record, theory, words, "guide"),
            "line": {"color": token("guide"), "dash": "dash"},
        },
    ]
    low = float(np.nanmin(shown))
    yaxis = log_axis("initial value left", "share", range=[np.log10(min(low, 0.1)) - 0.15, 0.15])
    return {"data": data, "layout": _frame(yaxis)}


def mode_figure(modes: Sequence[ModeRecord]) -> FigureDict:
    """Outputs in training and in evaluation, with the normal curve that theory gives evaluation."""
    if not modes:
        return empty_figure("torch refuses batches of one number in training,<br>so no outputs.")
    bells = [
        Bell(
            f"theory, {'shifted' if place else 'same'} data", mode.expected_mean, mode.expected_std
        )
        for place, mode in enumerate(modes[1:])
        if np.isfinite(mode.expected_std)
    ]
    distributions = [mode.distribution for mode in modes]
    return distribution_lines(distributions, MODE_COLOURS, "output of the layer", bells)


def _over_steps(data: list[dict[str, Any]], name: str, unit: str = "value") -> FigureDict:
    return {"data": data, "layout": _frame(axis(name, unit))}


def _frame(yaxis: dict[str, Any]) -> dict[str, Any]:
    frame = layout(axis(*STEP, rangemode="tozero"), yaxis)
    return {**frame, "margin": {"l": 52, "r": 12, "t": 44, "b": 40}}


def _dots(record: RunningRecord, values_T: FloatArray, name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": record.step_T,
        "y": values_T,
        "marker": {"size": 5, "color": token(colour), "opacity": 0.7},
        "hovertemplate": f"{name}: %{{y:.4g}} after batch %{{x}}<extra></extra>",
    }


def _line(record: RunningRecord, values_T: FloatArray, name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": record.step_T,
        "y": values_T,
        "line": {"color": token(colour), "width": 2.5},
        "hovertemplate": f"{name}: %{{y:.4g}} after batch %{{x}}<extra></extra>",
    }


def _band(
    record: RunningRecord, expected_T: FloatArray, error_T: FloatArray
) -> list[dict[str, Any]]:
    """Expectation ± two standard deviations, as two edges with the space between filled."""
    edge: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines",
        "x": record.step_T,
        "line": {"width": 0},
        "showlegend": False,
        "hoverinfo": "skip",
    }
    low_T, high_T = expected_T - 2 * error_T, expected_T + 2 * error_T
    fill = {"fill": "tonexty", "fillcolor": "rgba(128,128,128,0.18)"}
    named = {"showlegend": True, "name": "expected ± 2 deviations"}
    return [{**edge, "y": low_T}, {**edge, "y": high_T, **fill, **named}]


def _truth(record: RunningRecord, value: float, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [0, record.n_steps],
        "y": [value, value],
        "line": {"color": token("guide"), "width": 1.5, "dash": "dash"},
        "hovertemplate": f"{name}: %{{y:.4g}}<extra></extra>",
    }
