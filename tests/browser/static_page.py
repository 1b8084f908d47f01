"""A page of our scripts and plotly.js alone, without Streamlit, for tests of single modules."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import plotly
from playwright.sync_api import Browser, Page

from nnviz.figures.theme import TOKENS

from .conftest import LoggedErrors

ASSETS = Path(__file__).parents[2] / "nnviz" / "ui" / "assets"
PLOTLY_JS = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
HTML = """<!doctype html><meta charset="utf-8"><title>test</title>
<link rel="icon" href="data:,"><style>body { margin: 20px; }</style>
<script src="plotly.js"></script><div id="host" style="position: relative"></div>"""
REVIVE = """
globalThis.revive = (value) => {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== "object") return value;
  if (value.$array) {
    const Kinds = { f: Float32Array, i: Int32Array, int8: Int8Array, uint8: Uint8Array };
    const Kind = Kinds[value.$array] ?? Kinds[value.$array[0]];
    return Kind.from(value.values, (number) => number ?? NaN);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item)]));
};
"""


class _Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        name = path.split("?")[0].lstrip("/")
        return str(PLOTLY_JS if name == "plotly.js" else ASSETS / name)

    def do_GET(self) -> None:
        if self.path == "/":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(HTML.encode())
        else:
            super().do_GET()

    def log_message(self, *words: Any) -> None:
        """Keep the tests' output quiet."""


@contextmanager
def static_server() -> Iterator[str]:
    """Serve the page, `/plotly.js` and the modules; gives the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(ASSETS))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def colors(dark: bool = False) -> dict[str, str]:
    """Token → colour of one theme."""
    return {name: pair[dark] for name, pair in TOKENS.items()}


def wired(value: Any) -> Any:
    """JSON that `revive` turns into what the wire gives: typed arrays, rows of typed arrays."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "fiub":
            return value.tolist()
        if value.ndim > 1:
            return [wired(row) for row in value]
        kind = value.dtype.name if value.dtype.itemsize == 1 else value.dtype.kind
        finite = value if kind != "f" else np.where(np.isfinite(value), value, np.nan)
        return {"$array": kind, "values": json.loads(_json(finite.tolist()))}
    if isinstance(value, dict):
        return {key: wired(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [wired(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _json(values: list[Any]) -> str:
    return json.dumps(values).replace("NaN", "null")


@contextmanager
def static_page(browser: Browser) -> Iterator[Page]:
    """One open page with `revive` at hand; it must end without an error."""
    with static_server() as url:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        errors = LoggedErrors(page)
        page.goto(url)
        page.evaluate(REVIVE)
        yield page
        page.close()
        assert list(errors) == []
