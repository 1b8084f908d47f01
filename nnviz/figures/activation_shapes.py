"""Activation functions, their slopes, and what they make of a distribution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nnviz.experiments.nonlinearity.records import CurveRecord, ResponseRecord
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import Trace, line, outline, series_color, series_dash
from nnviz.records import FloatArray


def activation_lines(
    curves: Sequence[CurveRecord], which: Literal["value", "slope"] = "value"
) -> FigureDict:
    """Activations, or their derivatives, over each other."""
    if not curves:
        return empty_figure("Choose at least one activation.")
    sign = "φ" if which == "value" else "φ′"
    data = [
        line(
            curve.z_Z,
            curve.value_Z if which == "value" else curve.slope_Z,
            curve.name.replace("_", " "),
            series_color(place),
            f"{sign}(%{{x:.2f}}) = %{{y:.3f}}",
            dash=series_dash(place),
        )
        for place, curve in enumerate(curves)
    ]
    reach = {"range": [-2.2, 3.2]} if which == "value" else {"range": [-0.25, 1.35]}
    name, unit = ("φ(z)", "activation") if which == "value" else ("φ′(z)", "slope")
    zero = {"zeroline": True, "zerolinecolor": token("muted"), "zerolinewidth": 1}
    frame = layout(axis("z", "pre-activation", **zero), axis(name, unit, **reach, **zero))
    return {"data": data, "layout": frame}


def response_rows(responses: Sequence[ResponseRecord]) -> FigureDict:
    """The inputs' histogram on top, below it what each activation turns it into."""
    if not responses:
        return empty_figure("Choose at least one activation.")
    n_rows = len(responses) + 1
    rows = [("inputs z", responses[0].input_share_B, token("muted"))]
    rows += [
        (r.name.replace("_", " "), r.output_share_B, series_color(place))
        for place, r in enumerate(responses)
    ]
    data = [
        _row(responses[0].edges_B, share_B, name, color, n_rows - 1 - place)
        for place, (name, share_B, color) in enumerate(rows)
    ]
    yaxis = axis(
        "distribution",
        "height: √share",
        tickvals=list(range(n_rows - 1, -1, -1)),
        ticktext=[name for name, _, _ in rows],
        range=[-0.12, n_rows + 0.02],
        showgrid=True,
    )
    zero = {"zeroline": True, "zerolinecolor": token("muted"), "zerolinewidth": 1}
    frame = layout(axis("value", "z before, φ(z) after", **zero), yaxis, showlegend=False)
    return {"data": data, "layout": frame}


def _row(edges_B: FloatArray, share_B: FloatArray, name: str, color: str, floor: int) -> Trace:
    height_B = 0.9 * np.sqrt(share_B / max(float(share_B.max()), 1e-12))
    x, y = outline(edges_B, height_B, floor)
    share = np.concatenate([[0.0], np.repeat(share_B, 2), [0.0]])
    trace = line(x, y, name, color, "%{customdata:.1%} of the values near %{x:.2f}", width=1.2)
    filled: dict[str, Any] = {"fill": "toself", "hoveron": "points", "customdata": share}
    return {**trace, **filled}
