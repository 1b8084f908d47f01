"""Which network: an editable list of blocks, and what all blocks share."""

from __future__ import annotations

import secrets
from typing import Any

import streamlit as st

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.datasets import DATASETS
from nnviz.catalog.dropouts import DROPOUT_KINDS
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.catalog.normalizations import NORMALIZATIONS, fitting_groups
from nnviz.spec.network import MAX_BLOCKS
from nnviz.ui.controls.block import block_row, learned_blocks, new_block, normalized_shape
from nnviz.ui.controls.fields import choice, share, whole
from nnviz.ui.document import Document, widget_key
from nnviz.ui.presses import once


def network_controls(document: Document) -> None:
    """Edit `document["network"]`."""
    network = document["network"]
    image_like = len(DATASETS[document["data"]["name"]].input_shape) > 1
    for place, block in enumerate(network["blocks"]):
        block_row(network, place, block, image_like)
    _add_buttons(network, image_like)
    choice(
        network, "activation", "Activation", list(ACTIVATIONS), "network",
        help="The function behind every hidden layer that does not choose its own.",
        show=lambda name: f"{name.replace('_', ' ')}:  {ACTIVATIONS[name].formula}",
    )  # fmt: skip
    before = network["normalization"]
    choice(
        network, "normalization", "Normalization", list(NORMALIZATIONS), "network",
        help="Which numbers share a mean and a variance.",
        show=lambda name: f"{name}: over {NORMALIZATIONS[name].averages_over}",
    )  # fmt: skip
    if network["normalization"] == "group" != before:
        network["groups"] = fitting_groups(map(normalized_shape, learned_blocks(network)))
    if network["normalization"] != "none":
        _normalization(network)
    share(
        network, "dropout", "Dropout", 0.95, "network",
        help="Probability of dropping a unit in training.",
    )  # fmt: skip
    if network["dropout"]:
        choice(
            network, "dropout_kind", "Dropout drops", list(DROPOUT_KINDS), "network",
            show=lambda kind: f"{kind}: {DROPOUT_KINDS[kind].drops}",
        )  # fmt: skip
    initialization_controls(network["initialization"], "network.initialization")


def initialization_controls(initialization: Document, path: str) -> None:
    """The initializer and the arguments it takes."""
    before = initialization["name"]
    choice(
        initialization, "name", "Initial weights", list(INITIALIZERS), path,
        help="How weights are drawn before training; 'default' is PyTorch's own.",
    )  # fmt: skip
    if initialization["name"] != before:
        for argument in initialization:
            initialization[argument] = initialization["name"] if argument == "name" else None
    for argument, default in INITIALIZERS[initialization["name"]].arguments.items():
        if argument == "mode":
            choice(initialization, "mode", "Keep the size of", ["fan_in", "fan_out"], path)
        elif default is not None:
            _number(initialization, argument, float(default), path)


def _number(initialization: Document, argument: str, default: float, path: str) -> None:
    low = 0.0 if argument in ("std", "sparsity") else -100.0
    high = 1.0 if argument == "sparsity" else 100.0
    current = initialization[argument]
    initialization[argument] = st.number_input(
        argument,
        low,
        high,
        float(default if current is None else current),
        step=0.05,
        key=widget_key(f"{path}.{initialization['name']}.{argument}"),
    )


def _normalization(network: Document) -> None:
    choice(
        network, "placement", "Normalization stands", ["before", "after"], "network",
        show=lambda placement: f"{placement} the activation",
    )  # fmt: skip
    if network["normalization"] == "group":
        whole(network, "groups", "Groups", 1, 1024, "network")
    if network["normalization"] == "batch":
        choice(
            network, "momentum", "Momentum of the running statistics",
            [*sorted({0.01, 0.1, 0.3, 1.0, network["momentum"]} - {"cumulative"}), "cumulative"],
            "network", help="Weight of the newest batch; cumulative averages over all batches.",
        )  # fmt: skip
        network["track_running_stats"] = st.checkbox(
            "Keep running statistics for evaluation",
            network["track_running_stats"],
            key=widget_key("network.track_running_stats"),
        )


def _add_buttons(network: Document, image_like: bool) -> None:
    full = len(network["blocks"]) >= MAX_BLOCKS
    kinds = ["dense", "convolution", "pool", "flatten"] if image_like else ["dense"]
    with st.container(horizontal=True, gap="small"):
        for kind in kinds:
            st.button(
                f"+ {kind}",
                key=widget_key(f"network.add.{kind}"),
                on_click=once,
                args=(_add, network, kind),
                disabled=full,
                help=f"Add a {kind} block at the end.",
            )


def _add(network: Document, kind: str) -> None:
    same = [block for block in network["blocks"] if block["kind"] == kind]
    block: dict[str, Any] = {**(same[-1] if same else new_block(kind)), "uid": secrets.token_hex(4)}
    blocks = network["blocks"]
    first_dense = next((i for i, b in enumerate(blocks) if b["kind"] in ("dense", "flatten")), None)
    needs_space = kind in ("convolution", "pool") and first_dense is not None
    blocks.insert(first_dense if needs_space and first_dense is not None else len(blocks), block)
