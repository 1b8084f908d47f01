"""Cross-entropy one step after another.

Shapes: N samples, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nnviz.experiments.objectives.records import (
    CrossEntropyRecord,
)
from nnviz.figures.layout import axis, layout
from nnviz.figures.theme import FigureDict, class_token, token
from nnviz.figures.traces import (
    Trace,
    line,
)
from nnviz.records import FloatArray

STEPS = {
    "logits": ("logit z", "value"),
    "softmax": ("softmax p", "probability"),
    "log": ("−log p", "nats"),
    "gradient": ("∂L/∂z", "loss per unit of z"),
}


Step = Literal["logits", "softmax", "log", "gradient"]
GAP = 0.17
"""Between two drawings side by side, as a share of the width."""


def two_steps(record: CrossEntropyRecord, sample: int, first: Step) -> FigureDict:
    """Logits and softmax of one sample side by side; or −log p, and what becomes of the batch."""
    left = class_bars(record, sample, first)
    is_start = first == "logits"
    right = class_bars(record, sample, "softmax") if is_start else sample_losses(record)
    frame = right["layout"]
    moved = [{**trace, "xaxis": "x2", "yaxis": "y2"} for trace in right["data"]]
    places = {
        "xaxis": {**left["layout"]["xaxis"], "domain": [0, 0.5 - GAP / 2]},
        "xaxis2": {**frame["xaxis"], "domain": [0.5 + GAP / 2, 1], "anchor": "y2"},
        "yaxis2": {**frame["yaxis"], "anchor": "x2"},
    }
    return {
        "data": [*left["data"], *moved],
        "layout": {**left["layout"], **places, "showlegend": False},
    }


def class_bars(record: CrossEntropyRecord, sample: int, step: Step) -> FigureDict:
    """One step of cross-entropy for one sample, a bar a class; the target is outlined."""
    values_C = {
        "logits": record.logits_NC,
        "softmax": record.softmax_NC,
        "log": -record.log_softmax_NC,
        "gradient": record.gradient_NC,
    }[step][sample]
    target = int(record.target_N[sample])
    name, unit = STEPS[step]
    is_target = [c == target and not record.ignored_N[sample] for c in range(len(values_C))]
    share_C = record.target_share_NC[sample]
    text = [f"{value:.3g}" for value in values_C]
    if step == "logits":
        text = [""] * len(values_C)
    if step == "log":
        text = [
            t + (f" × {share:.3g}" if share else "") for t, share in zip(text, share_C, strict=True)
        ]
    data: list[Trace] = [_bars(values_C, is_target, name, text)]
    if step == "softmax" and share_C.any():
        data.append(_label_marks(share_C))
    classes = [f"class {c}" for c in range(len(values_C))]
    xaxis = axis(
        "class",
        "target outlined",
        tickvals=list(range(len(classes))),
        ticktext=classes,
        range=[-0.6, len(classes) - 0.4],
    )
    largest = float(np.abs(values_C).max())
    reach = next(limit for limit in LIMITS if limit > 1.1 * largest)
    wide = NEAR_LOGITS if largest <= NEAR_LOGITS else 10.6
    ranges = {"logits": [-1.06 * wide, 1.06 * wide], "softmax": [0, 1.08], "log": [0, reach]}
    options: dict[str, Any] = {"range": ranges[step]} if step in ranges else {}
    yaxis = axis(name, unit, zeroline=True, zerolinecolor=token("muted"), **options)
    return {"data": data, "layout": layout(xaxis, yaxis, showlegend=len(data) > 1)}


def _bars(values_C: FloatArray, is_target: Sequence[bool], name: str, text: Sequence[str]) -> Trace:
    colors = [class_token(c) for c in range(len(values_C))]
    edge = [token("ink") if hit else "rgba(0,0,0,0)" for hit in is_target]
    return {
        "type": "bar",
        "x": np.arange(len(values_C)),
        "y": values_C.astype(np.float32),
        "name": name,
        "text": list(text),
        "textposition": "auto",
        "textangle": 0,
        "showlegend": False,
        "marker": {"color": colors, "line": {"color": edge, "width": 3}},
        "hovertemplate": f"class %{{x}}: {name} = %{{y:.4f}}<extra></extra>",
    }


def _label_marks(share_C: FloatArray) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.arange(len(share_C)),
        "y": share_C,
        "name": "label (what p should be)",
        "marker": {
            "symbol": "line-ew-open",
            "size": 34,
            "color": token("ink"),
            "line": {"width": 3},
        },
        "hovertemplate": "class %{x}: label %{y:.3f}<extra></extra>",
    }


NEAR_LOGITS = 5.0
"""As far as logits are dragged: an axis that grew under the hand would run away with it."""
LIMITS = (1.2, 2.5, 5.5, 12, 25, 1000)
"""Where an axis may end, so that it moves seldom."""


def sample_losses(record: CrossEntropyRecord) -> FigureDict:
    """Each sample's weighted loss, and the reduced one as a line."""
    n = len(record.loss_N)
    colors = [
        token("muted") if ignored else class_token(int(t))
        for ignored, t in zip(record.ignored_N, record.target_N, strict=True)
    ]
    text = [
        "ignored" if ignored else f"{v:.3f}"
        for ignored, v in zip(record.ignored_N, record.loss_N, strict=True)
    ]
    bars: Trace = {
        "type": "bar",
        "x": np.arange(1, n + 1),
        "y": record.loss_N.astype(np.float32),
        "name": "weighted loss",
        "text": text,
        "textposition": "auto",
        "textangle": 0,
        "showlegend": False,
        "marker": {"color": colors},
        "hovertemplate": "sample %{x}: %{text} nats<extra></extra>",
    }
    data = [bars]
    if np.isfinite(record.loss):
        data.append(
            line(
                [0.4, n + 0.6],
                [record.loss] * 2,
                "reduced loss",
                token("ink"),
                "%{y:.4f} nats",
                dash="dash",
            )
        )
    xaxis = axis(
        "sample", "colour: its target", tickvals=list(range(1, n + 1)), range=[0.4, n + 0.6]
    )
    return {
        "data": data,
        "layout": layout(xaxis, axis("weight × loss", "nats", rangemode="tozero")),
    }
