"""A route over files as they are installed; each address changes with its content."""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


def file_route(path: str, files: Mapping[str, Path]) -> Route:
    """These files below `path`, by name, compressed for those who take it."""

    async def answer(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in files:
            return Response(status_code=404)
        kind, _ = mimetypes.guess_type(name)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(files[name].read_bytes(), headers=HEADERS, media_type=kind)
        headers = HEADERS | {"Content-Encoding": "gzip"}
        return Response(_compressed(files[name]), headers=headers, media_type=kind)

    return Route(f"{path}{{name:path}}", answer)


@cache
def _compressed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes())
