"""The frame around every page: navigation, page settings, the engine's warm-up."""

from __future__ import annotations

import gc
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
import torch

from nnviz.runs import engine

ROOT = Path(__file__).resolve().parents[2]
ICON = ROOT / "nnviz" / "ui" / "icon.png"
STYLE = ROOT / "nnviz" / "ui" / "style.css"
SIDEBAR_WIDTH = 350
SECTIONS: dict[str, dict[str, str]] = {
    "": {
        "home": "Home",
        "playground": "Playground",
        "compare": "Compare",
    },
    "Questions": {
        "bias_variance": "Bias and variance",
        "overfitting": "Overfitting",
    },
    "Families": {
        "convolution": "Convolution",
        "sequences": "Sequences",
        "attention": "Attention",
        "layers": "Layers",
    },
    "Labs": {
        "activations": "Activations",
        "normalization": "Normalization",
        "initialization": "Initialization",
        "dropout": "Dropout",
        "losses": "Losses",
        "devices": "Devices",
    },
}
"""Section → page file → title. The file's name is the page's address."""

_PAGE = "nnviz.page"


def open_app() -> None:
    """Page settings, navigation and the chosen page."""
    _start_once()
    st.set_page_config(
        page_title="nnviz",
        page_icon=str(ICON),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )
    st.html(STYLE)
    _navigation().run()


def enter(page: str) -> None:
    """First line of every page."""
    st.session_state[_PAGE] = page


def _navigation() -> Any:
    pages = {
        section: [
            st.Page(ROOT / "pages" / f"{name}.py", title=title, default=name == "home")
            for name, title in files.items()
        ]
        for section, files in SECTIONS.items()
    }
    return st.navigation(pages, position="top")


@cache
def _start_once() -> None:
    """Once a server process: workers, one thread, what is kept for good.

    Whole collections walk over every frame that is kept; the shelf collects once a minute instead.
    """
    engine().warm_up()
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 1000)
