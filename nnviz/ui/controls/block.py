"""One block of the network as one row: its kind, its size, its own settings, its removal."""

from __future__ import annotations

import secrets
from typing import Any, assert_never

import streamlit as st

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.catalog.normalizations import NORMALIZATIONS, fitting_groups
from nnviz.spec import ConvolutionBlock, DenseBlock, FlattenBlock, PoolBlock
from nnviz.spec.base import Spec
from nnviz.spec.network import BlockKind
from nnviz.ui.controls.fields import choice, inherited_choice, whole
from nnviz.ui.document import Document, widget_key
from nnviz.ui.presses import once

MIN_SPACE = 3
"""Positions that a convolution is taken to leave: enough for a group of one channel."""

_KINDS: dict[str, type[Spec]] = {
    "dense": DenseBlock,
    "convolution": ConvolutionBlock,
    "pool": PoolBlock,
    "flatten": FlattenBlock,
}


def new_block(kind: str) -> dict[str, Any]:
    """A block of that kind with every field at its default."""
    block: Spec = _KINDS[kind]()
    return block.model_dump(mode="json")


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


def block_row(network: Document, place: int, block: Document, image_like: bool) -> None:
    """Edit one block in place."""
    path = f"block.{block['uid']}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        settings = st.popover(
            f"{place + 1} {_SHORT[block['kind']]}",
            key=widget_key(f"{path}.settings"),
            help="Settings and order of this block",
            on_change="rerun",
        )
        with settings:
            if settings.open:
                _settings(network, place, block, path)
        _size(block, path)
        st.button(
            "",
            icon=":material/close:",
            key=widget_key(f"{path}.remove"),
            help="Remove this block",
            on_click=once,
            args=(network["blocks"].remove, block),
            type="tertiary",
        )


_SHORT = {"dense": "dense", "convolution": "conv", "pool": "pool", "flatten": "flatten"}


def _size(block: Document, path: str) -> None:
    hidden: dict[str, Any] = {"label_visibility": "collapsed", "width": 92}
    kind: BlockKind = block["kind"]
    match kind:
        case "dense":
            whole(block, "width", "Units", 1, 1024, path, **hidden)
        case "convolution":
            whole(block, "channels", "Channels", 1, 256, path, **hidden)
        case "pool":
            whole(block, "size", "Window", 2, 8, path, **hidden)
        case "flatten":
            pass
        case _:
            assert_never(kind)


def _settings(network: Document, place: int, block: Document, path: str) -> None:
    _order(network["blocks"], place, block, path)
    kind: BlockKind = block["kind"]
    match kind:
        case "dense":
            _learned(network, block, path)
        case "convolution":
            whole(block, "kernel_size", "Kernel size", 1, 15, path)
            whole(block, "stride", "Stride", 1, 8, path)
            choice(block, "padding", "Padding", ["same", "valid"], path)
            _learned(network, block, path)
        case "pool":
            choice(block, "method", "Method", ["max", "average", "global_average"], path)
        case "flatten":
            pass
        case _:
            assert_never(kind)


def _learned(network: Document, block: Document, path: str) -> None:
    inherited_choice(block, "activation", "Activation", list(ACTIVATIONS), path, network)
    before = block["normalization"]
    inherited_choice(block, "normalization", "Normalization", list(NORMALIZATIONS), path, network)
    if block["normalization"] == "group" != before:
        block["groups"] = fitting_groups([normalized_shape(block)])
    inherited_choice(block, "placement", "Normalization stands", ["before", "after"], path, network)
    _dropout(network, block, path)
    _initialization(network, block, path)


def _dropout(network: Document, block: Document, path: str) -> None:
    offered = [0.0, 0.1, 0.2, 0.3, 0.5, 0.8]
    if block["dropout"] is not None:
        offered = sorted({*offered, block["dropout"]})
    inherited_choice(block, "dropout", "Dropout", offered, path, network)


def _initialization(network: Document, block: Document, path: str) -> None:
    own = {"name": (block["initialization"] or {}).get("name")}
    shared = {"name": network["initialization"]["name"]}
    inherited_choice(
        own, "name", "Initial weights", list(INITIALIZERS), f"{path}.initialization", shared
    )
    if own["name"] is None:
        block["initialization"] = None
    elif (block["initialization"] or {}).get("name") != own["name"]:
        block["initialization"] = {"name": own["name"]}


def _order(blocks: list[Document], place: int, block: Document, path: str) -> None:
    with st.container(horizontal=True, gap="small"):
        up = widget_key(f"{path}.up")
        st.button(
            "↑ earlier", key=up, on_click=once, args=(_swap, blocks, place, -1), disabled=not place
        )
        last = place == len(blocks) - 1
        down = widget_key(f"{path}.down")
        st.button("↓ later", key=down, on_click=once, args=(_swap, blocks, place, 1), disabled=last)
        copy = widget_key(f"{path}.copy")
        st.button(
            "copy",
            icon=":material/content_copy:",
            key=copy,
            on_click=once,
            args=(_copy, blocks, place, block),
        )


def _swap(blocks: list[Document], place: int, by: int) -> None:
    if 0 <= place + by < len(blocks):
        blocks[place], blocks[place + by] = blocks[place + by], blocks[place]


def _copy(blocks: list[Document], place: int, block: Document) -> None:
    blocks.insert(place + 1, {**block, "uid": secrets.token_hex(4)})
