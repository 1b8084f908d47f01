"""Shuffled positions: one signal both ways, and what two networks make of either."""

from __future__ import annotations

import numpy as np

from nnviz.experiments.convolution.records import ShuffledRecord
from nnviz.figures.layout import axis, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import Trace, line

_COLOURS = {"convolutional": "train", "dense": "test"}
_FIRST_TO_LAST = ("positive", "muted", "negative")


def shuffled_signal(record: ShuffledRecord, is_shuffled: bool) -> FigureDict:
    """A signal as bars; a bar keeps the colour of the position that it had at first."""
    length = len(record.signal_L)
    order = record.order_L if is_shuffled else np.arange(length)
    bars = {
        "type": "bar",
        "x": np.arange(1, length + 1).astype(np.float32),
        "y": record.signal_L[order].astype(np.float32),
        "marker": {
            "color": (order + 1).astype(np.float32),
            "colorscale": [
                [0.0, token("positive")],
                [0.5, token("muted")],
                [1.0, token("negative")],
            ],
        },
        "customdata": (order + 1).astype(np.float32),
        "hovertemplate": "position %{x}, at first %{customdata}: %{y:.2f}<extra></extra>",
    }
    frame = layout(
        axis("position", "of 40"), axis("signal", "scaled", zeroline=True), showlegend=False,
        bargap=0.15,
    )  # fmt: skip
    return {"data": [bars], "layout": frame}


def shuffled_accuracies(record: ShuffledRecord) -> FigureDict:
    """Test accuracy while training: solid as it is, dotted shuffled."""
    data: list[Trace] = []
    steps = record.steps_T.astype(float)
    hover = "%{y:.1%} at step %{x}"
    for name, color in _COLOURS.items():
        for kind, curves, dash, width in (
            ("as it is", record.plain, "solid", 3),
            ("shuffled", record.shuffled, "dot", 4),
        ):
            data.append(
                line(steps, curves[name], f"{name}, {kind}", token(color), hover, dash=dash,
                     width=width)
            )  # fmt: skip
    frame = layout(
        axis("step", "updates"),
        axis("test accuracy", "share correct", tickformat=".0%", range=[0, 1]),
    )
    return {"data": data, "layout": frame}
