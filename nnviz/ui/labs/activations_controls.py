"""The activations lab's sidebar."""

from __future__ import annotations

import streamlit as st

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.ui.controls.fields import choice, share, whole, words
from nnviz.ui.document import Document, widget_key
from nnviz.ui.labs.activations import PAGE, VIEWS
from nnviz.ui.labs.segments import segments, titled
from nnviz.ui.labs.sliders import whole_slider

WIDTHS = (8, 16, 32, 64, 128)
STARTS = ("default", "xavier_normal", "kaiming_normal", "orthogonal")

PLACES = {0: "nowhere", **{place: f"after layer {place}" for place in range(1, 12)}}


def controls(document: Document) -> None:
    """Edit the document; only the controls of the chosen view are there."""
    with st.sidebar:
        segments(document, "view", "Look at", list(VIEWS), PAGE, show=titled(VIEWS))
        {
            "shape": _shape,
            "depth": _depth,
            "collapse": _collapse,
            "dead": _dead,
            "xor": _xor,
        }[document["view"]](document)


def several(part: Document, field: str, label: str, path: str) -> None:
    """Any set of activations."""
    part[field] = st.multiselect(
        label,
        list(ACTIVATIONS),
        default=[name for name in part[field] if name in ACTIVATIONS],
        key=widget_key(f"{path}.{field}"),
        format_func=words,
        placeholder="Choose activations",
    )


def _shape(document: Document) -> None:
    several(document, "names", "Activations", PAGE)
    segments(document, "distribution", "Inputs are drawn from", ["normal", "uniform"], PAGE)
    share(document, "mean", "Mean of the inputs", 5.0, PAGE, 0.1, low=-5.0)
    share(
        document, "std", "Deviation of the inputs", 5.0, PAGE, 0.05, low=0.05,
        help="Standard deviation; a uniform distribution reaches √3 times as far.",
    )  # fmt: skip


def _depth(document: Document) -> None:
    several(document, "names", "Activations", PAGE)
    whole_slider(document, "depth", "Layers", 1, 50, PAGE)
    choice(document, "width", "Units a layer", sorted({*WIDTHS, document["width"]}), PAGE)
    choice(
        document, "initialization", "Initial weights", STARTS, PAGE,
        help="kaiming, xavier and orthogonal use the gain of each activation.",
    )  # fmt: skip
    whole_slider(document, "n_seeds", "Seeds at most", 1, 10, PAGE)


def _collapse(document: Document) -> None:
    whole_slider(document, "n_layers", "Linear layers", 2, 12, PAGE)
    whole_slider(document, "stack_width", "Units between them", 2, 64, PAGE)
    document["bend_after"] = min(document["bend_after"], document["n_layers"] - 1)
    choice(
        document, "bend_after", "Insert an activation",
        list(range(document["n_layers"])), f"{PAGE}.{document['n_layers']}",
        show=lambda place: PLACES.get(place, str(place)),
    )  # fmt: skip
    if document["bend_after"]:
        choice(document, "bend", "Which", list(ACTIVATIONS), PAGE)
    whole(document, "seed", "Seed", 0, 9999, PAGE)


def _dead(document: Document) -> None:
    several(document, "dead_names", "Activations", PAGE)
    share(
        document, "jump_rate", "Learning rate of the one large step", 20.0, PAGE, 0.1, low=0.1,
        help="All other steps use the small one below.",
    )  # fmt: skip
    whole_slider(document, "jump_at", "It is step number", 1, 20, PAGE)
    share(document, "learning_rate", "Learning rate otherwise", 0.3, PAGE, 0.01, low=0.01)
    whole_slider(document, "n_steps", "Steps", 50, 1000, PAGE, step=50)


def _xor(document: Document) -> None:
    whole_slider(document, "n_hidden", "Hidden units", 1, 16, PAGE)
    choice(document, "xor_activation", "Activation", list(ACTIVATIONS), PAGE)
    whole_slider(document, "xor_steps", "Steps of Adam", 10, 400, PAGE, step=10)
    share(document, "xor_rate", "Learning rate", 0.5, PAGE, 0.005, low=0.005)
    whole_slider(
        document, "shown_seed", "Seed of the surfaces", 0, 19, PAGE,
        help="20 seeds are trained; this one's answer is drawn.",
    )  # fmt: skip
