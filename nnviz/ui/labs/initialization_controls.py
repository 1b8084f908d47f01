"""The initialization lab's sidebar."""

from __future__ import annotations

import streamlit as st

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.ui.controls.fields import choice, share, whole
from nnviz.ui.controls.network import initialization_controls
from nnviz.ui.document import Document
from nnviz.ui.labs.initialization import LAYERS, PAGE, VIEWS
from nnviz.ui.labs.segments import segments, titled
from nnviz.ui.labs.sliders import whole_slider

WIDTHS = (8, 16, 32, 64, 128)
BREAKERS = {
    "nothing": "nothing",
    "noise": "noise of 0.001 on the weights",
    "dropout": "dropout of 0.3",
    "output": "a random output layer",
}


def controls(document: Document) -> None:
    """Edit the document; only the controls of the chosen view are there."""
    with st.sidebar:
        segments(document, "view", "Look at", list(VIEWS), PAGE, show=titled(VIEWS))
        if document["view"] == "symmetry":
            _symmetry(document)
            return
        initialization_controls(document["initialization"], f"{PAGE}.initialization")
        choice(
            document, "activation", "Activation behind the layer", list(ACTIVATIONS), PAGE,
            help="It sets the gain of kaiming, xavier and orthogonal.",
        )  # fmt: skip
        (_weights if document["view"] == "weights" else _depth)(document)


def _weights(document: Document) -> None:
    segments(document, "layer", "Layer", list(LAYERS), PAGE, show=titled(LAYERS))
    dense = document["layer"] == "dense"
    whole_slider(document, "n_in", "Inputs" if dense else "Input channels", 1, 128, PAGE)
    whole_slider(document, "n_out", "Units" if dense else "Output channels", 1, 128, PAGE)
    if not dense:
        whole_slider(document, "kernel", "Kernel size", 1, 7, PAGE)
    whole(document, "seed", "Seed", 0, 9999, PAGE)


def _depth(document: Document) -> None:
    whole_slider(document, "depth", "Layers", 1, 60, PAGE)
    choice(document, "width", "Units a layer", sorted({*WIDTHS, document["width"]}), PAGE)
    choice(document, "normalization", "Normalization", list(NORMALIZATIONS), PAGE)
    if document["normalization"] != "none":
        segments(
            document, "placement", "It stands", ["before", "after"], PAGE,
            show=lambda placement: f"{placement} the activation",
        )  # fmt: skip
    if document["normalization"] == "group":
        groups = [g for g in (1, 2, 4, 8, 16, 32) if document["width"] % g == 0]
        choice(document, "groups", "Groups", groups, f"{PAGE}.{document['width']}", show=str)
    whole_slider(document, "n_seeds", "Seeds at most", 1, 10, PAGE)


def _symmetry(document: Document) -> None:
    choice(document, "start", "Initial weights", list(INITIALIZERS), PAGE)
    choice(
        document, "breaker", "What tells units apart", list(BREAKERS), PAGE,
        show=titled(BREAKERS),
    )  # fmt: skip
    choice(document, "activation", "Activation", list(ACTIVATIONS), f"{PAGE}.symmetry")
    whole_slider(document, "n_units", "Hidden units", 2, 12, PAGE)
    whole_slider(document, "n_steps", "Steps", 50, 600, PAGE, step=50)
    share(document, "learning_rate", "Learning rate", 2.0, PAGE, 0.05, low=0.05)
