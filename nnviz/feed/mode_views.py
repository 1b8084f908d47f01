"""The views of train() against eval(): one batch through both modes."""

from __future__ import annotations

from nnviz import figures
from nnviz.feed.lane_views import STATISTICS
from nnviz.feed.view import View, one

MODE_VIEWS: tuple[View, ...] = (
    View(
        "mode_loss",
        "Loss of one batch in both modes",
        "The batch of the next step, through train() (solid) and eval() (dotted).",
        one(lambda s: figures.mode_curves(s.gaps, s.names, "loss", s.cursor)),
        span=6,
        height=260,
        shared=True,
    ),
    View(
        "mode_accuracy",
        "Accuracy of one batch in both modes",
        "Share of the batch that is answered correctly in either mode, or R².",
        one(
            lambda s: figures.mode_curves(
                s.gaps, s.names, "accuracy", s.cursor, s.specs[0].data.entry.task
            )
        ),
        span=6,
        height=260,
        shared=True,
    ),
    View(
        "mode_layers",
        "Variance shift by layer",
        "Standard deviation of what a layer passes on in training mode over that in evaluation"
        " mode; 1 means no shift.",
        one(lambda s: figures.mode_layers(s.gap, s.names)),
        span=6,
        height=280,
        shared=True,
        has_legend=False,
    ),
    View(
        "mode_outputs",
        "Outputs in both modes",
        "Every output for every point of the batch; on the dashed line both modes agree.",
        one(lambda s: figures.mode_outputs(s.gap, s.names)),
        span=6,
        height=280,
        shared=True,
        has_legend=False,
    ),
    STATISTICS,
)
