"""Distributions drawn over each other, with the theory's bell curve where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.experiments.distributions import Distribution
from nnviz.figures.layout import axis, layout
from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray


def distribution_lines(
    distributions: Sequence[Distribution],
    colours: Sequence[str],
    quantity: str,
    bells: Sequence[tuple[str, float, float]] = (),
    marks: Sequence[tuple[str, float, str]] = (),
    log_density: bool = False,
) -> FigureDict:
    """One outline a distribution; `bells` are normal curves (name, mean, deviation), dashed.

    `marks` are single values (name, value, colour) as vertical lines.
    """
    traces = [_steps(*pair) for pair in zip(distributions, colours, strict=True)]
    traces += [_bell(name, mean, std, distributions[0].edges) for name, mean, std in bells]
    top = max(float(d.density_B.max()) for d in distributions)
    top = max([top, *[float(trace["y"].max()) for trace in traces if trace["y"].size]]) * 1.08
    traces += [_mark(name, value, colour, top) for name, value, colour in marks]
    options: dict[str, Any] = {"range": [0, top]}
    if log_density:
        options = {"type": "log", "range": [-3, float(np.log10(top))], "dtick": 1}
    edges = distributions[0].edges
    xaxis = axis(quantity, "value", range=[float(edges[0]), float(edges[-1])])
    frame = layout(xaxis, axis("density", "share per unit of value", **options))
    return {"data": traces, "layout": {**frame, "margin": {"l": 52, "r": 12, "t": 30, "b": 40}}}


def _steps(distribution: Distribution, colour: str) -> dict[str, Any]:
    density_B = distribution.density_B
    return {
        "type": "scatter",
        "mode": "lines",
        "name": distribution.label,
        "x": np.repeat(distribution.edges, 2)[1:-1],
        "y": np.repeat(density_B, 2),
        "line": {"color": token(colour), "width": 2},
        "fill": "tozeroy",
        "opacity": 0.9,
        "fillcolor": "rgba(128,128,128,0.08)",
        "hovertemplate": f"{distribution.label}: density %{{y:.3g}} at %{{x:.3g}}<extra></extra>",
    }


def _bell(name: str, mean: float, std: float, edges: FloatArray) -> dict[str, Any]:
    x = np.linspace(edges[0], edges[-1], 160)
    y = np.empty(0)
    if np.isfinite([mean, std]).all() and std > 0:
        y = np.exp(-0.5 * ((x - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x[: len(y)],
        "y": y,
        "line": {"color": token("guide"), "width": 1.5, "dash": "dash"},
        "hovertemplate": f"{name}: density %{{y:.3g}} at %{{x:.3g}}<extra></extra>",
    }


def _mark(name: str, value: float, colour: str, top: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [value, value],
        "y": [1e-6, top],
        "line": {"color": token(colour), "width": 2.5},
        "hovertemplate": f"{name}: %{{x:.4g}}<extra></extra>",
    }
