"""Rows of tokens that the network answers wrongly: what it read, what is right, what it said.

Shapes: M mistakes, T places of a row.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.figures.layout import SMALL_FONT_SIZE, hidden_axis, layout, note
from nnviz.figures.theme import FigureDict, token
from nnviz.records import DataRecord, FloatArray, IntArray

MOST_PLACES = 40
"""Of a row; more can't be read."""
N_ROWS = 14
LEAST_ROOM, CHARACTER = 0.12, 0.018
"""Shares of the panel's width: what the labels have at least, and what each character takes."""
PLAIN, RIGHT, WRONG = 0.0, 1.0, 2.0
"""What the shade of a cell says: read or asked for, answered rightly, answered wrongly."""


def misread_rows(data: DataRecord, predicted_N: IntArray, wrong: IntArray) -> FigureDict:
    """The first mistakes as rows of tokens; three rows each where every place has an answer."""
    each_place = predicted_N.ndim == 2
    length = data.test_x.shape[-1]
    part = slice(0, MOST_PLACES) if each_place else slice(max(0, length - MOST_PLACES), length)
    shown = wrong[: N_ROWS // 4 if each_place else N_ROWS]
    draw = _triples if each_place else _singles
    cells, shades, labels = draw(data, predicted_N, shown, part)
    n_rows, n_places = len(cells), len(cells[0])
    share = min(0.5, max(LEAST_ROOM, CHARACTER * max(map(len, labels))))
    room = n_places * share / (1 - share)
    y = -np.arange(n_rows, dtype=np.float32)
    grid = {
        "type": "heatmap",
        "x": np.arange(n_places, dtype=np.float32),
        "y": y,
        "z": np.asarray(shades, np.float32),
        "zmin": PLAIN,
        "zmax": WRONG,
        "colorscale": [[0.0, token("zero")], [0.5, token("alive")], [1.0, token("danger")]],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "text": cells,
        "texttemplate": "%{text}",
        "textfont": {"size": SMALL_FONT_SIZE, "color": token("ink")},
        "hovertemplate": "%{text}<extra></extra>",
    }
    frame = layout(
        hidden_axis(range=[-room - 0.5, n_places - 0.5]),
        hidden_axis(range=[-max(n_rows, N_ROWS) + 0.5, 0.7]),
        margin={"l": 8, "r": 8, "t": 24, "b": 4},
        showlegend=False,
        annotations=[_title(len(shown), len(wrong), len(predicted_N), n_places, length)],
    )
    points = np.repeat(shown, len(labels) // len(shown))
    return {"data": [grid, _labels(labels, y, points)], "layout": frame}


Drawn = tuple[list[list[str]], list[FloatArray], list[str]]
"""Texts, shades and the label of each row."""


def _singles(data: DataRecord, predicted_N: IntArray, shown: IntArray, part: slice) -> Drawn:
    names = data.class_names
    cells = [_words(data.token_names, data.test_x[n, 0, part]) for n in shown]
    shades = [np.full(len(cells[0]), PLAIN) for _ in shown]
    pairs = [(int(data.test_y[n]), int(predicted_N[n])) for n in shown]
    return cells, shades, [f"{names[truth]}→{names[answer]}" for truth, answer in pairs]


def _triples(data: DataRecord, predicted_NT: IntArray, shown: IntArray, part: slice) -> Drawn:
    cells: list[list[str]] = []
    shades: list[FloatArray] = []
    labels: list[str] = []
    for n in shown:
        truth, answer = data.test_y[n, part], predicted_NT[n, part]
        cells.append(_words(data.token_names, data.test_x[n, 0, part]))
        cells += [_words(data.class_names, row) for row in (truth, answer)]
        cells.append([""] * len(truth))
        plain, missing = np.full(len(truth), PLAIN), np.full(len(truth), np.nan)
        shades += [plain, plain, np.where(truth == answer, RIGHT, WRONG), missing]
        labels += ["read", "right", "answered", ""]
    return cells, shades, labels


def _words(names: tuple[str, ...], numbers: Any) -> list[str]:
    return [names[int(number)] for number in numbers]


def _labels(words: list[str], y: FloatArray, points: IntArray) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "x": np.full(len(words), -0.7, np.float32),
        "y": y,
        "text": words,
        "customdata": points.astype(np.int32),  # which test points: a click asks about one
        "textposition": "middle left",
        "textfont": {"size": SMALL_FONT_SIZE, "color": token("ink")},
        "hoverinfo": "skip",
    }


def _title(n_shown: int, n_wrong: int, n_points: int, n_places: int, length: int) -> dict[str, Any]:
    words = f"{n_shown} of {n_wrong} rows with mistakes among {n_points} test rows"
    if n_places < length:
        words += f"; {n_places} of {length} places"
    return note(words, 0, 1.0, xanchor="left", yanchor="bottom")
