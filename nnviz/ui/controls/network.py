"""Which network: an editable list of blocks, and what all blocks share."""

from __future__ import annotations

import streamlit as st

from nnviz.blocks.sample import Sample
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.datasets import DATASETS
from nnviz.catalog.dropouts import DROPOUT_KINDS
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.catalog.normalizations import NORMALIZATIONS, fitting_groups
from nnviz.spec import InitializationSpec, NetworkSpec
from nnviz.spec.fields import described
from nnviz.ui.controls.block import block_row, learned_blocks, normalized_shape
from nnviz.ui.controls.fields import brief, setting, switch
from nnviz.ui.controls.order import add_button
from nnviz.ui.document import Document, widget_key


def network_controls(document: Document) -> None:
    """Edit `document["network"]`."""
    network = document["network"]
    entry, blocks = DATASETS[document["data"]["name"]], network["blocks"]
    length = document["data"]["length"]
    shape = (*entry.input_shape[:-1], length) if length else entry.input_shape
    arrives = Sample(shape, entry.vocabulary)
    for place in range(len(blocks)):
        block_row(network, blocks, place, arrives)
    add_button(blocks, arrives, "network.add")
    setting(
        network, NetworkSpec, "activation", "network",
        show=lambda name: brief(name, ACTIVATIONS[name].formula),
    )  # fmt: skip
    before = network["normalization"]
    setting(network, NetworkSpec, "normalization", "network", help=_over())
    if network["normalization"] == "group" != before:
        network["groups"] = fitting_groups(map(normalized_shape, learned_blocks(network["blocks"])))
    if network["normalization"] != "none":
        _normalization(network)
    setting(network, NetworkSpec, "dropout", "network")
    if network["dropout"]:
        drops = DROPOUT_KINDS[network["dropout_kind"]].drops
        setting(network, NetworkSpec, "dropout_kind", "network", help=f"Drops {drops}.")
    initialization_controls(network["initialization"], "network.initialization")


def _over() -> str:
    """What normalizations average over, in words for the reader of the select box."""
    told = [
        f"- {name}: over {entry.averages_over}"
        for name, entry in NORMALIZATIONS.items()
        if name != "none"
    ]
    return "Which numbers share a mean and a variance:\n" + "\n".join(told)


def initialization_controls(initialization: Document, path: str) -> None:
    """The initializer and the arguments it takes."""
    before = initialization["name"]
    setting(initialization, InitializationSpec, "name", path)
    if initialization["name"] != before:
        for argument in initialization:
            initialization[argument] = initialization["name"] if argument == "name" else None
    for argument, default in INITIALIZERS[initialization["name"]].arguments.items():
        if argument == "mode":
            setting(initialization, InitializationSpec, "mode", path)
        elif default is not None:
            _number(initialization, argument, float(default), path)


def _number(initialization: Document, argument: str, default: float, path: str) -> None:
    told, current = described(InitializationSpec, argument), initialization[argument]
    initialization[argument] = st.number_input(
        told.label,
        float(told.low),
        float(told.high),
        float(default if current is None else current),
        step=0.05,
        key=widget_key(f"{path}.{initialization['name']}.{argument}"),
        help=told.help,
    )


def _normalization(network: Document) -> None:
    setting(
        network, NetworkSpec, "placement", "network", show=lambda side: f"{side} the activation"
    )
    if network["normalization"] == "group":
        setting(network, NetworkSpec, "groups", "network")
    if network["normalization"] == "batch":
        rates = {*described(NetworkSpec, "momentum").choices, network["momentum"]} - {"cumulative"}
        choices = (*sorted(rates), "cumulative")
        setting(network, NetworkSpec, "momentum", "network", choices=choices)
        switch(network, NetworkSpec, "track_running_stats", "network")
