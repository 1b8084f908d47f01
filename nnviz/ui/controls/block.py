"""One block of the network as one row: its kind, its size, its own settings, its removal."""

from __future__ import annotations

from typing import Any, assert_never

import streamlit as st

from nnviz.catalog.normalizations import fitting_groups
from nnviz.spec import ConvolutionBlock, PoolBlock
from nnviz.spec.fields import described
from nnviz.spec.network import BLOCKS, BlockKind
from nnviz.ui.controls.fields import inherited, setting, whole
from nnviz.ui.controls.order import copy_button, order_buttons
from nnviz.ui.document import Document, widget_key

MIN_SPACE = 3
"""Positions that a convolution is taken to leave: enough for a group of one channel."""


def learned_blocks(network: Document) -> list[Document]:
    """The blocks with weights."""
    return [block for block in network["blocks"] if block["kind"] in ("dense", "convolution")]


def normalized_shape(block: Document) -> tuple[int, ...]:
    """What a normalization sees of one sample: units, or channels over a space of its own."""
    match block["kind"]:
        case "dense":
            return (int(block["width"]),)
        case "convolution":
            return (int(block["channels"]), MIN_SPACE)
        case kind:
            raise ValueError(f"a block of kind {kind} has no normalization")


def block_row(network: Document, place: int, block: Document) -> None:
    """Edit one block in place."""
    path = f"block.{block['uid']}"
    blocks = network["blocks"]
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
        settings = st.popover(
            f"{place + 1} {_SHORT[block['kind']]}",
            key=widget_key(f"{path}.settings"),
            help="Settings of this block, and a copy of it",
            on_change="rerun",
        )
        with settings:
            if settings.open:
                _settings(network, place, block, path)
        _size(block, path)
        order_buttons(blocks, place, path)
        st.button(
            "",
            icon=":material/close:",
            key=widget_key(f"{path}.remove"),
            help="Remove this block",
            on_click=blocks.remove,
            args=(block,),
            type="tertiary",
            width="content",
        )


_SHORT = {"dense": "dense", "convolution": "conv", "pool": "pool", "flatten": "flatten"}


def _size(block: Document, path: str) -> None:
    hidden: dict[str, Any] = {"label_visibility": "collapsed", "width": 62}
    kind: BlockKind = block["kind"]
    match kind:
        case "dense" | "convolution" | "pool":
            field = {"dense": "width", "convolution": "channels", "pool": "size"}[kind]
            told = described(BLOCKS[kind], field)
            whole(block, field, told.label, int(told.low), int(told.high), path, **hidden)
        case "flatten":
            pass
        case _:
            assert_never(kind)


def _settings(network: Document, place: int, block: Document, path: str) -> None:
    kind: BlockKind = block["kind"]
    match kind:
        case "dense":
            _learned(network, block, path)
        case "convolution":
            for field in ("kernel_size", "stride", "padding"):
                setting(block, ConvolutionBlock, field, path)
            _learned(network, block, path)
        case "pool":
            setting(block, PoolBlock, "method", path)
        case "flatten":
            pass
        case _:
            assert_never(kind)
    copy_button(network["blocks"], place, block, path)


def _learned(network: Document, block: Document, path: str) -> None:
    inherited(block, "activation", path, network)
    before = block["normalization"]
    inherited(block, "normalization", path, network)
    if block["normalization"] == "group" != before:
        block["groups"] = fitting_groups([normalized_shape(block)])
    inherited(block, "placement", path, network)
    offered = {0.0, 0.1, 0.2, 0.3, 0.5, 0.8, block["dropout"]} - {None}
    inherited(block, "dropout", path, network, sorted(offered))
    _initialization(network, block, path)


def _initialization(network: Document, block: Document, path: str) -> None:
    own = {"name": (block["initialization"] or {}).get("name")}
    inherited(
        own, "initialization.name", f"{path}.initialization", network["initialization"],
        field="name",
    )  # fmt: skip
    if own["name"] is None:
        block["initialization"] = None
    elif (block["initialization"] or {}).get("name") != own["name"]:
        block["initialization"] = {"name": own["name"]}
