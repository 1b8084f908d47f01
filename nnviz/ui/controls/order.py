"""Where blocks stand: a new one at its place, moved by hand, copied."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nnviz.blocks import BLOCKS
from nnviz.blocks.kind import Block
from nnviz.blocks.residual import MAX_INSIDE
from nnviz.blocks.sample import Sample
from nnviz.spec.network import MAX_BLOCKS
from nnviz.ui.document import Document, widget_key, with_uids


def offered_kinds(arrives: Sample) -> list[str]:
    """The kinds of block that make sense for such data."""
    n_axes = len(arrives.shape)
    fitting = {
        "anything": True,
        "positions": n_axes > 1,
        "sequence": n_axes == 2,
        "tokens": arrives.vocabulary > 0,
    }
    return [name for name, kind in BLOCKS.items() if fitting[kind.needs]]


def place_of_new(blocks: Sequence[Document], name: str) -> int:
    """Where a block of that kind makes sense.

    Tokens are embedded first; what needs positions stands before the first block that takes them
    away; all else at the end.
    """
    if BLOCKS[name].needs == "tokens":
        return 0
    if BLOCKS[name].needs == "anything":
        return len(blocks)
    rows = (place for place, block in enumerate(blocks) if not _of(block).keeps_positions)
    return next(rows, len(blocks))


def _of(block: Document) -> Block:
    return BLOCKS[block["kind"]].model_construct(**block)


def add_button(blocks: list[Document], arrives: Sample, path: str, inside: bool = False) -> None:
    """A choice of the kinds that fit the data; its help says where the block will stand."""
    names = [name for name in offered_kinds(arrives) if not (inside and name == "residual")]
    full = len(blocks) >= (MAX_INSIDE if inside else MAX_BLOCKS)
    with st.container(horizontal=True, gap="xsmall"):
        for name in names:
            place = place_of_new(blocks, name)
            st.button(
                name,
                icon=":material/add:",
                key=widget_key(f"{path}.{name}"),
                on_click=_add,
                args=(blocks, name),
                disabled=full,
                help="No more blocks fit." if full else _where(blocks, name, place),
            )


def _where(blocks: list[Document], name: str, place: int) -> str:
    if place == len(blocks):
        return f"Add a {name} block at the end, as number {place + 1}."
    return f"Add a {name} block as number {place + 1}, before {blocks[place]['kind']}."


def _add(blocks: list[Document], name: str) -> None:
    place = place_of_new(blocks, name)
    same = [block for block in blocks if block["kind"] == name]
    new = same[-1] if same else BLOCKS[name]().model_dump(mode="json")
    if name == "residual" and not same and place:
        new = {**new, "blocks": [blocks[place - 1]]}
    blocks.insert(place, with_uids(new))


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
    blocks.insert(place + 1, with_uids(block))
