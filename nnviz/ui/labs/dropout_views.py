"""What the dropout lab shows: measured once, drawn as panels."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from nnviz.experiments.dropout.alpha import compare_alpha
from nnviz.experiments.dropout.batch_norm_shift import measure_shift
from nnviz.experiments.dropout.channels import FILTERS, LAYERS, drop_channels
from nnviz.experiments.dropout.masks import draw_mask
from nnviz.experiments.dropout.records import (
    AlphaRecord,
    ChannelRecord,
    MaskRecord,
    ShiftRecord,
    UncertaintyRecord,
    VarianceRecord,
)
from nnviz.experiments.dropout.uncertainty import CurveFit, fit_curve
from nnviz.experiments.dropout.variance import measure_variance
from nnviz.feed import Panel
from nnviz.figures.distributions import Bell, distribution_lines
from nnviz.figures.dropout_channels import feature_maps_figure
from nnviz.figures.dropout_moments import depth_lines, ratio_curve, variance_bars, variance_scatter
from nnviz.figures.dropout_network import masked_network
from nnviz.figures.dropout_uncertainty import spread_figure, uncertainty_figure
from nnviz.ui.labs.dropout import DropoutSettings

Shown = MaskRecord | VarianceRecord | ChannelRecord | AlphaRecord | ShiftRecord | UncertaintyRecord


def measure(settings: DropoutSettings) -> Shown:
    """What the chosen view shows, computed with torch."""
    s = settings
    measured: dict[str, Callable[[], Shown]] = {
        "masks": lambda: draw_mask(s.network, s.draw),
        "variance": lambda: measure_variance(s.q, s.mean, s.std, s.n_inputs, s.seed),
        "channels": lambda: drop_channels(s.shape, s.q, s.seed, s.draw, s.first),
        "alpha": lambda: compare_alpha(s.q, s.n_layers, s.seed),
        "shift": lambda: measure_shift(s.q, s.inputs, s.order, s.seed),
        "uncertainty": lambda: _fitted(s.fit),
    }
    return measured[s.view]()


@st.cache_data(
    max_entries=64, show_spinner="Training the small network…", hash_funcs={CurveFit: repr}
)
def _fitted(fit: CurveFit) -> UncertaintyRecord:
    return fit_curve(fit)


def panels(shown: Shown) -> list[Panel]:
    """The charts of a view."""
    found: list[Panel] = _PANELS[type(shown)](shown)
    return found


def _masks(record: MaskRecord) -> list[Panel]:
    bells = []
    if np.isfinite(record.expected_variance) and record.expected_variance > 0:
        std = math.sqrt(record.expected_variance)
        bells = [Bell("normal, theory's deviation", record.evaluation_output, std)]
    marks = [
        ("evaluation mode", record.evaluation_output, "negative"),
        ("mean over the masks", record.outputs.mean, "ink"),
    ]
    outputs = distribution_lines([record.outputs], ["train"], "output", bells, marks)
    return [
        Panel(
            "network", "This pass in training mode", masked_network(record),
            "The number is what a unit hands on: 0 when dropped, else its activation times"
            " 1/(1 - q). Blue weights are positive, orange ones negative.", 400, 6,
        ),
        Panel(
            "outputs", f"The output under {record.outputs.n_numbers:,} masks", outputs,
            "One input and one set of weights; only the mask changes.", 400, 6,
        ),
    ]  # fmt: skip


def _variance(record: VarianceRecord) -> list[Panel]:
    plain = [record.evaluation, record.training]
    linear = [record.linear_evaluation, record.linear_training]
    keep = 1 - record.q
    mean, std = record.evaluation.mean, math.sqrt(record.evaluation.variance)
    bell = Bell("survivors, theory", mean / keep, std / keep, keep)
    return [
        Panel(
            "numbers", "The numbers themselves",
            distribution_lines(plain, ["test", "train"], "number", [bell], spikes=True),
            "Dropped numbers are 0, the others are divided by 1 - q: the mean stays, the variance"
            " grows.", 300, 6,
        ),
        Panel(
            "linear", "After a linear unit",
            distribution_lines(linear, ["test", "train"], "output of the unit"),
            "A weighted sum of the numbers in both modes.", 300, 6,
        ),
        Panel(
            "bars", "Variances: measured and in theory", variance_bars(record),
            "(v + q c²)/(1 - q) after dropout; after the linear unit the difference is"
            " q/(1 - q) · Σ w² E[x²].", 280, 12,
        ),
    ]  # fmt: skip


def _channels(record: ChannelRecord) -> list[Panel]:
    limit = float(np.abs(record.before).max())
    wide = record.shape != "image"
    names = tuple(f"{c}: {name}" for c, name in enumerate(FILTERS)) if wide else ()
    torch_name = LAYERS[record.shape][0]
    title = f"Whole channels: {torch_name}"
    if record.refusal:
        title = f"Refused; what {torch_name} would do: whole samples go"
    drawn = [
        ("before", "Feature maps in evaluation mode", record.before, None),
        ("elementwise", "Single numbers: Dropout", record.elementwise, record.elementwise_kept),
        ("channel", title, record.channel, record.channel_kept),
    ]
    helps = {
        "before": f"Three digits seen through six filters: {', '.join(FILTERS)}.",
        "elementwise": "Every number is dropped by itself; grey is dropped.",
        "channel": "A channel of a sample is dropped as a whole or not at all; grey is dropped.",
    }
    height = {"image": 230, "volume": 250, "signal": 190, "table": 190}[record.shape]
    return [
        Panel(
            name, heading, feature_maps_figure(maps, kept, limit, names), helps[name],
            height, 12 if wide else 4,
        )
        for name, heading, maps, kept in drawn
    ]  # fmt: skip


def _alpha(record: AlphaRecord) -> list[Panel]:
    three = [record.original, record.ordinary, record.alpha]
    colours = ["muted", "negative", "density"]
    return [
        Panel(
            "numbers", "N(0, 1) through one layer",
            distribution_lines(three, colours, "number", spikes=True),
            "Dropout puts dropped numbers at 0, alpha dropout far to the left, and both rescale.",
            320, 12,
        ),
        Panel(
            "mean", "Mean through a deep SELU network", depth_lines(record, "mean"),
            "After each block linear → SELU → dropout.", 270, 6,
        ),
        Panel(
            "deviation", "Deviation through the same network", depth_lines(record, "deviation"),
            "1 is what self-normalizing networks keep up.", 270, 6,
        ),
    ]  # fmt: skip


def _shift(record: ShiftRecord) -> list[Panel]:
    outputs = [record.output_training, record.output_evaluation]
    return [
        Panel(
            "scatter", "What batch norm meets, unit by unit", variance_scatter(record),
            "On the dotted line training and evaluation agree.", 320, 4,
        ),
        Panel(
            "ratio", "The ratio over q", ratio_curve(record),
            "(v + q c²)/((1 - q) v) for independent inputs with mean c and variance v.", 320, 4,
        ),
        Panel(
            "outputs", "What is handed on",
            distribution_lines(
                outputs, ["train", "test"], "output", spikes=record.order == "batch_norm_first"
            ),
            "In evaluation the outputs have another deviation than the one trained with.", 320, 4,
        ),
    ]  # fmt: skip


def _uncertainty(record: UncertaintyRecord) -> list[Panel]:
    return [
        Panel(
            "curve", "The answer with dropout left on", uncertainty_figure(record),
            "Small dots are single passes; evaluation mode gives one curve without a spread.",
            400, 6,
        ),
        Panel(
            "spread", "How far the passes differ", spread_figure(record),
            "The deviation over the passes; noise of the data is not part of it.", 400, 6,
        ),
    ]  # fmt: skip


_PANELS: dict[type, Callable[[Any], list[Panel]]] = {
    MaskRecord: _masks,
    VarianceRecord: _variance,
    ChannelRecord: _channels,
    AlphaRecord: _alpha,
    ShiftRecord: _shift,
    UncertaintyRecord: _uncertainty,
}
