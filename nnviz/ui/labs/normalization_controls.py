"""The normalization lab's sidebar and its clicks."""

from __future__ import annotations

import streamlit as st

from nnviz.experiments.normalization.records import KINDS
from nnviz.figures.normalization_block import cell_at
from nnviz.ui.charts import ChartClick
from nnviz.ui.controls.fields import choice, magnitude, share, whole
from nnviz.ui.document import Document, widget_key
from nnviz.ui.labs.normalization import PAGE, SHAPES, VIEWS, NormalizationSettings
from nnviz.ui.labs.normalization_table import LARGEST, table_size
from nnviz.ui.labs.segments import fresh_path, renew, segments, titled

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)
MOST_STEPS = 300


def controls(document: Document) -> None:
    """The choice of view and the step button above the charts, and the sidebar."""
    with st.container(horizontal=True, vertical_alignment="center"):
        segments(
            document, "view", "Look at", list(VIEWS), PAGE, show=titled(VIEWS), hide_label=True
        )
        if document["view"] == "running":
            st.button(
                "One more batch", icon=":material/skip_next:", key=f"lab.{PAGE}.more",
                on_click=_more, args=(document,), disabled=document["n_steps"] >= MOST_STEPS,
            )  # fmt: skip
    with st.sidebar:
        if document["view"] == "cells":
            _block(document)
            _cell(document)
            _affine(document)
        else:
            _batches(document)
            _evaluation(document)


def follow_click(
    document: Document, settings: NormalizationSettings, click: ChartClick | None
) -> None:
    """Choose the clicked cell, and the normalization of the chart it was clicked in."""
    index = cell_at(click.point, settings.block_shape) if click and click.point else None
    if click is None or index is None:
        return
    letters = {2: "nc", 3: "ncw", 4: "nchw"}[len(index)]
    document.update(dict(zip(letters, index, strict=True)))
    if click.panel in KINDS:
        document["kind"] = click.panel
    renew(PAGE)
    st.rerun()


def _block(document: Document) -> None:
    segments(
        document, "shape", "Shape of the block", list(SHAPES), PAGE, show=titled(SHAPES),
        help="N samples, C channels or features, L positions, H × W pixels.",
    )  # fmt: skip
    choice(document, "kind", "Normalization", KINDS, fresh_path(PAGE))
    n_samples, n_channels = (table_size if document["shape"] == "table" else _sizes)(document)
    _groups(document, n_channels)
    if n_samples > 1:
        document["n_kept"] = min(document["n_kept"], n_samples - 1)
        whole(
            document, "n_kept", "Samples kept in the removal test", 1, n_samples - 1,
            f"{PAGE}.{n_samples}",
            help="The others leave the batch. Whose outputs change then?",
        )  # fmt: skip


def _sizes(document: Document) -> tuple[int, int]:
    left, right = st.columns(2)
    image = document["shape"] == "image"
    with left:
        whole(document, "n_samples", "Samples N", 1, LARGEST, PAGE)
        if image:
            whole(document, "height", "Height H", 1, LARGEST, PAGE)
    with right:
        whole(document, "n_channels", "Channels C", 1, LARGEST, PAGE)
        whole(document, "width", "Width W" if image else "Length L", 1, LARGEST, PAGE)
    seed = widget_key(f"{PAGE}.draw")
    st.button("Draw other numbers", key=seed, on_click=_draw, args=(document,))
    return document["n_samples"], document["n_channels"]


def _draw(document: Document) -> None:
    document["seed"] = (document["seed"] + 1) % 10_000


def _groups(document: Document, n_channels: int) -> None:
    divisors = [g for g in range(1, n_channels + 1) if n_channels % g == 0]
    document["groups"] = max(g for g in divisors if g <= max(document["groups"], 1))
    segments(
        document, "groups", "Groups G of group normalization", divisors,
        f"{fresh_path(PAGE)}.{n_channels}", help="G must divide the number of channels.", show=str,
    )  # fmt: skip


def _cell(document: Document) -> None:
    shape = _shape(document)
    letters = {2: "nc", 3: "ncw", 4: "nchw"}[len(shape)]
    st.markdown("**The cell**: click one in a chart, or")
    for column, letter, size in zip(st.columns(len(letters)), letters, shape, strict=True):
        with column:
            document[letter] = min(document[letter], size - 1)
            shown = "l" if letter == "w" and len(shape) == 3 else letter
            whole(document, letter, shown, 0, size - 1, f"{fresh_path(PAGE)}.{size}")


def _shape(document: Document) -> list[int]:
    if document["shape"] == "table":
        return [len(document["table"]), len(document["table"][0])]
    names = ["n_samples", "n_channels", "height", "width"]
    return [document[name] for name in names if name != "height" or document["shape"] == "image"]


def _affine(document: Document) -> None:
    with st.expander("γ, β, ε", key=f"lab.{PAGE}.affine"):
        share(document, "gamma", "γ, the new deviation", 3.0, fresh_path(PAGE), 0.1, low=-3.0)
        share(document, "beta", "β, the new mean", 3.0, fresh_path(PAGE), 0.1, low=-3.0)
        magnitude(
            document, "epsilon", "ε under the root", [1e-8, 1e-5, 1e-3, 0.1, 1.0], fresh_path(PAGE),
            "Keeps the division finite; a large one shrinks the outputs.",
        )  # fmt: skip


def _batches(document: Document) -> None:
    choice(
        document, "batch_size", "Batch size", sorted({*BATCH_SIZES, document["batch_size"]}), PAGE,
        help="Down to 1, which torch refuses in training mode.", show=str,
    )  # fmt: skip
    whole(document, "n_steps", "Batches seen", 1, MOST_STEPS, fresh_path(PAGE))
    document["track"] = st.checkbox(
        "track_running_stats", document["track"], key=widget_key(f"{PAGE}.track"),
        help="Off: nothing is kept, and evaluation normalizes with its own batch.",
    )  # fmt: skip
    document["cumulative"] = st.checkbox(
        "momentum=None (average of all batches)", document["cumulative"],
        key=widget_key(f"{PAGE}.cumulative"), disabled=not document["track"],
    )  # fmt: skip
    share(
        document, "momentum", "Momentum m", 1.0, PAGE, 0.01, low=0.01,
        help="new = (1 - m) · old + m · batch",
        disabled=document["cumulative"] or not document["track"],
    )  # fmt: skip
    share(document, "mean", "Mean of the data", 5.0, PAGE, 0.1, low=-5.0)
    share(document, "std", "Deviation of the data", 5.0, PAGE, 0.1, low=0.1)
    key = widget_key(f"{PAGE}.redraw")
    st.button("Draw other batches", key=key, on_click=_draw, args=(document,))


def _evaluation(document: Document) -> None:
    st.markdown("**Evaluation data differ by**")
    share(document, "shift", "a shift of the mean", 5.0, PAGE, 0.1, low=-5.0)
    share(document, "stretch", "a factor on the deviation", 3.0, PAGE, 0.1, low=0.1)


def _more(document: Document) -> None:
    document["n_steps"] = min(document["n_steps"] + 1, MOST_STEPS)
    renew(PAGE)
