"""What the dropout lab says about its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from nnviz.experiments.dropout.records import (
    AlphaRecord,
    ChannelRecord,
    MaskRecord,
    ShiftRecord,
    UncertaintyRecord,
    VarianceRecord,
)
from nnviz.ui.labs.dropout_views import Shown


def explain(shown: Shown) -> None:
    """What is refused, and why."""
    if isinstance(shown, ChannelRecord) and shown.refusal:
        st.error(
            f"Refused: {shown.refusal}. torch reads the (N, C) table as one sample with N channels"
            " and raises no error."
        )


def noticing(shown: Shown) -> str:
    """Two or three sentences that follow the numbers on the screen."""
    return "\n".join(f"- {sentence}" for sentence in _WORDS[type(shown)](shown))


def _masks(record: MaskRecord) -> list[str]:
    masked = [layer for layer in record.layers if layer.kept_D is not None]
    dropped = sum(int((~layer.kept_D).sum()) for layer in masked if layer.kept_D is not None)
    if record.n_maskable == 0:
        return ["With q = 0 nothing is dropped: training and evaluation give the same output."]
    output = float(record.layers[-1].training_D[0])
    away = record.outputs.mean - record.evaluation_output
    errors = abs(away) / record.outputs.mean_error if record.outputs.mean_error else 0.0
    sentences = [
        f"This mask drops {dropped} of {record.n_maskable} units; each survivor counts"
        f" {1 / (1 - record.q):.3g} times in the hidden layers. There are"
        f" 2^{record.n_maskable} = {2**record.n_maskable:,} masks, and all share their weights.",
        f"The output is {output:.3g} in this pass and {record.evaluation_output:.3g} in evaluation;"
        f" over many masks it is {record.outputs.mean:.3g} ± {record.outputs.mean_error:.1g} on"
        f" average, with a deviation of {math.sqrt(record.outputs.variance):.2g}.",
    ]
    if np.isfinite(record.expected_variance):
        sentences.append(
            "With one hidden layer evaluation is exactly the mean over all masks, and the variance"
            f" is q/(1 - q)·Σ w²h² = {record.expected_variance:.3g}; measured"
            f" {record.outputs.variance:.3g} ± {record.outputs.variance_error:.1g}."
        )
    else:
        verdict = "differ" if errors > 3 else "cannot be told apart"
        sentences.append(
            "ReLUs between the masks and the output make evaluation an approximation of the mean"
            f" over masks; here the two {verdict} ({errors:.1f} standard errors)."
        )
    return sentences


def _variance(record: VarianceRecord) -> list[str]:
    plain, dropped = record.evaluation, record.training
    away = abs(dropped.variance - record.expected_training)
    errors = away / dropped.variance_error if dropped.variance_error else 0.0
    ratio = dropped.variance / plain.variance if plain.variance > 1e-12 else math.nan
    grows = f" ({ratio:.3g} times the input's)" if np.isfinite(ratio) else ""
    gap = abs(record.linear_difference - record.expected_linear_difference)
    gap_errors = gap / record.linear_difference_error if record.linear_difference_error else 0.0
    return [
        f"The mean stays: {plain.mean:.4f} without and {dropped.mean:.4f} with dropout. That is"
        " what dividing the survivors by 1 - q is for.",
        f"The variance does not: {dropped.variance:.4g}{grows}; theory says"
        f" {record.expected_training:.4g}, {errors:.1f} standard errors away. A mean far from 0"
        " makes it grow more than the variance of the numbers does.",
        f"After the linear unit training adds {record.linear_difference:.3g} of variance; theory"
        f" says {record.expected_linear_difference:.3g}, {gap_errors:.1f} standard errors away.",
    ]


def _channels(record: ChannelRecord) -> list[str]:
    single, whole = record.elementwise_kept, record.channel_kept
    if record.refusal:
        gone = int((~whole.any(axis=1)).sum())
        return [
            f"In this draw torch would drop {gone} of {len(whole)} samples with all their features."
            " The loss of a dropped sample does not depend on its input at all.",
            "Elementwise dropout is the one for tables.",
        ]
    space = tuple(range(2, whole.ndim))
    channels = whole.any(axis=space)
    correlation = record.neighbour_correlation
    return [
        f"Elementwise dropout took {np.mean(~single):.0%} of the numbers here, one by one; channel"
        f" dropout took {int((~channels).sum())} of {channels.size} whole channels.",
        f"Neighbouring numbers of a map are correlated (r = {correlation:.2f} here), so those"
        " around a single dropped number still tell something about it. Inside a dropped channel"
        " nothing is left to tell.",
    ]


def _alpha(record: AlphaRecord) -> list[str]:
    last = dict(zip(record.names, record.std_KL[:, -1], strict=True))
    n_layers = record.std_KL.shape[1]
    return [
        f"Alpha dropout gives mean {record.alpha.mean:.3f} ± {record.alpha.mean_error:.3f} and"
        f" variance {record.alpha.variance:.3f} ± {record.alpha.variance_error:.3f}: N(0, 1) stays"
        " standardized, but no longer normal. Dropout's variance is"
        f" {record.ordinary.variance:.3f}; theory: 1/(1 - q) = {1 / (1 - record.q):.3f}.",
        f"Dropped numbers become {record.dropped_value:.3f}, not 0: that is SELU's far left value"
        " after the rescaling.",
        f"After {n_layers} SELU layer{'s' if n_layers > 1 else ''} the deviation is"
        f" {last['alpha dropout']:.3g} with alpha dropout, {last['dropout']:.3g} with dropout and"
        f" {last['no dropout']:.3g} without.",
    ]


def _shift(record: ShiftRecord) -> list[str]:
    deviation = math.sqrt(record.output_evaluation.variance)
    sentences = [
        f"Batch norm learns a variance {record.ratio:.3g} times the one that it meets in"
        f" evaluation; theory says {record.expected_ratio:.3g}.",
    ]
    if record.order == "batch_norm_first":
        return [
            *sentences,
            "Behind batch norm dropout no longer shifts what it has learned. This order is the"
            " remedy of Li et al. (2018).",
        ]
    if record.expected_ratio == 1:
        return [*sentences, "Without dropout there is no shift."]
    return [
        *sentences,
        f"So in evaluation its outputs have deviation {deviation:.3g} instead of 1, and every later"
        " layer sees inputs that it was not trained on.",
        "The remedy: dropout only behind the last batch norm (choose the other order), or a small"
        " q.",
    ]


def _uncertainty(record: UncertaintyRecord) -> list[str]:
    if record.q == 0:
        return [
            "With q = 0 every pass is the same, so there is no spread to read anything from.",
            "That does not make the network certain where it has seen no data.",
        ]
    on_data, outside = record.mean_std("data"), record.mean_std("outside")
    sentences = [
        f"Fitted for {record.n_steps} steps (mean squared error {record.train_loss:.3g}). The"
        f" passes differ by {on_data:.3g} on average where there are data and by {outside:.3g}"
        f" beyond them: {outside / on_data:.2g} times as much.",
    ]
    if record.gap[1] - record.gap[0] > 0.05:
        gap = record.mean_std("gap")
        ratio = gap / on_data
        verdict = (
            "the gap shows, but only a little" if 1.15 < ratio < 2
            else "the gap shows clearly" if ratio >= 2
            else "the spread does not reveal the gap"
        )  # fmt: skip
        sentences.append(f"In the gap it is {gap:.3g}, {ratio:.2g} times as much: {verdict}.")
    return [
        *sentences,
        "The spread depends on q and on the slope of the curve as much as on the data. Treat it as"
        " a hint, not as a confidence interval.",
    ]


_WORDS: dict[type, Callable[[Any], list[str]]] = {
    MaskRecord: _masks,
    VarianceRecord: _variance,
    ChannelRecord: _channels,
    AlphaRecord: _alpha,
    ShiftRecord: _shift,
    UncertaintyRecord: _uncertainty,
}
