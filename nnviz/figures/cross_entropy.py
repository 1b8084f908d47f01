"""Cross-entropy one step after another.

Shapes: N samples, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nnviz.experiments.objectives.records import CrossEntropyRecord
from nnviz.figures.layout import axis, layout
from nnviz.figures.theme import FigureDict, class_token, token
from nnviz.figures.traces import Trace, line
from nnviz.records import FloatArray

STEPS = {
    "logits": ("logit z", "value"),
    "softmax": ("softmax p", "probability"),
    "log": ("−log p", "nats"),
    "gradient": ("∂L/∂z", "loss per unit of z"),
}
Step = Literal["logits", "softmax", "log", "gradient"]
GAP = 0.24
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
    text = [f"{value:.3g}" * (step != "logits") for value in values_C]
    if step == "log":
        picks = [f"<br>× {share:.3g}" * bool(share) for share in share_C]
        text = [t + pick for t, pick in zip(text, picks, strict=True)]
    edge = [token("ink") if hit else "rgba(0,0,0,0)" for hit in is_target]
    colors = [class_token(c) for c in range(len(values_C))]
    marker = {"color": colors, "line": {"color": edge, "width": 3}}
    hover = f"class %{{x}}: {name} = %{{y:.4f}}"
    data = [_bars(0, values_C, name, text, marker, hover)]
    if step == "softmax" and share_C.any():
        data.append(_label_marks(share_C))
    n = len(values_C)
    xaxis = axis("class", range=[-0.6, n - 0.4], dtick=1)
    largest = float(np.abs(values_C).max())
    reach = next(limit for limit in LIMITS if limit > 1.3 * largest)
    wide = NEAR_LOGITS if largest <= NEAR_LOGITS else 10.6
    ranges = {"logits": [-1.06 * wide, 1.06 * wide], "softmax": [0, 1.15], "log": [0, reach]}
    options: dict[str, Any] = {"range": ranges[step]} if step in ranges else {}
    yaxis = axis(name, unit, zeroline=True, zerolinecolor=token("muted"), **options)
    return {"data": data, "layout": layout(xaxis, yaxis, showlegend=len(data) > 1)}


def _bars(
    first: int, values: FloatArray, name: str, text: Sequence[str], marker: Trace, hover: str
) -> Trace:
    return {
        "type": "bar",
        "x": np.arange(first, first + len(values)),
        "y": values.astype(np.float32),
        "name": name,
        "text": list(text),
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "showlegend": False,
        "marker": marker,
        "hovertemplate": f"{hover}<extra></extra>",
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
        "ignored" if ignored else f"{v:.2f}"
        for ignored, v in zip(record.ignored_N, record.loss_N, strict=True)
    ]
    hover = "sample %{x}: %{y:.4f} nats"
    data = [_bars(1, record.loss_N, "weighted loss", text, {"color": colors}, hover)]
    ends = [0.4, n + 0.6]
    if np.isfinite(record.loss):
        total = [record.loss] * 2
        data.append(line(ends, total, "reduced loss", token("ink"), "%{y:.4f} nats", dash="dash"))
    xaxis = axis("sample", tickvals=list(range(1, n + 1)), range=ends)
    yaxis = axis("weight × loss", "nats", rangemode="tozero")
    return {"data": data, "layout": layout(xaxis, yaxis)}
