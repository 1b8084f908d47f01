"""Activation functions, their slopes, and what they make of a distribution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nnviz.experiments.nonlinearity.records import CurveRecord, ResponseRecord
from nnviz.figures.layout import axis, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import Trace, line, outline, series_color, series_dash
from nnviz.records import FloatArray

TANGENT = 0.7
"""Half the width of a tangent."""


def activation_lines(
    curves: Sequence[CurveRecord],
    which: Literal["value", "slope"],
    at: tuple[float, Sequence[tuple[float, float]]],
) -> FigureDict:
    """Activations, or their derivatives, over each other.

    `at` is one place z with the value and slope of each there: a dot, and on the activation the
    tangent that the slope is.
    """
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
    data += [_at(at[0], pair, which, place) for place, pair in enumerate(at[1])]
    reach = {"range": [-2.2, 3.2]} if which == "value" else {"range": [-0.25, 1.35]}
    name, unit = ("φ(z)", "activation") if which == "value" else ("φ′(z)", "slope")
    zero = {"zeroline": True, "zerolinecolor": token("muted"), "zerolinewidth": 1}
    frame = layout(axis("z", "pre-activation", **zero), axis(name, unit, **reach, **zero))
    return {"data": data, "layout": frame}


def _at(z: float, pair: tuple[float, float], which: str, place: int) -> Trace:
    value, slope = pair
    marker = {"size": [0, 11, 0], "opacity": 1, "color": series_color(place)}
    style: dict[str, Any] = {"showlegend": False, "marker": marker, "width": 4}
    style["mode"] = "lines+markers" if which == "value" else "markers"
    x = np.array([z - TANGENT, z, z + TANGENT])
    y = value + slope * (x - z) if which == "value" else np.full(3, slope)
    return line(x, y, f"at z = {z:.2f}", series_color(place), "%{y:.3f}", **style)


def response_rows(responses: Sequence[ResponseRecord]) -> FigureDict:
    """The inputs' histogram on top, below it what each activation turns it into."""
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
