"""The route of questions: a page posts one about its run, a worker answers it.

An answer is one message of `wire.py`. What can't be answered is told in words: 409 with
`{"refused": …}`. A page asks one question at a time; the next waits in the page, not here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nnviz.base import readable_errors
from nnviz.feed.answer import Answer
from nnviz.feed.inside import Inside
from nnviz.feed.owners import is_from_here, owner_of
from nnviz.feed.question import Question
from nnviz.feed.unit import Unit
from nnviz.feed.viewer import Viewer, viewers
from nnviz.feed.wire import encode, pack
from nnviz.runs.inquiry import inquire

MAX_BODY = 65_536
LIMIT_SECONDS = 30.0

_QUESTION: TypeAdapter[Inside | Answer | Unit] = TypeAdapter(
    Annotated[Inside | Answer | Unit, Field(discriminator="ask")]
)
_asking: set[str] = set()
"""Viewers whose question is being answered; touched on the server's loop alone."""


def ask_route(path: str, origins: Collection[str] = ()) -> Route:
    """Questions below `path`; pages of these origins may ask beside the server's own."""
    return Route(f"{path}/{{viewer}}", partial(_answer, frozenset(origins)), methods=["POST"])


async def _answer(origins: frozenset[str], request: Request) -> Response:
    viewer = viewers().get(request.path_params["viewer"])
    address = request.client.host if request.client else ""
    if not is_from_here(request.headers, origins):
        return _refused(403, "another page asks")
    if viewer is None or viewer.owner != owner_of(request.cookies, address):
        return _refused(404, "there is no such run of this browser")
    try:
        question = _QUESTION.validate_json(await _body(request))
    except ClientDisconnect:
        return _refused(400, "the question was cut short")
    except ValidationError as error:
        return _refused(422, " ".join(readable_errors(error)))
    if viewer.id in _asking:
        return _refused(429, "one question at a time")
    if question.lane >= len(viewer.run.lanes):
        return _refused(422, "there is no such lane")
    _asking.add(viewer.id)
    try:
        return await _found(viewer, question)
    finally:
        _asking.discard(viewer.id)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return b""
    return body


async def _found(viewer: Viewer, question: Question) -> Response:
    loop = asyncio.get_running_loop()
    coming: asyncio.Future[Any] = loop.create_future()

    def deliver(outcome: Any) -> None:
        with suppress(RuntimeError):  # the server ends
            loop.call_soon_threadsafe(_settle, coming, outcome)

    run = viewer.run
    job = run.engine.submit(
        inquire, run.way_to(question.lane, question.step), *question.inquiry,
        on_done=deliver, owner=viewer.id, priority="now", limit_seconds=LIMIT_SECONDS,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            outcome = await coming
    except TimeoutError:
        job.cancel()
        return _refused(409, "no worker has answered in time")
    if isinstance(outcome, BaseException):
        return _refused(409, str(outcome))
    packed = await loop.run_in_executor(None, lambda: pack(encode(question.told(outcome))))
    return Response(packed, media_type="application/octet-stream")


def _settle(coming: asyncio.Future[Any], outcome: Any) -> None:
    if not coming.done():
        coming.set_result(outcome)


def _refused(status: int, text: str) -> JSONResponse:
    return JSONResponse({"refused": text}, status)
