"""Distributions drawn over each other, with the theory's bell curve where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.experiments.distributions import Distribution
from nnviz.figures.layout import axis, layout, note
from nnviz.figures.theme import FigureDict, token
from nnviz.records import FloatArray

SPIKE = 2.0
"""A bin is a spike when it is this many times as high as all but the highest few."""


@dataclass(frozen=True)
class Bell:
    """A normal curve of the theory that holds a share of all numbers."""

    name: str
    mean: float
    std: float
    share: float = 1.0


def distribution_lines(
    distributions: Sequence[Distribution],
    colours: Sequence[str],
    quantity: str,
    bells: Sequence[Bell] = (),
    marks: Sequence[tuple[str, float, str]] = (),
    spikes: bool = False,
) -> FigureDict:
    """One outline a distribution, each with the normal curves of the theory, dashed.

    `marks` are single values (name, value, colour) as vertical lines. With `spikes`, where many
    numbers are equal, the axis ends above the smooth part, and a note says so.
    """
    traces = [_steps(*pair) for pair in zip(distributions, colours, strict=True)]
    traces += [_bell(bell, distributions[0].edges) for bell in bells]
    heights = [np.sort(trace["y"])[::-1] for trace in traces if trace["y"].size]
    highest = top = max(float(height[0]) for height in heights)
    if spikes:
        top = max(float(height[min(6, len(height) - 1)]) for height in heights)
        top = highest if highest < SPIKE * top else top
    top *= 1.1 if top == highest else 1.25
    traces += [_mark(name, value, colour, top) for name, value, colour in marks]
    edges = distributions[0].edges
    xaxis = axis(quantity, "value", range=[float(edges[0]), float(edges[-1])])
    frame = layout(xaxis, axis("density", "share per unit of value", range=[0, top]))
    if top < highest:
        words = "spike: equal numbers"
        frame["annotations"] = [note(words, 0.99, 0.98, xanchor="right", yanchor="top")]
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


def _bell(bell: Bell, edges: FloatArray) -> dict[str, Any]:
    x = np.linspace(edges[0], edges[-1], 160)
    y = np.empty(0)
    if np.isfinite([bell.mean, bell.std]).all() and bell.std > 0:
        height = bell.share / (bell.std * np.sqrt(2 * np.pi))
        y = height * np.exp(-0.5 * ((x - bell.mean) / bell.std) ** 2)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": bell.name,
        "x": x[: len(y)],
        "y": y,
        "line": {"color": token("guide"), "width": 1.5, "dash": "dash"},
        "hovertemplate": f"{bell.name}: density %{{y:.3g}} at %{{x:.3g}}<extra></extra>",
    }


def _mark(name: str, value: float, colour: str, top: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [value, value],
        "y": [0, top],
        "line": {"color": token(colour), "width": 2.5},
        "hovertemplate": f"{name}: %{{x:.4g}}<extra></extra>",
    }
