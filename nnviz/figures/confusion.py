"""Which classes are taken for which: the confusion matrix of the test set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnviz.figures.layout import axis, layout, why_missing
from nnviz.figures.theme import FigureDict, sequential
from nnviz.records import Snapshot, has_classes


def confusion_matrix(snapshot: Snapshot, class_names: Sequence[str] = ()) -> FigureDict:
    """Test points by true and predicted class: counts in the cells, shade is the row's share.

    Where each place of a row has a class, places are counted.
    """
    counts_CC = snapshot.confusion_CC
    if counts_CC is None:
        classifies = has_classes(snapshot.task)
        words = "not measured at this step" if classifies else "drawn for classification"
        return why_missing(snapshot, f"The confusion matrix is {words}.")
    n_classes = len(counts_CC)
    names = list(class_names) or [str(index) for index in range(n_classes)]
    totals_C = counts_CC.sum(axis=1, keepdims=True)
    share_CC = np.where(totals_C > 0, counts_CC / np.maximum(totals_C, 1), np.nan)
    answers = snapshot.test_predicted_N
    counted = (
        "places of the test rows" if answers is not None and answers.ndim > 1 else "test points"
    )
    trace = {
        "type": "heatmap",
        "z": share_CC.astype(np.float32),
        "zmin": 0.0,
        "zmax": 1.0,
        "x": names,
        "y": names,
        "text": [[f"{count:,}" if count else "" for count in row] for row in counts_CC.tolist()],
        "texttemplate": "%{text}",
        "colorscale": sequential(),
        "colorbar": {
            "title": {"text": "share of the true class", "side": "right", "font": {"size": 11}},
            "tickformat": ".0%",
            "thickness": 10,
            "nticks": 5,
            "outlinewidth": 0,
            "tickfont": {"size": 11},
        },
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "true %{y}, predicted %{x}<br>%{text} points, "
        "%{z:.1%} of the true class<extra></extra>",
    }
    ticks = {
        "type": "category",
        "tickmode": "linear",
        "showgrid": False,
        "constrain": "domain",
    }
    xaxis = axis("predicted class", counted, **ticks)
    yaxis = axis("true class", counted, autorange="reversed", **ticks)
    return {
        "data": [trace],
        "layout": layout(xaxis, yaxis),
    }
