"""The dropout lab's controls: one of six views, q, and what the view needs."""

from __future__ import annotations

import streamlit as st

from nnviz.ui.controls.fields import choice, share, whole
from nnviz.ui.document import Document, widget_key
from nnviz.ui.labs.dropout import INPUTS, ORDERS, PAGE, SHAPES, VIEWS
from nnviz.ui.labs.segments import segments, titled

MOST_DRAWS = 10_000
_ANOTHER = {
    "masks": "Draw another mask",
    "channels": "Draw another mask",
    "variance": "Draw other numbers",
    "alpha": "Draw other numbers",
    "shift": "Draw other numbers",
    "uncertainty": "Another training",
}


def controls(document: Document) -> None:
    """The choice of view and the button that draws anew above the charts, and the sidebar."""
    with st.container(horizontal=True, vertical_alignment="center"):
        segments(
            document, "view", "Look at", list(VIEWS), PAGE, show=titled(VIEWS), hide_label=True
        )
        another = _ANOTHER[document["view"]]
        st.button(
            another, icon=":material/casino:", key=f"lab.{PAGE}.another", on_click=_redraw,
            args=(document,), type="primary" if "mask" in another else "secondary",
        )  # fmt: skip
    with st.sidebar:
        share(
            document, "q", "Probability of dropping q", 0.9, PAGE,
            help="Each unit is dropped with this probability, anew in every training pass.",
        )  # fmt: skip
        _CONTROLS[document["view"]](document)


def _redraw(document: Document) -> None:
    field = "draw" if document["view"] in ("masks", "channels") else "seed"
    document[field] = (document[field] + 1) % MOST_DRAWS


def _masks(document: Document) -> None:
    whole(document, "depth", "Hidden layers", 1, 3, PAGE)
    whole(document, "width", "Units in each", 1, 10, PAGE)
    share(
        document, "input_q", "Probability of dropping an input", 0.9, PAGE,
        help="Inputs are often dropped less, 0.2 or not at all.",
    )  # fmt: skip
    key = widget_key(f"{PAGE}.weights")
    st.button("Other weights and inputs", key=key, on_click=_other_weights, args=(document,))


def _other_weights(document: Document) -> None:
    document["seed"] = (document["seed"] + 1) % MOST_DRAWS


def _variance(document: Document) -> None:
    share(document, "mean", "Mean c of what comes in", 5.0, PAGE, 0.1, low=-5.0)
    share(document, "std", "Deviation √v of what comes in", 5.0, PAGE, 0.1)
    whole(document, "n_inputs", "Inputs of the linear unit", 1, 32, PAGE)


def _channels(document: Document) -> None:
    choice(document, "shape", "What is dropped from", list(SHAPES), PAGE, show=titled(SHAPES))
    whole(document, "first", "First digit shown", 0, 400, PAGE, step=3)


def _alpha(document: Document) -> None:
    whole(document, "n_layers", "Layers of the SELU network", 1, 16, PAGE)


def _shift(document: Document) -> None:
    choice(document, "inputs", "Inputs of dropout", list(INPUTS), PAGE, show=titled(INPUTS))
    choice(document, "order", "Order of the layers", list(ORDERS), PAGE, show=titled(ORDERS))


def _uncertainty(document: Document) -> None:
    whole(document, "n_steps", "Training steps", 0, 600, PAGE, step=50)
    share(
        document, "gap_width", "Width of the gap in the data", 1.4, PAGE, 0.1,
        help="No training point lies within it, around x = 0.2.",
    )  # fmt: skip


_CONTROLS = {
    "masks": _masks,
    "variance": _variance,
    "channels": _channels,
    "alpha": _alpha,
    "shift": _shift,
    "uncertainty": _uncertainty,
}
