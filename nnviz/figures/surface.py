"""What the network answers: over the input plane, or along a single input."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import axis, finite_only, layout, why_missing
from nnviz.figures.theme import (
    Colorscale,
    FigureDict,
    class_token,
    discrete_classes,
    diverging,
    token,
)
from nnviz.records import DataRecord, FloatArray, Snapshot, SurfaceRecord, has_classes

SURFACE_OPACITY = 0.62
LEAST_SHADE = 0.3
SYMBOLS = {"train": "circle", "test": "diamond"}
SENT, LARGEST = np.float16, 65504.0
"""Three digits, which is what a shade and its hover show; and what such a number can hold."""


def decision_surface(
    snapshot: Snapshot, data: DataRecord | None = None, show_test: bool = True
) -> FigureDict:
    """The network's answer over two inputs with the points it learns from and is tested on."""
    surface = snapshot.surface
    if surface is None:
        return why_missing(snapshot, "The surface is drawn for data with two inputs.")
    heatmap = surface_heatmap(surface, _value_limit(surface, data))
    return {"data": [heatmap, *_over(surface, data, show_test)], "layout": _plane(surface, data)}


def unit_surface(
    snapshot: Snapshot,
    layer: str,
    unit: int,
    data: DataRecord | None = None,
    show_test: bool = True,
) -> FigureDict | None:
    """What one unit computes over two inputs, with the points; None where that is not recorded.

    Colours are symmetric around 0; `meta` names the unit and the largest value.
    """
    blocks = (*snapshot.layers, snapshot.output)
    maps_KGG = next((block.unit_maps_KGG for block in blocks if block.name == layer), None)
    surface = snapshot.surface
    if surface is None or maps_KGG is None or unit >= len(maps_KGG):
        return None
    value_GG = finite_only(maps_KGG[unit])
    known = np.abs(value_GG[np.isfinite(value_GG)])
    limit = float(known.max()) if known.size and known.max() else 1.0
    n_y, n_x = value_GG.shape
    own = SurfaceRecord(_thinned(surface.x_G, n_x), _thinned(surface.y_G, n_y), value_GG, None, 0)
    heatmap = surface_heatmap(own, limit) | {
        "name": f"{layer} unit {unit}",
        "hovertemplate": f"{layer} unit {unit}: %{{z:.3g}}<extra></extra>",
    }
    frame = _plane(surface, data) | {"meta": {"unit": [layer, unit], "limit": limit}}
    return {"data": [heatmap, *_over(surface, data, show_test)], "layout": frame}


def _thinned(axis_G: FloatArray, n: int) -> FloatArray:
    """The points of the axis at which maps were taken."""
    return axis_G[:: -(-len(axis_G) // n)]


def _over(surface: SurfaceRecord, data: DataRecord | None, show_test: bool) -> list[dict[str, Any]]:
    return [] if data is None else _all_points(data, surface, show_test)


def _plane(surface: SurfaceRecord, data: DataRecord | None) -> dict[str, Any]:
    """Two axes of one scale."""
    names = ("x₁", "x₂")
    if data is not None:
        names = (data.feature_names[0], data.feature_names[1])
    plain = {"showgrid": False, "constrain": "domain"}
    return layout(
        axis(names[0], "scaled", range=_range(surface.x_G), **plain),
        axis(
            names[1],
            "scaled",
            range=_range(surface.y_G),
            showgrid=False,
            constrain="domain",
            scaleanchor="x",
        ),
    )


def regression_curve(
    snapshot: Snapshot, data: DataRecord | None = None, show_test: bool = True
) -> FigureDict:
    """The network's curve along one input, the truth dashed, the points it has seen or not."""
    curve = snapshot.curve
    if curve is None:
        return why_missing(snapshot, "The curve is drawn for data with one input.")
    traces: list[dict[str, Any]] = []
    name = "x"
    if data is not None:
        name = data.feature_names[0]
        traces.append(_curve_points(data.train_x, data.train_y, "train", "circle"))
        if show_test:
            traces.append(_curve_points(data.test_x, data.test_y, "test", "diamond"))
        if data.truth_x_G is not None and data.truth_y_G is not None:
            traces.append(_curve_line(data.truth_x_G, data.truth_y_G, "truth", "ink", "dash"))
    prediction = finite_only(curve.prediction_G)
    traces.append(_curve_line(curve.x_G, prediction, "network", "ink", "solid"))
    frame = layout(axis(name, "scaled"), axis("target", "scaled", range=_target_range(data)))
    return {"data": traces, "layout": frame}


def surface_heatmap(surface: SurfaceRecord, limit: float = 1.0) -> dict[str, Any]:
    """The surface as one heat map: a signed shade, or the winning class with its confidence."""
    trace: dict[str, Any] = {
        "type": "heatmap",
        "x": np.asarray(surface.x_G, np.float32),
        "y": np.asarray(surface.y_G, np.float32),
        "name": "network",
        "showscale": False,
        "opacity": SURFACE_OPACITY,
    }
    if surface.n_classes > 2 and surface.label_GG is not None:
        return {**trace, **_winning_classes(surface)}
    scale, words = diverging(), "network: %{z:.3g}<extra></extra>"
    low = -limit
    if surface.n_classes == 2:
        low, limit, words = 0.0, 1.0, "P(class 1) = %{z:.3f}<extra></extra>"
    value = finite_only(surface.value_GG)
    smooth = "fast" if np.isfinite(value).all() else False
    shades = {"zmin": low, "zmax": limit, "colorscale": scale, "zsmooth": smooth}
    shown = np.clip(value, -LARGEST, LARGEST).astype(SENT)
    return {**trace, "z": shown, **shades, "hovertemplate": words}


def _winning_classes(surface: SurfaceRecord) -> dict[str, Any]:
    n_classes, label_GG = surface.n_classes, surface.label_GG
    confidence_GG = finite_only(surface.value_GG)
    sureness_GG = np.clip((confidence_GG - 1 / n_classes) / (1 - 1 / n_classes), 0, 1)
    shade_GG = LEAST_SHADE + (0.99 - LEAST_SHADE) * sureness_GG
    scale: Colorscale = []
    for index in range(n_classes):
        scale += [
            [index / n_classes, token("zero")],
            [(index + 1) / n_classes, class_token(index)],
        ]
    return {
        "z": np.asarray(label_GG + shade_GG, np.float32),
        "zmin": 0.0,
        "zmax": float(n_classes),
        "colorscale": scale,
        "customdata": confidence_GG.astype(SENT),
        "text": np.asarray(label_GG, np.int8),
        "hovertemplate": "class %{text}, confidence %{customdata:.2f}<extra></extra>",
    }


def _all_points(data: DataRecord, surface: SurfaceRecord, show_test: bool) -> list[dict[str, Any]]:
    limit = _value_limit(surface, data)
    traces = [_points(data, data.train_x, data.train_y, "train", limit)]
    if show_test:
        traces.append(_points(data, data.test_x, data.test_y, "test", limit))
    if data.flipped_N is not None and data.flipped_N.any():
        traces.append(_rings(data.train_x[data.flipped_N]))
    return [*traces, *map(_key, ("train", "test") if show_test else ("train",))]


def _key(name: str) -> dict[str, Any]:
    """An entry of the legend: its shape tells training from test, colour is the class."""
    marker = {"symbol": SYMBOLS[name], "size": 6.5, "color": token("ink")}
    return {"type": "scatter", "mode": "markers", "x": [None], "y": [None], "name": name,
            "marker": marker, "hoverinfo": "skip"}  # fmt: skip


def _points(
    data: DataRecord, x: FloatArray, y: np.ndarray[Any, Any], name: str, limit: float
) -> dict[str, Any]:
    train = name == "train"
    marker: dict[str, Any] = {
        "symbol": SYMBOLS[name],
        "size": 6.5,
        "line": {"color": token("page" if train else "ink"), "width": 1},
        "showscale": False,
        "color": np.asarray(y, np.float32),
    }
    words = f"{name} point, target %{{marker.color:.3g}}<extra></extra>"
    if has_classes(data.task):
        n_classes = max(len(data.class_names), 2)
        marker |= {"colorscale": discrete_classes(n_classes), "cmin": -0.5, "cmax": n_classes - 0.5}
        words = f"{name} point of class %{{marker.color:d}}<extra></extra>"
    else:
        marker |= {"colorscale": diverging(), "cmin": -limit, "cmax": limit}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.asarray(x[:, 0], np.float32),
        "y": np.asarray(x[:, 1], np.float32),
        "name": name,
        "showlegend": False,
        "marker": marker,
        "hovertemplate": words,
    }


def _rings(x: FloatArray) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.asarray(x[:, 0], np.float32),
        "y": np.asarray(x[:, 1], np.float32),
        "name": "flipped label",
        "marker": {
            "symbol": "circle-open",
            "size": 13,
            "color": token("danger"),
            "line": {"width": 2},
        },
        "hovertemplate": "this label was flipped<extra></extra>",
    }


def _curve_points(x: FloatArray, y: np.ndarray[Any, Any], name: str, symbol: str) -> dict[str, Any]:
    outline = {"color": token("page"), "width": 0.5}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": np.asarray(x, np.float32).reshape(len(x), -1)[:, 0],
        "y": np.asarray(y, np.float32).ravel(),
        "name": name,
        "opacity": 0.55,
        "marker": {"color": token(name), "symbol": symbol, "size": 6, "line": outline},
        "hovertemplate": f"{name} point: %{{y:.3g}} at %{{x:.3g}}<extra></extra>",
    }


def _curve_line(x: FloatArray, y: FloatArray, name: str, colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.asarray(x, np.float32),
        "y": np.asarray(y, np.float32),
        "name": name,
        "line": {"color": token(colour), "width": 2.5 if dash == "solid" else 2, "dash": dash},
        "hovertemplate": f"{name}: %{{y:.3g}} at %{{x:.3g}}<extra></extra>",
    }


def _range(values_G: FloatArray) -> list[float]:
    return [float(values_G[0]), float(values_G[-1])]


def _value_limit(surface: SurfaceRecord, data: DataRecord | None) -> float:
    values = surface.value_GG if data is None else np.asarray(data.train_y, np.float32)
    known = values[np.isfinite(values)]
    return float(np.abs(known).max()) if known.size else 1.0


def _target_range(data: DataRecord | None) -> list[float] | None:
    if data is None:
        return None
    y = np.concatenate([np.ravel(data.train_y), np.ravel(data.test_y)]).astype(np.float32)
    margin = 0.15 * float(np.ptp(y)) + 1e-3
    return [float(y.min()) - margin, float(y.max()) + margin]
