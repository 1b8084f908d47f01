"""The one theme: a colour for each meaning, in light and in dark."""

from __future__ import annotations

import re
from typing import Any

import plotly.graph_objects as go

FigureDict = dict[str, Any]
"""A Plotly figure as plain data: {"data": [...], "layout": {...}} with NumPy arrays inside."""

TOKENS: dict[str, tuple[str, str]] = {
    "positive": ("#0877bd", "#4aa8e8"),
    "negative": ("#c95f00", "#f59322"),
    "zero": ("#f3f3f1", "#1d222b"),
    "train": ("#0f8f80", "#38d1bf"),
    "test": ("#6d28b8", "#b388ff"),
    "bias": ("#a8327f", "#f27cc0"),
    "variance": ("#00856a", "#2fc99a"),
    "noise": ("#6b7280", "#8b95a5"),
    "density": ("#3d5a9e", "#8fb0f5"),
    "muted": ("#6b7280", "#8b95a5"),
    "guide": ("#5b6472", "#a3adbb"),
    "ink": ("#1f2430", "#e8eaf0"),
    "grid": ("#e7e9ee", "#2a303b"),
    "alive": ("#cfe6d8", "#24453a"),
    "panel": ("#f7f8fa", "#161a22"),
    "page": ("#ffffff", "#0e1117"),
    "good": ("#1b8a4b", "#4cc38a"),
    "warning": ("#b07400", "#f0b429"),
    "danger": ("#c8323c", "#ff6b6b"),
    "class_0": ("#c95f00", "#f59322"),
    "class_1": ("#0877bd", "#4aa8e8"),
    "class_2": ("#16713f", "#3fae6b"),
    "class_3": ("#b3439a", "#f08cc8"),
    "class_4": ("#6b6a00", "#e9e06a"),
    "class_5": ("#4a2a86", "#9a7bf0"),
    "class_6": ("#3b3f46", "#d5d9e0"),
    "class_7": ("#8f1d2c", "#e0524f"),
    "class_8": ("#149a94", "#7fe3dc"),
    "class_9": ("#a98a7a", "#a8845f"),
    "lane_0": ("#2a1ee6", "#6a5fff"),
    "lane_1": ("#a88400", "#ffd21a"),
    "lane_2": ("#e6326e", "#ff5c8a"),
    "lane_3": ("#0096be", "#4adcff"),
    "depth_0": ("#44015f", "#7b6cf0"),
    "depth_1": ("#472d7b", "#6f8cf5"),
    "depth_2": ("#3b528b", "#5fa8ee"),
    "depth_3": ("#2c728e", "#52c1dd"),
    "depth_4": ("#21867f", "#57d3b9"),
    "depth_5": ("#2f8f4e", "#86dd8a"),
    "depth_6": ("#6f8a12", "#bfe25f"),
    "depth_7": ("#9a7d00", "#f2e24a"),
}

N_CLASS_COLOURS = 10
N_DEPTH_COLOURS = 8
N_LANE_COLOURS = 4

BACKGROUND_TOKENS = ("zero", "grid", "panel", "page", "alive")
"""Tokens that are meant to sink into the page; every other one is drawn as a line somewhere."""

_TOKEN = re.compile(r"var\(--nnviz-([a-z0-9_]+)\)")

Colorscale = list[list[float | str]]


def is_painted(figure: FigureDict) -> bool:
    """Whether the page paints the figure itself: plotly.js knows no such trace."""
    return any(trace["type"] in ("network", "note", "pipeline") for trace in figure["data"])


def token(name: str) -> str:
    """The colour of a meaning, written as a CSS variable for light and dark to fill in."""
    if name not in TOKENS:
        raise ValueError(f"colour must be one of {', '.join(TOKENS)}; got {name!r}")
    return f"var(--nnviz-{name})"


def class_token(index: int) -> str:
    """The colour of a class; colours repeat after ten classes."""
    return token(f"class_{index % N_CLASS_COLOURS}")


def depth_token(index: int, n_layers: int) -> str:
    """The colour of a layer by its depth, spread over the whole range of depth colours."""
    position = index * (N_DEPTH_COLOURS - 1) / max(n_layers - 1, 1)
    return token(f"depth_{round(position)}")


def diverging() -> Colorscale:
    """Orange for negative, the background for zero, blue for positive."""
    return [[0.0, token("negative")], [0.5, token("zero")], [1.0, token("positive")]]


def sequential(name: str = "density") -> Colorscale:
    """From the background to the colour of one meaning."""
    return [[0.0, token("zero")], [1.0, token(name)]]


def discrete_classes(n_classes: int) -> Colorscale:
    """One flat colour a class, for values 0 … n_classes - 1 with limits half a step outside."""
    scale: Colorscale = []
    for index in range(n_classes):
        colour = class_token(index)
        scale += [[index / n_classes, colour], [(index + 1) / n_classes, colour]]
    return scale


def resolved(figure: FigureDict, dark: bool = False) -> FigureDict:
    """The same figure with every token replaced by its real colour; arrays are shared."""
    theme = int(dark)

    def colour(match: re.Match[str]) -> str:
        return TOKENS[match[1]][theme]

    def walk(value: Any) -> Any:
        if isinstance(value, str):
            return _TOKEN.sub(colour, value) if "var(" in value else value
        if isinstance(value, dict):
            return {key: walk(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [walk(item) for item in value]
        return value

    return {key: walk(item) for key, item in figure.items()}


def to_plotly(figure: FigureDict, dark: bool = False, background: bool = False) -> go.Figure:
    """A validated Plotly figure with real colours; `background` paints the page behind it."""
    finished = resolved(figure, dark)
    layout = {"template": {}, **finished["layout"]}
    if background:
        layout["paper_bgcolor"] = TOKENS["page"][int(dark)]
    return go.Figure({"data": finished["data"], "layout": layout})
