"""Fits piling up over the truth, what they miss by degree, and their answers at two places.

Shapes: D degrees, R training sets, G points of a line.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.complexity.pile_record import DEGREES, PileRecord
from nnviz.figures.layout import axis, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import Trace, band, line
from nnviz.records import FloatArray

ROOM = 1.75
"""The targets' axis reaches from minus this to this."""
TALL = 1.4
"""The errors' axis ends at this many times the largest bias²; a taller bar is cut and says so."""
N_RING = 61
LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}


def fit_pile(record: PileRecord, degree: int, n_sets: int) -> FigureDict:
    """The first fits as thin lines, the latest with its training set, mean ± spread, the truth."""
    x, fits_RG = record.line_G, record.fits_DRG[degree, :n_sets]
    hover, data = "%{y:.2f} at x = %{x:.2f}", []
    if n_sets > 1:
        gap_R1 = np.full((n_sets, 1), np.nan)
        thin = line(
            np.tile(np.append(x[::2], np.nan), n_sets),
            np.hstack([fits_RG[:, ::2], gap_R1]).ravel(),
            "fits", token("density"), hover, width=1.2, opacity=0.5,
        )  # fmt: skip
        mean_G, spread_G = fits_RG.mean(axis=0), fits_RG.std(axis=0, ddof=1)
        shade = band(x, mean_G - spread_G, mean_G + spread_G, "± spread", token("variance"))
        data = [thin, {**shade, "opacity": 0.3}]
    data.append(_points(record, n_sets - 1))
    data.append(line(x, fits_RG[-1], "latest", token("train"), hover, width=2))
    if n_sets > 1:
        data.append(line(x, mean_G, "mean", token("bias"), hover, width=4))
    data.append(line(x, record.truth_G, "truth", token("ink"), hover, width=2.5, dash="dash"))
    frame = layout(
        axis("x", range=[-1, 1], nticks=5), axis("target", range=[-ROOM, ROOM], nticks=5),
        legend=LEGEND,
    )  # fmt: skip
    return {"data": data, "layout": frame}


def stacked_parts(record: PileRecord, degree: int, n_sets: int) -> FigureDict:
    """Noise, bias² and variance of the first fits one above the other, at every degree.

    One fit alone does not tell bias² and variance apart: its miss is one bar. The line is the
    risk that all training sets are expected to give.
    """
    parts = _parts(record, n_sets)
    data = [_bars(name, values, degree) for name, values in parts.items()]
    unit = "squared error"
    expected = line(
        DEGREES, record.expected_risk, "expected", token("ink"), f"%{{y:.3g}} {unit}",
        mode="lines+markers",
    )  # fmt: skip
    total_D = np.sum(list(parts.values()), axis=0)
    top = TALL * float(record.expected_bias_D.max()) + record.noise
    lowest = min(0.0, *(float(values.min()) for values in parts.values()))
    cut = [d for d in DEGREES if total_D[d] > top]
    notes = [
        {"x": d, "y": 1, "yref": "paper", "yanchor": "top", "text": f"↑ {total_D[d]:.3g}",
         "showarrow": False, "bgcolor": token("page")}
        for d in cut
    ]  # fmt: skip
    frame = layout(
        axis("polynomial degree", tickvals=list(DEGREES), range=[-0.6, DEGREES[-1] + 0.6]),
        axis(unit, range=[max(1.1 * lowest, -top), top], nticks=5),
        barmode="relative", bargap=0.3, annotations=notes, legend=LEGEND,
    )  # fmt: skip
    return {"data": [*data, expected], "layout": frame}


def two_places(
    record: PileRecord, degree: int, n_sets: int, places: tuple[float, float]
) -> FigureDict:
    """Each fit's answers at two places as a dart, the truth there as the bull's eye.

    The ring around the darts' mean is as far from it as a dart is in the root mean square.
    """
    darts_R2 = record.darts(degree, n_sets, places)
    eye_2 = record.truth_G[[record.nearest(place) for place in places]]
    data = [
        _ring(eye_2, radius, "muted", dash="dot", width=1, showlegend=False, hoverinfo="skip")
        for radius in (0.25, 0.5, 0.75, 1.0)
    ]
    data.append(_spot(eye_2, "truth", "ink", "cross-thin-open", 20))
    data.append(_spots(darts_R2, "fits", "density", 0.6, 8))
    if n_sets > 1:
        mean_2 = darts_R2.mean(axis=0)
        _, radius = record.aside(degree, n_sets, places)
        data.append(_ring(mean_2, radius, "variance", name="spread", width=3,
                          hovertemplate=f"spread: {radius:.2g}<extra></extra>"))  # fmt: skip
        data.append({
            **line([eye_2[0], mean_2[0]], [eye_2[1], mean_2[1]], "bias", token("bias"),
                   "from the truth to the mean", width=4, mode="lines+markers"),
            "marker": {"symbol": "diamond", "size": [0, 13], "color": token("bias")},
        })  # fmt: skip
    data.append(_spots(darts_R2[-1:], "latest", "train", 1, 11))
    names = [f"{place:.2f}".replace("-", "−") for place in places]
    span: dict[str, Any] = {"nticks": 5, "constrain": "domain"}
    frame = layout(
        axis(f"answer at x = {names[0]}", range=_around(eye_2[0]), **span),
        axis(f"answer at x = {names[1]}", range=_around(eye_2[1]), scaleanchor="x", **span),
        legend=LEGEND,
    )
    return {"data": data, "layout": frame}


def _parts(record: PileRecord, n_sets: int) -> dict[str, FloatArray]:
    noise_D = np.full(len(DEGREES), record.noise)
    if n_sets < 2:
        missed_D = np.array([record.missed(degree, n_sets) for degree in DEGREES])
        return {"noise": noise_D, "missed": missed_D}
    found = [record.parts(degree, n_sets) for degree in DEGREES]
    bias_D = np.array([each.bias_squared for each in found])
    return {
        "noise": noise_D,
        "bias²": bias_D,
        "variance": np.array([each.variance for each in found]),
    }


def _bars(name: str, values_D: FloatArray, degree: int) -> Trace:
    colour = {"bias²": "bias", "missed": "density"}.get(name, name)
    return {
        "type": "bar",
        "x": list(DEGREES),
        "y": np.asarray(values_D, np.float32),
        "name": name,
        "marker": {
            "color": token(colour),
            "opacity": [1.0 if each == degree else 0.45 for each in DEGREES],
        },
        "hovertemplate": f"{name} at degree %{{x}}: %{{y:.3g}} squared error<extra></extra>",
    }


def _points(record: PileRecord, number: int) -> Trace:
    return {
        **_spots(np.stack([record.x_RM[number], record.y_RM[number]], 1), "its points", "train"),
        "showlegend": False,
        "hovertemplate": "training point: %{y:.2f} at x = %{x:.2f}<extra></extra>",
    }


def _ring(center_2: FloatArray, radius: float, colour: str, **style: Any) -> Trace:
    turn = np.linspace(0, 2 * np.pi, N_RING)
    x, y = center_2[0] + radius * np.cos(turn), center_2[1] + radius * np.sin(turn)
    return {**line(x, y, "", token(colour), "", dash=style.pop("dash", "solid"),
                   width=style.pop("width", 2)), **style}  # fmt: skip


def _spot(at_2: FloatArray, name: str, colour: str, symbol: str, size: float) -> Trace:
    spot = _spots(at_2[None], name, colour, 1.0, size)
    spot["marker"] |= {"symbol": symbol, "line": {"color": token(colour), "width": 3}}
    return spot


def _spots(
    at_R2: FloatArray, name: str, colour: str, opacity: float = 1.0, size: float = 7
) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.asarray(at_R2[:, 0], np.float32),
        "y": np.asarray(at_R2[:, 1], np.float32),
        "name": name,
        "marker": {"color": token(colour), "size": size, "opacity": opacity},
        "hovertemplate": f"{name}: %{{x:.2f}}, %{{y:.2f}}<extra></extra>",
    }


def _around(middle: float) -> list[float]:
    return [float(middle) - 1.1, float(middle) + 1.1]
