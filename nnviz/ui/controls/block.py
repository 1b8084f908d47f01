"""One block of the network as one row: its kind, its size, its own settings, its removal."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nnviz.blocks import BLOCKS
from nnviz.blocks.learned import LearnedBlock
from nnviz.blocks.sample import Sample
from nnviz.catalog.normalizations import fitting_groups
from nnviz.spec.fields import described
from nnviz.ui.controls.fields import inherited, setting, switch, whole
from nnviz.ui.controls.order import add_button, copy_button, order_buttons
from nnviz.ui.document import Document, widget_key

MIN_SPACE = 3
"""Positions that a convolution is taken to leave: enough for a group of one channel."""


def learned_blocks(blocks: list[Document]) -> list[Document]:
    """The blocks with a normalization and an activation, those inside residual ones too."""
    found = []
    for block in blocks:
        found += learned_blocks(block.get("blocks", []))
        if issubclass(BLOCKS[block["kind"]], LearnedBlock):
            found.append(block)
    return found


def normalized_shape(block: Document) -> tuple[int, ...]:
    """What a normalization sees of one sample: units, or channels over positions of its own."""
    kind = BLOCKS[block["kind"]]
    if not issubclass(kind, LearnedBlock) or kind.sized_by is None:
        raise ValueError(f"a block of kind {block['kind']} has no normalization")
    size = int(block[kind.sized_by])
    return (size,) if kind.needs == "anything" else (size, MIN_SPACE)


def block_row(
    network: Document, blocks: list[Document], place: int, arrives: Sample, number: str = ""
) -> None:
    """Edit one block in place, and below it the blocks that it holds."""
    block = blocks[place]
    number, path = f"{number}{place + 1}", f"block.{block['uid']}"
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
        settings = st.popover(
            f"{number} {BLOCKS[block['kind']].brief}",
            key=widget_key(f"{path}.settings"),
            help="Settings of this block, and a copy of it",
            on_change="rerun",
        )
        with settings:
            if settings.open:
                _settings(network, block, path)
                if "blocks" in block:
                    add_button(block["blocks"], arrives, f"{path}.add", inside=True)
                copy_button(blocks, place, block, path)
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
    for inner in range(len(block.get("blocks", []))):
        block_row(network, block["blocks"], inner, arrives, f"{number}.")


def _size(block: Document, path: str) -> None:
    kind = BLOCKS[block["kind"]]
    if kind.sized_by is not None:
        told = described(kind, kind.sized_by)
        whole(
            block, kind.sized_by, told.label, int(told.low), int(told.high), path,
            label_visibility="collapsed", width=62, help=None,
        )  # fmt: skip


def _settings(network: Document, block: Document, path: str) -> None:
    """The kind's own settings, then what it takes from the network where it is left out."""
    kind = BLOCKS[block["kind"]]
    shared = {*LearnedBlock.model_fields, "kind", "blocks", kind.sized_by}
    for name, field in kind.model_fields.items():
        if name in shared:
            continue
        if field.annotation is bool:
            switch(block, kind, name, path)
        else:
            setting(block, kind, name, path)
    if issubclass(kind, LearnedBlock):
        _learned(network, block, path)


def _learned(network: Document, block: Document, path: str) -> None:
    inherited(block, "activation", path, network)
    before = block["normalization"]
    inherited(block, "normalization", path, network)
    if block["normalization"] == "group" != before:
        block["groups"] = fitting_groups([normalized_shape(block)])
    inherited(block, "placement", path, network)
    offered: set[Any] = {0.0, 0.1, 0.2, 0.3, 0.5, 0.8, block["dropout"]} - {None}
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
