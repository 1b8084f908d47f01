"""Updates a second of every device against the size of the work.

Shapes: D devices, Z sizes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.devices.speeds import UNITS, Speeds, crossings
from nnviz.figures.layout import (
    layout,
    log_axis,
    log_range,
    log_ticks,
    note,
    plain_number,
    positive_only,
)
from nnviz.figures.theme import FigureDict, token
from nnviz.figures.traces import band, line
from nnviz.records import FloatArray

_COLOURS = ("lane_0", "lane_1", "lane_2", "lane_3")


def device_speeds(speeds: Speeds) -> FigureDict:
    """Medians with the quartiles as bands; dotted where one device overtakes another."""
    data = _lines(
        speeds, speeds.median_DZ, (speeds.low_DZ, speeds.high_DZ), "%{y:,.3g} updates a second"
    )
    marks = [_crossing(found.size) for found in crossings(speeds)]
    words = [
        note("overtakes here", float(np.log10(found.size)), 0.02, xref="x", yanchor="bottom",
             xanchor="left", bgcolor=token("page"))
        for found in crossings(speeds)
    ]  # fmt: skip
    return _figure(speeds, data, ("updates a second", "1/s"), speeds.low_DZ, speeds.high_DZ,
                   shapes=marks, annotations=words)  # fmt: skip


def device_rates(speeds: Speeds) -> FigureDict:
    """Operations of the matrix products a second, in units of 10⁹."""
    flops_Z = np.array([_work_flops(speeds, size) for size in speeds.sizes])
    scale_Z = flops_Z / 1e9
    ends = speeds.low_DZ * scale_Z, speeds.high_DZ * scale_Z
    data = _lines(speeds, speeds.median_DZ * scale_Z, ends, "%{y:,.3g} GFLOPS")
    return _figure(speeds, data, ("matrix products", "10⁹ operations/s"), *ends)


def _work_flops(speeds: Speeds, size: int) -> float:
    found = [one for device in speeds.devices if (one := speeds.at(device, size))]
    return float(found[0].work.flops) if found else float("nan")


def _lines(
    speeds: Speeds, median_DZ: FloatArray, ends: tuple[FloatArray, FloatArray], hover: str
) -> list[dict[str, Any]]:
    sizes = np.asarray(speeds.sizes, np.float32)
    data = []
    for d, device in enumerate(speeds.devices):
        colour = token(_COLOURS[d % len(_COLOURS)])
        low, high = (positive_only(end[d]) for end in ends)
        data.append(band(sizes, low, high, "", colour, showlegend=False))
        data.append(
            line(sizes, positive_only(median_DZ[d]), device.title, colour, hover,
                 mode="lines+markers", width=3, connectgaps=True)
        )  # fmt: skip
    return data


def _figure(
    speeds: Speeds, data: list[dict[str, Any]], y: tuple[str, str], *values: FloatArray, **more: Any
) -> FigureDict:
    reach = log_range(np.asarray(speeds.sizes, float), pad=0.06)
    shown = [size for size in speeds.sizes if len(speeds.sizes) < 8 or size >= 16]
    xaxis = log_axis(*UNITS[speeds.axis], range=reach, tickvals=shown,
                     ticktext=[f"{size:,}" for size in shown])  # fmt: skip
    limits = log_range(np.stack(values), pad=0.12)
    powers = [10.0**k for k in range(int(np.ceil(limits[0])), int(limits[1]) + 1)]
    ticks = {"tickvals": powers, "ticktext": [plain_number(each) for each in powers]}
    short = log_ticks(limits) if len(powers) < 2 else {"range": limits, **ticks}
    yaxis = log_axis(*y, **short)
    return {"data": data, "layout": layout(xaxis, yaxis, hovermode="x unified", **more)}


def _crossing(size: float) -> dict[str, Any]:
    return {
        "type": "line", "xref": "x", "yref": "paper", "x0": size, "x1": size, "y0": 0, "y1": 1,
        "line": {"color": token("good"), "width": 2, "dash": "dot"},
    }  # fmt: skip
