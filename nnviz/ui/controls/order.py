"""Where blocks stand: a new one at its place, moved by hand, copied."""

from __future__ import annotations

import secrets

import streamlit as st

from nnviz.spec.network import BLOCKS, MAX_BLOCKS
from nnviz.ui.document import Document, widget_key

_NEEDS_SPACE = ("convolution", "pool")


def place_of_new(blocks: list[Document], kind: str) -> int:
    """Where a block of that kind makes sense.

    What needs an image stands before the first block that takes it away; all else at the end.
    """
    if kind not in _NEEDS_SPACE:
        return len(blocks)
    rows = (place for place, block in enumerate(blocks) if block["kind"] not in _NEEDS_SPACE)
    return next(rows, len(blocks))


def add_buttons(network: Document, image_like: bool) -> None:
    """One button a kind of block that fits the data; its help says where the block will stand."""
    blocks = network["blocks"]
    full = len(blocks) >= MAX_BLOCKS
    with st.container(horizontal=True, gap="xsmall"):
        for kind in BLOCKS if image_like else ["dense"]:
            place = place_of_new(blocks, kind)
            st.button(
                kind,
                icon=":material/add:",
                key=widget_key(f"network.add.{kind}"),
                on_click=_add,
                args=(blocks, kind),
                disabled=full,
                help=f"At most {MAX_BLOCKS} blocks." if full else _where(blocks, kind, place),
            )


def _where(blocks: list[Document], kind: str, place: int) -> str:
    if place == len(blocks):
        return f"Add a {kind} block at the end, as number {place + 1}."
    return f"Add a {kind} block as number {place + 1}, before {blocks[place]['kind']}."


def _add(blocks: list[Document], kind: str) -> None:
    same = [block for block in blocks if block["kind"] == kind]
    new = same[-1] if same else BLOCKS[kind]().model_dump(mode="json")
    blocks.insert(place_of_new(blocks, kind), {**new, "uid": secrets.token_hex(4)})


def order_buttons(blocks: list[Document], place: int, path: str) -> None:
    """One place up, one place down; an order that can't be is told like every other mistake."""
    ends = {"up": (-1, place == 0), "down": (1, place == len(blocks) - 1)}
    for name, (by, is_end) in ends.items():
        st.button(
            "",
            icon=f":material/keyboard_arrow_{name}:",
            key=widget_key(f"{path}.{name}"),
            on_click=_swap,
            args=(blocks, place, by),
            disabled=is_end,
            help=f"Move this block {name}",
            type="tertiary",
            width="content",
        )


def copy_button(blocks: list[Document], place: int, block: Document, path: str) -> None:
    """The same block once more behind it."""
    st.button(
        "Copy block",
        icon=":material/content_copy:",
        key=widget_key(f"{path}.copy"),
        on_click=_copy,
        args=(blocks, place, block),
        disabled=len(blocks) >= MAX_BLOCKS,
    )


def _swap(blocks: list[Document], place: int, by: int) -> None:
    if 0 <= place + by < len(blocks):
        blocks[place], blocks[place + by] = blocks[place + by], blocks[place]


def _copy(blocks: list[Document], place: int, block: Document) -> None:
    blocks.insert(place + 1, {**block, "uid": secrets.token_hex(4)})
