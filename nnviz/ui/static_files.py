"""What is served beside Streamlit's pages: the feed, our scripts and plotly.js as installed.

Streamlit resends a component's inline script with each message, so that the inline script is a
short loader. Each address changes with its content: the browser asks for it once and keeps it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import plotly
import streamlit as st

from nnviz.feed import BaseRoute, ask_route, feed_route, file_route, sweep_route

ASSETS = Path(__file__).parent / "assets"
PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_NAME = f"plotly-{plotly.__version__}.min.js"
PREFIX, FEED, SWEEP, ASK = "nnviz/", "feed", "sweep", "ask"

LOADER = """\
const page = document.querySelector('script[type="module"][src*="/static/js/"]');
const base = (page ? page.src.split("/static/js/")[0] : "") + "/PREFIX";
let module;
export default async (component) => {
  try {
    module ??= import(base + "FOLDER/MODULE.js");
    return (await module).default(component, base + "PLOTLY", base);
  } catch (error) {
    module = undefined;
    component.parentElement.textContent =
      "This part of the page could not be loaded from the server. Reload the page.";
    console.error(error);
  }
};
"""


@cache
def asset_folder() -> str:
    """Name of the folder of our scripts, which changes with their content."""
    digest = hashlib.sha256()
    for file in sorted(ASSETS.iterdir()):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return f"scripts-{digest.hexdigest()[:12]}"


def loader(module: str) -> str:
    """Inline script that imports `assets/<module>.js` and hands the component over to it."""
    names = {"PREFIX": PREFIX, "FOLDER": asset_folder(), "MODULE": module, "PLOTLY": PLOTLY_NAME}
    script = LOADER
    for placeholder, name in names.items():
        script = script.replace(placeholder, name)
    return script


def routes() -> list[BaseRoute]:
    """What `st.App` serves beside its pages, below the server's base path."""
    base = st.get_option("server.baseUrlPath").strip("/")
    path = f"{base and '/' + base}/{PREFIX}"
    origins = st.get_option("server.corsAllowedOrigins")
    sockets = [feed_route(path + FEED, origins), sweep_route(path + SWEEP, origins)]
    return [*sockets, ask_route(path + ASK, origins), file_route(path, files())]


@cache
def files() -> Mapping[str, Path]:
    """Every file that is served, by its address below the prefix."""
    ours = {f"{asset_folder()}/{file.name}": file for file in ASSETS.iterdir()}
    return {PLOTLY_NAME: PLOTLY_JS, **ours}
