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
from nnviz.figures.traces import band, line, vertical

_COLOURS = ("lane_0", "lane_1", "lane_2", "lane_3")


def device_speeds(speeds: Speeds) -> FigureDict:
    """Medians with the quartiles as bands; dotted where one device overtakes another."""
    sizes = np.asarray(speeds.sizes, np.float32)
    data = []
    for d, device in enumerate(speeds.devices):
        colour = token(_COLOURS[d % len(_COLOURS)])
        low, high = positive_only(speeds.low_DZ[d]), positive_only(speeds.high_DZ[d])
        data.append(band(sizes, low, high, "", colour, showlegend=False))
        data.append(
            line(sizes, positive_only(speeds.median_DZ[d]), device.title, colour,
                 "%{y:,.3g} updates a second", mode="lines+markers", width=3, connectgaps=True)
        )  # fmt: skip
    places = [found.size for found in crossings(speeds)]
    words = [
        note("overtakes here", float(np.log10(size)), 0.02, xref="x", yanchor="bottom",
             xanchor="left", bgcolor=token("page"))
        for size in places
    ]  # fmt: skip
    marks = [vertical(size, "good") for size in places]
    frame = layout(*_axes(speeds), hovermode="x unified", shapes=marks, annotations=words)
    return {"data": data, "layout": frame}


def _axes(speeds: Speeds) -> tuple[dict[str, Any], dict[str, Any]]:
    reach = log_range(np.asarray(speeds.sizes, float), pad=0.06)
    shown = [size for size in speeds.sizes if len(speeds.sizes) < 8 or size >= 16]
    xaxis = log_axis(*UNITS[speeds.axis], range=reach, tickvals=shown,
                     ticktext=[f"{size:,}" for size in shown])  # fmt: skip
    limits = log_range(np.stack([speeds.low_DZ, speeds.high_DZ]), pad=0.12)
    powers = [10.0**k for k in range(int(np.ceil(limits[0])), int(limits[1]) + 1)]
    ticks = {"tickvals": powers, "ticktext": [plain_number(each) for each in powers]}
    short = log_ticks(limits) if len(powers) < 2 else {"range": limits, **ticks}
    return xaxis, log_axis("updates a second", "1/s", **short)
