"""BatchNorm's running statistics on their way, and the outputs of its two modes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.normalization.records import ModeRecord, RunningRecord
from nnviz.figures.distributions import Bell, distribution_lines
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import band, line
from nnviz.records import FloatArray

NO_STATISTICS = "track_running_stats is off:<br>nothing is kept, evaluation uses its own batch."
MODE_COLOURS = ("train", "test", "bias")


def running_mean_figure(record: RunningRecord, until: int | None = None) -> FigureDict:
    """Batch means, the running mean they pull along, and the band that chance allows it.

    With `until` the batches up to that one, on the same axes.
    """
    if np.isnan(record.running_mean_T).all():
        return empty_figure(NO_STATISTICS)
    data = [
        _dots(record, _first(record.batch_mean_T, until), "batch", "muted"),
        _band(record, record.expected_mean_T, record.mean_error_T),
        _line(record, _first(record.running_mean_T, until), "running mean", "density"),
        _truth(record, record.true_mean),
    ]
    return _over_steps(data, "mean", "value", _limits(record.batch_mean_T, record.true_mean, 0.0))


def running_variance_figure(record: RunningRecord) -> FigureDict:
    """Both variances of each batch, and the running variance, which follows the unbiased ones."""
    if np.isnan(record.running_variance_T).all():
        return empty_figure(NO_STATISTICS)
    data = [
        _dots(record, record.biased_T, "÷ B", "negative"),
        _dots(record, record.unbiased_T, "÷ (B − 1)", "muted"),
        _band(record, record.expected_variance_T, record.variance_error_T),
        _line(record, record.running_variance_T, "running", "variance"),
        _truth(record, record.true_variance),
    ]
    limits = _limits(record.unbiased_T, record.true_variance, 1.0)
    return _over_steps(data, "variance", "value²", limits)


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


def _first(values_T: FloatArray, until: int | None) -> FloatArray:
    """The values up to a batch; what comes later is not there yet."""
    return (
        values_T if until is None else np.where(np.arange(len(values_T)) <= until, values_T, np.nan)
    )


def _limits(values_T: FloatArray, *others: float) -> list[float]:
    shown = [*values_T[np.isfinite(values_T)].tolist(), *others]
    margin = 0.06 * (max(shown) - min(shown)) or 1.0
    return [min(shown) - margin, max(shown) + margin]


def _over_steps(
    data: list[dict[str, Any]], name: str, unit: str, limits: list[float]
) -> FigureDict:
    xaxis = axis("batches seen", rangemode="tozero", nticks=6)
    frame = layout(xaxis, axis(name, unit, range=limits))
    return {"data": data, "layout": {**frame, "margin": {"l": 52, "r": 12, "t": 44, "b": 40}}}


def _dots(record: RunningRecord, values_T: FloatArray, name: str, colour: str) -> dict[str, Any]:
    dots = {"size": 5, "color": token(colour), "opacity": 0.7}
    return _line(record, values_T, name, colour, mode="markers", marker=dots)


def _line(
    record: RunningRecord, values_T: FloatArray, name: str, colour: str, **style: Any
) -> dict[str, Any]:
    hover = "%{y:.4g} after batch %{x}"
    style = {"width": 2.5, **style}
    return line(1.0 * record.step_T, values_T, name, token(colour), hover, **style)


def _band(record: RunningRecord, expected_T: FloatArray, error_T: FloatArray) -> dict[str, Any]:
    """Expectation ± two standard deviations."""
    low_T, high_T = expected_T - 2 * error_T, expected_T + 2 * error_T
    return band(1.0 * record.step_T, low_T, high_T, "expected", token("guide"))


def _truth(record: RunningRecord, value: float) -> dict[str, Any]:
    ends, hover = np.array([0, record.n_steps]), "%{y:.4g}"
    return line(ends, [value, value], "data", token("guide"), hover, width=1.5, dash="dash")
