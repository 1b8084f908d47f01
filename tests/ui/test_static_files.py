"""What the browser loads is served from where it is installed, whole, and kept by the browser."""

from __future__ import annotations

import asyncio
import gzip
import re
from typing import Any

import pytest
from starlette.applications import Starlette

from nnviz.ui.static_files import ASSETS, PLOTLY_JS, PREFIX, files, loader, routes


def get(path: str, encoding: str = "gzip") -> tuple[int, dict[bytes, bytes], bytes]:
    """Status, headers and body of what the routes answer."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": f"/{path}", "query_string": b""}
    scope["headers"] = [(b"accept-encoding", encoding.encode())]
    asyncio.run(Starlette(routes=routes())(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(m["body"] for m in sent[1:])


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_plotly_and_every_script_are_served_whole_and_for_good(encoding: str) -> None:
    assert set(files().values()) == {PLOTLY_JS, *ASSETS.iterdir()}
    for name, file in files().items():
        _, headers, body = get(PREFIX + name, encoding)
        packed = headers.get(b"content-encoding") == b"gzip"
        assert packed == (encoding == "gzip")
        assert (gzip.decompress(body) if packed else body) == file.read_bytes()
        assert b"immutable" in headers[b"cache-control"]
        assert headers[b"content-type"].split(b";")[0] in (b"text/javascript", b"text/css")


@pytest.mark.parametrize("name", ["", "other.js", "../frame.py", "../../records.py", "\x00"])
def test_nothing_else_is_served(name: str) -> None:
    assert get(PREFIX + name)[0] == 404


def test_the_inline_loader_is_short_and_names_files_that_are_served() -> None:
    for module in ("charts", "stage", "sweep"):
        script = loader(module)
        assert len(script) < 1000
        named = re.findall(r'base \+ "([^"]+)"', script)
        assert len(named) == 2
        assert set(named) <= set(files())


def test_scripts_import_only_their_neighbours() -> None:
    for script in ASSETS.glob("*.js"):
        for name in re.findall(r'^import .* from "(.+)";', script.read_text(), re.MULTILINE):
            assert (ASSETS / name).is_file(), f"{script.name} imports {name}"
