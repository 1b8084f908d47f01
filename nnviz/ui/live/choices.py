"""What the reader wants to see: which views, of which layer and quantity, on which axes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nnviz.feed import Asked
from nnviz.feed.pipelines import opened_block
from nnviz.feed.view import Part
from nnviz.feed.views import default_views, fitting_views, learned_layers, more_views
from nnviz.figures.pipeline_columns import Flow
from nnviz.recorders.examples import N_EXAMPLES
from nnviz.records import HISTOGRAM_QUANTITIES
from nnviz.spec import ExperimentSpec


def view_choices(
    page: str, lanes: Sequence[ExperimentSpec], part: Part, flow: Flow = "train", more: bool = False
) -> Asked:
    """A menu: which views, what they show, on which axes; with `more` there are many at once."""
    if part == "seeds":
        return Asked(part=part)
    label = "Views" if len(lanes) == 1 else ""
    with st.popover(label, icon=":material/dashboard:", key=f"{page}.views_menu", help="Views"):
        names = _names(page, lanes, more) if part == "views" else ()
        with st.container(horizontal=True):
            layer, quantity = _layer(page, lanes), _quantity(page, len(lanes))
            example = _example(page, lanes)
        return Asked(names, part, layer, quantity, example, flow, *_switches(page, len(lanes)))


def choose_layer(page: str, lanes: Sequence[ExperimentSpec], name: object) -> None:
    """Show this layer's details from the next run of the script on."""
    layers = learned_layers(lanes)
    if name in layers:
        st.session_state[_layer_key(page, layers)] = name


def _layer_key(page: str, layers: Sequence[str]) -> str:
    """Other layers, another widget."""
    return f"{page}.layer.{'.'.join(layers)}"


def _names(page: str, lanes: Sequence[ExperimentSpec], more: bool) -> tuple[str, ...]:
    views = fitting_views(lanes)
    titles = {view.name: view.title for view in views}
    chosen = st.pills(
        "Shown views",
        list(titles),
        selection_mode="multi",
        default=more_views(lanes) if more else default_views(lanes),
        format_func=titles.__getitem__,
        key=f"{page}.views.{more}.{'.'.join(titles)}",
    )
    return tuple(chosen)


def _layer(page: str, lanes: Sequence[ExperimentSpec]) -> str:
    layers = learned_layers(lanes)
    first = opened_block(lanes, "") if len(lanes) > 1 else ""
    return st.selectbox(
        "Layer in detail",
        layers or ["no hidden layer"],
        index=layers.index(first) if first in layers else 0,
        key=_layer_key(page, layers),
        help="A click on a unit of the network chooses its layer, too.",
    )


def _quantity(page: str, n_lanes: int) -> str:
    if n_lanes > 1:
        return "activation"
    return st.selectbox(
        "Distributions of",
        HISTOGRAM_QUANTITIES,
        index=HISTOGRAM_QUANTITIES.index("activation"),
        format_func=lambda name: name.replace("_", "-" if name.startswith("pre") else " "),
        key=f"{page}.quantity",
    )


def _example(page: str, lanes: Sequence[ExperimentSpec]) -> int:
    if len(lanes[0].data.sample.shape) == 1:
        return 0
    return st.selectbox(
        "Test point", range(N_EXAMPLES), format_func=lambda k: f"{k + 1}", key=f"{page}.example",
        help="Whose way through the network is shown.",
    )  # fmt: skip


def _switches(page: str, n_lanes: int) -> tuple[bool, bool, bool, bool]:
    """Test points, steps and losses on log axes, frozen axes."""
    show_test = st.checkbox("Show test points", True, key=f"{page}.show_test")
    log_loss = st.checkbox("Losses on a log axis", n_lanes == 1, key=f"{page}.log_loss")
    log_steps = n_lanes == 1 and st.checkbox("Steps on a log axis", False, key=f"{page}.log_steps")
    is_frozen = n_lanes > 1 and st.checkbox(
        "Freeze axes", False, key=f"{page}.freeze",
        help="Axes are shared by all lanes. Frozen, they stay as they are now while the lanes"
        " go on; otherwise they follow the data.",
    )  # fmt: skip
    return show_test, log_steps, log_loss, is_frozen
