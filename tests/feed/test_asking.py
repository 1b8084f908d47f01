"""The route of questions: who may ask, what is refused before anything is computed, what comes."""

from __future__ import annotations

import json
import socket as sockets
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection

import pytest
import uvicorn
from starlette.applications import Starlette

from nnviz.feed import COOKIE, Viewer, ask_route
from nnviz.feed.asking import MAX_BODY, _asking
from tests.feed.test_socket import MINE, OTHERS, live_engine, shelf, viewer
from tests.runs.conftest import until

__all__ = ["live_engine", "shelf", "viewer"]

Ask = Callable[..., tuple[int, bytes]]
INSIDE = {"ask": "inside", "step": 0}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server of nothing but questions, on a thread of its own."""
    app = Starlette(routes=[ask_route("/ask")])
    with sockets.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        until(lambda: server.started)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture
def ask(port: int, viewer: Viewer) -> Ask:
    """Post to this viewer's address, as its page does unless told otherwise."""

    def posted(
        question: object, *, of: str = viewer.id, cookie: str = MINE, origin: str = ""
    ) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        body = question if isinstance(question, bytes) else json.dumps(question).encode()
        headers = {
            "Cookie": f"{COOKIE}={cookie}",
            "Origin": origin or f"http://127.0.0.1:{port}",
        }
        connection.request("POST", f"/ask/{of}", body, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    return posted


def test_a_question_of_the_reader_s_own_page_is_answered(ask: Ask) -> None:
    status, body = ask(INSIDE)
    assert status == 200
    assert len(body) > 100


def test_pages_of_other_servers_may_not_ask(ask: Ask) -> None:
    assert ask(INSIDE, origin="http://elsewhere.example")[0] == 403


def test_another_reader_may_not_ask_and_learns_nothing(ask: Ask) -> None:
    assert ask(INSIDE, cookie=OTHERS) == ask(INSIDE, of="unknown")
    assert ask(INSIDE, cookie=OTHERS)[0] == 404


@pytest.mark.parametrize(
    "question",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"ask": "inside", "step": 0, "more": "' + b"x" * MAX_BODY + b'"}',
        {"ask": "import"},
        {"ask": "inside"},
        {"ask": "inside", "step": -1},
        {"ask": "inside", "step": 1e400},
        {"ask": "inside", "step": 0, "lane": 4},
        {"ask": "inside", "step": 0, "lane": 1},
        {"ask": "inside", "step": 0, "secret": 1},
    ],
    ids=str,
)
def test_what_is_no_question_is_refused_in_words(ask: Ask, question: object) -> None:
    status, body = ask(question)
    assert status == 422
    assert json.loads(body)["refused"]


def test_one_question_at_a_time(ask: Ask, viewer: Viewer) -> None:
    _asking.add(viewer.id)
    try:
        assert ask(INSIDE)[0] == 429
    finally:
        _asking.discard(viewer.id)
    assert ask(INSIDE)[0] == 200
    assert viewer.id not in _asking


def test_a_step_that_was_not_passed_is_answered_where_the_run_stands(ask: Ask) -> None:
    assert ask({**INSIDE, "step": 10**9})[0] == 200
