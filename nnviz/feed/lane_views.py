"""The views of several lanes: over each other, or a panel a lane on the same axes."""

from __future__ import annotations

from nnviz import figures
from nnviz.feed import pipelines, seed_note
from nnviz.feed.applies import (
    can_die,
    can_saturate,
    has_batch_norm,
    has_hidden,
    is_deep,
    is_plane,
    normalizes,
)
from nnviz.feed.run_views import answer
from nnviz.feed.view import Applies, Shown, View, each, one
from nnviz.figures import FigureDict
from nnviz.figures.lanes import lane_colour
from nnviz.records import LayerRecord, Snapshot

CURVE_HEIGHT, SHORT_CURVE = 190, 0.68


def _curve(name: str, title: str, help: str, log: bool = False) -> View:
    def draw(s: Shown) -> FigureDict:
        scale = log and s.asked.log_loss
        return figures.lane_curves(s.series, s.names, name, s.cursor, scale, s.ghost)

    return View(name, title, help, one(draw), 4, CURVE_HEIGHT, short=SHORT_CURVE, shared=True)


def _profile(
    name: str,
    title: str,
    help: str,
    *,
    span: int = 4,
    log: bool = False,
    with_output: bool = False,
    applies: Applies = is_deep,
) -> View:
    def draw(s: Shown) -> FigureDict:
        return figures.lane_profiles(s.snapshots, s.names, name, log, with_output)

    return View(
        name, title, help, one(draw), span, 230, shared=True, applies=applies, has_legend=False
    )


def _histograms(quantity: str, title: str, help: str, applies: Applies) -> View:
    def draw(s: Shown) -> list[FigureDict]:
        return [
            figures.layer_histograms(snapshot, quantity, lane_colour(lane))
            for lane, snapshot in enumerate(s.snapshots)
        ]

    name = f"histograms_{quantity}"
    return View(name, title, help, draw, per_lane=True, shared=True, applies=applies)


def _statistics(s: Shown) -> list[FigureDict]:
    return [figures.batch_statistics(_layer(snapshot, s.asked.layer)) for snapshot in s.snapshots]


def _layer(snapshot: Snapshot, name: str) -> LayerRecord:
    found = [layer for layer in snapshot.layers if layer.name == name]
    return found[0] if found else snapshot.output


STATISTICS = View(
    "statistics",
    "Batch statistics",
    "BatchNorm of the chosen layer: the batch's mean and variance over the running ones that"
    " evaluation uses; on the line both agree.",
    _statistics,
    height=230,
    per_lane=True,
    applies=has_batch_norm,
)

LANE_VIEWS: tuple[View, ...] = (
    View(
        "pipeline",
        "Pipeline",
        "Each lane as its layers are, and on each wire the distribution of what flows there: as"
        " high as its own highest bar, exact zeros as a stem of their own. Axes are common to all"
        " lanes, column by column. train(): this step's batch; eval(): the reference points;"
        " backward: ∂L/∂ of the same values, χ̂ the growth of its square a layer. Of"
        " layers with very many values a fixed sample."
        " A click opens another block.",
        one(pipelines.draw),
        span=12,
        height=24,
        lane_height=98,
        short=0.82,
        choices=pipelines.choices,
    ),
    _curve("test_loss", "Test loss", "Mean over the test set in evaluation mode.", log=True),
    _curve("test_accuracy", "Test accuracy", "Share of correct answers on the test set, or R²."),
    View(
        "seeds",
        "One run proves nothing",
        "",
        one(seed_note.draw),
        height=CURVE_HEIGHT,
        short=SHORT_CURVE,
    ),
    _curve("train_loss", "Training loss", "Mean over the training set in eval().", log=True),
    _curve("train_accuracy", "Training accuracy", "Share correct on the training set, or R²."),
    View(
        "answer",
        "The network's answer",
        "The output over the inputs in evaluation mode; filled: training points, open: test.",
        each(answer),
        height=270,
        per_lane=True,
        shared=True,
        applies=is_plane,
    ),
    _histograms(
        "pre_activation",
        "Pre-activations",
        "What the linear part of each layer gives, on a fixed set of training points.",
        has_hidden,
    ),
    _histograms(
        "normalized",
        "Normalized",
        "What the normalization of each layer gives; lanes without one have nothing here.",
        normalizes,
    ),
    _histograms("activation", "Activations", "What each activation function gives.", has_hidden),
    _profile(
        "output_mean",
        "Next layer's input: mean",
        "Mean of what a layer passes on, after activation, normalization and evaluation-mode"
        " dropout.",
    ),
    _profile("output_std", "Next layer's input: std", "Its standard deviation, pooled."),
    _profile(
        "negative_fraction",
        "Next layer's input: negative",
        "Share of negative values in what a layer passes on: none after ReLU, about two thirds"
        " where BatchNorm follows it.",
    ),
    _profile(
        "delta_rms",
        "Gradient flow",
        "RMS of ∂L/∂z at each layer's pre-activations in the training step.",
        span=3,
        log=True,
        with_output=True,
    ),
    _profile(
        "update_to_weight_ratio",
        "Update / weight",
        "How far a layer's weights moved in this step over their size; about 0.001 is usual.",
        span=3,
        log=True,
        with_output=True,
    ),
    _profile(
        "sample_cosine",
        "Cosine between samples",
        "Mean cosine between the outputs of two different points: 1 means the layer hardly tells"
        " them apart.",
        span=3,
    ),
    _profile(
        "effective_rank",
        "Effective rank",
        "exp of the entropy of the centred output's singular values: directions really used.",
        span=3,
    ),
    _profile(
        "dead_fraction",
        "Dead units",
        "Share of units that nothing on the whole reference set gets above zero.",
        applies=can_die,
    ),
    _profile("zero_fraction", "Zeros", "Share of activations that are exactly 0."),
    _profile(
        "saturated_fraction",
        "Saturated",
        "Share of activations where the slope is near 0.",
        applies=can_saturate,
    ),
    STATISTICS,
)
