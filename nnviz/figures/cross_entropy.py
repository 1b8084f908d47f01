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


def class_bars(
    record: CrossEntropyRecord, sample: int, step: Literal["logits", "softmax", "log", "gradient"]
) -> FigureDict:
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
    options: dict[str, Any] = {"range": [0, 1.08]} if step == "softmax" else {}
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
