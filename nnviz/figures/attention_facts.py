"""What attention is made of: waves of positions, spread of products, depth, parts.

Shapes: D numbers, T places, W widths, N depths, L layers, R seeds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.attention.records import CountRecord, NormPlaceRecord, ScaleRecord
from nnviz.figures.layout import axis, layout, log_axis, vertical_line
from nnviz.figures.theme import FigureDict, diverging, token
from nnviz.figures.traces import Trace, band, line
from nnviz.records import FloatArray, IntArray

N_DIMENSIONS, N_PLACES = 32, 64
_LARGE = {"size": 15}


def position_waves() -> FigureDict:
    """Number × place: sine in even rows, cosine in odd ones; wavelengths grow downwards."""
    pair_D = np.arange(N_DIMENSIONS) // 2 * 2
    wavelength_D = 2 * np.pi * 10000 ** (pair_D / N_DIMENSIONS)
    angle_DT = 2 * np.pi * np.arange(N_PLACES) / wavelength_D[:, None]
    is_even_D1 = (np.arange(N_DIMENSIONS) % 2 == 0)[:, None]
    wave_DT = np.where(is_even_D1, np.sin(angle_DT), np.cos(angle_DT))
    trace = {
        "type": "heatmap",
        "z": wave_DT.astype(np.float32),
        "zmin": -1,
        "zmax": 1,
        "colorscale": diverging(),
        "colorbar": {"thickness": 10, "outlinewidth": 0, "tickfont": {"size": 12}, "nticks": 3},
        "customdata": np.repeat(wavelength_D[:, None], N_PLACES, axis=1).astype(np.float32),
        "hovertemplate": "place %{x}, number %{y}: %{z:.2f}<br>wavelength %{customdata:,.0f}"
        " places<extra></extra>",
    }
    frame = layout(
        _axis("place in the row", "words", showgrid=False),
        _axis("number of the word", f"of {N_DIMENSIONS}", autorange="reversed", showgrid=False),
    )
    return {"data": [trace], "layout": frame}


_TWO = (("as they are", "negative", "solid"), ("divided by √d", "positive", "solid"))


def product_histograms(record: ScaleRecord, width: int) -> FigureDict:
    """How products spread at one width, as they are and divided."""
    centre_B = (record.edges_B[1:] + record.edges_B[:-1]) / 2
    place = int(np.flatnonzero(record.widths_W == width)[0])
    data: list[Trace] = []
    for row, (name, color, dash) in enumerate(_TWO):
        told = f"{name}: variance {record.variance_2W[row, place]:.3g}"
        hover = "density %{y:.3f} at %{x:.2f}"
        curve = line(centre_B, record.density_2B[row], told, token(color), hover, dash=dash)
        data.append(curve | {"fill": "tozeroy", "line": {**curve["line"], "shape": "hvh"}})
    frame = layout(
        _axis("q · k", "value"),
        _axis("density", "per unit", rangemode="tozero"),
        legend=_legend(),
    )
    return {"data": data, "layout": frame}


def largest_weights(record: ScaleRecord, width: int, n_keys: int) -> FigureDict:
    """The largest weight of a query against the width, with the middle 80 % of the queries."""
    data: list[Trace] = []
    for row, (name, color, dash) in enumerate(_TWO):
        low, high = record.low_2W[row], record.high_2W[row]
        data.append(band(record.widths_W, low, high, name, token(color), showlegend=False))
        data.append(
            line(record.widths_W, record.largest_2W[row], name, token(color),
                 "mean %{y:.2f} at d = %{x}", dash=dash, mode="lines+markers",
                 marker={"size": 8}, width=3)
        )  # fmt: skip
    data.append(
        line([1, 1024], [1 / n_keys, 1 / n_keys], f"all {n_keys} keys alike", token("muted"),
             "%{y:.3f}", dash="dot", width=1.5)
    )  # fmt: skip
    frame = layout(
        _log_axis("width d", "numbers", record.widths_W),
        _axis("largest weight of a query", "share", range=[0, 1.03], tickformat=".0%"),
        shapes=[vertical_line(width, token("ink"), dash="dot")],
        legend=_legend(),
    )
    return {"data": data, "layout": frame}


def softmax_slopes(record: ScaleRecord, width: int) -> FigureDict:
    """How much of a gradient comes through the softmax, against the width."""
    data = [
        line(record.widths_W, record.slope_2W[row], name, token(color), "%{y:.3f} at d = %{x}",
             dash=dash, mode="lines+markers", marker={"size": 8}, width=3)
        for row, (name, color, dash) in enumerate(_TWO)
    ]  # fmt: skip
    frame = layout(
        _log_axis("width d", "numbers", record.widths_W),
        _axis("norm of the softmax's derivative", "‖∂p/∂s‖", rangemode="tozero"),
        shapes=[vertical_line(width, token("ink"), dash="dot")],
        legend=_legend(),
    )
    return {"data": data, "layout": frame}


_PLACES = (("after each sum (post-norm)", "lane_2"), ("before each sublayer (pre-norm)", "lane_3"))


def gradient_by_depth(record: NormPlaceRecord) -> FigureDict:
    """Of the last layer, against the number of layers; bands reach over all seeds."""
    frame = layout(
        _axis("layers", "number", rangemode="tozero"),
        _axis("gradient norm", "last layer", rangemode="tozero"),
        legend=_legend(),
    )
    return {"data": _placements(record.depths_N, record.last_PRN), "layout": frame}


def gradient_by_layer(record: NormPlaceRecord) -> FigureDict:
    """Of every layer of one encoder, the first at the left."""
    n_layers = record.by_layer_PRL.shape[-1]
    frame = layout(
        _axis("layer", "counted from the input", dtick=1 if n_layers < 10 else 2),
        _axis("gradient norm", "at the start", rangemode="tozero"),
        legend=_legend(),
    )
    layers_L = np.arange(1, n_layers + 1, dtype=float)
    return {"data": _placements(layers_L, record.by_layer_PRL), "layout": frame}


def _placements(x: FloatArray | IntArray, values_PRX: FloatArray) -> list[Trace]:
    data: list[Trace] = []
    x = np.asarray(x, dtype=np.float64)
    for (name, color), values_RX in zip(_PLACES, values_PRX, strict=True):
        low, high = values_RX.min(axis=0), values_RX.max(axis=0)
        data.append(band(x, low, high, name, token(color), showlegend=False))
        data.append(
            line(x, values_RX.mean(axis=0), name, token(color), "%{y:.3f} at %{x}",
                 mode="lines+markers", marker={"size": 9}, width=3)
        )  # fmt: skip
    return data


def layer_parts(record: CountRecord, quantity: str) -> FigureDict:
    """Parameters ("parameters") or multiplications ("work") of one layer by part."""
    is_work = quantity == "work"
    amounts = [p.n_multiplications if is_work else p.n_parameters for p in record.parts]
    formulas = [p.work_formula if is_work else p.formula for p in record.parts]
    total = sum(amounts)
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": [part.name for part in record.parts],
        "x": np.array(amounts),
        "text": [_amount(formula, n) for formula, n in zip(formulas, amounts, strict=True)],
        "customdata": [f"{n / total:.1%} of the layer" for n in amounts],
        "textposition": "outside",
        "textfont": {"size": 15},
        "cliponaxis": False,
        "marker": {"color": token("variance" if is_work else "density")},
        "hovertemplate": "%{y}: %{x:,}, %{customdata}<extra></extra>",
    }
    name = ("multiplications", "a sequence") if is_work else ("parameters", "a layer")
    frame = layout(
        _axis(*name, range=[0, 1.45 * max(amounts)], tickformat=".3~s"),
        _axis("", autorange="reversed", showgrid=False),
    )
    return {"data": [trace], "layout": frame}


def _amount(formula: str, n: int) -> str:
    return f"{formula} = {n:,}" if n else "none"


def _axis(title: str, unit: str = "", **options: Any) -> dict[str, Any]:
    """An axis that is read from the back row."""
    made = axis(title, unit, tickfont={"size": 14}, **options)
    made["title"]["font"] = _LARGE
    return made


def _log_axis(title: str, unit: str, values: FloatArray) -> dict[str, Any]:
    ticks = {"tickvals": values, "ticktext": [f"{value:g}" for value in values]}
    made = log_axis(title, unit, tickfont={"size": 14}, **ticks)
    made["title"]["font"] = _LARGE
    return made


def _legend() -> dict[str, Any]:
    ends = {"x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
    return {"orientation": "h", **ends, "font": _LARGE, "bgcolor": "rgba(0,0,0,0)"}
