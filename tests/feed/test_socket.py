"""The feed's socket: who may open it, what it pushes, what it refuses, who rests when it ends."""

from __future__ import annotations

import json
import socket as sockets
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from nnviz.feed import COOKIE, Viewer, feed_route, owner_of, sweep_route, viewers
from nnviz.feed.handshake import GONE, REFUSED
from nnviz.feed.owners import is_from_here
from nnviz.feed.socket import MAX_PAGES
from nnviz.feed.view import Asked
from nnviz.runs import Engine, Shelf
from tests.feed.screen import Screen, plain
from tests.runs.conftest import live_engine, unseen, until

__all__ = ["live_engine"]

MINE = "2|00ff|31ce32cd|1"
OTHERS = "2|0000|31313131|1"

Connect = Callable[..., AbstractContextManager[ClientConnection]]


@pytest.fixture
def shelf(live_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    made = Shelf(live_engine)
    monkeypatch.setattr(sys.modules["nnviz.runs.shelf"], "_shelf", made)
    yield made
    made.close()


@pytest.fixture
def viewer(shelf: Shelf) -> Viewer:
    owner = owner_of({COOKIE: MINE}, "")
    run = shelf.new_run((unseen(n_steps=100_000),), owner)
    return viewers().add(Viewer(run, owner, ("",), Asked(("loss", "accuracy"))))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server with the feeds on a thread of its own."""
    app = Starlette(routes=[feed_route("/feed", ["http://friend"]), sweep_route("/sweep")])
    with sockets.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        until(lambda: server.started)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture
def reach(port: int) -> Connect:
    """Open a socket as a page of this server does, or another."""

    def opened(
        path: str, cookie: str = MINE, origin: str = ""
    ) -> AbstractContextManager[ClientConnection]:
        headers = {"Cookie": f"{COOKIE}={cookie}", "Origin": origin or f"http://127.0.0.1:{port}"}
        return connect(f"ws://127.0.0.1:{port}{path}", additional_headers=headers, proxy=None)

    return opened


@pytest.fixture
def opened(reach: Connect, viewer: Viewer) -> Connect:
    """A page of the viewer that shows these panels."""

    @contextmanager
    def open_page(*panels: str, of: Viewer = viewer) -> Iterator[ClientConnection]:
        with reach(f"/feed/{of.id}") as socket:
            send(socket, do="see", panels=panels or ["loss", "accuracy", "flow"])
            yield socket

    return open_page


def send(socket: ClientConnection, **asked: object) -> None:
    socket.send(json.dumps(asked))


def shown(
    socket: ClientConnection, is_so: Callable[[Screen], object], screen: Screen | None = None
) -> Screen:
    """Take in frames, saying so, until the screen shows it."""
    screen = screen or Screen()
    for _ in range(3000):
        screen.take(bytes(socket.recv(60, decode=False)))
        send(socket, do="got", frame=screen.state["frame"])
        if is_so(screen):
            return screen
    raise AssertionError(screen.state)


def at_step(step: int) -> Callable[[Screen], bool]:
    return lambda screen: screen.facts.get("step") == step and screen.state["status"] != "running"


@pytest.mark.parametrize(
    ("origin", "host", "is_so"),
    [
        ("http://lab.example", "lab.example", True),
        ("http://lab.example:8501", "lab.example:8501", True),
        ("https://lab.example", "lab.example:443", True),
        ("HTTPS://Lab.Example", "lab.example", True),
        ("https://friend", "lab.example", True),
        ("http://evil.example", "lab.example", False),
        ("http://lab.example.evil", "lab.example", False),
        ("http://lab.example:99", "lab.example", False),
        ("http://lab.example", "lab.example:8501", False),
        ("null", "lab.example", False),
        ("null", "", False),
        ("", "", False),
        ("file://", "", False),
        ("http://", "", False),
        ("javascript://lab.example", "lab.example", False),
    ],
)
def test_only_pages_of_this_server_and_of_friends_are_let_in(
    origin: str, host: str, is_so: bool
) -> None:
    assert is_from_here({"origin": origin, "host": host}, frozenset(["https://friend"])) is is_so


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://127.0.0.1"])
def test_a_foreign_origin_is_refused_before_anything_is_said(
    reach: Connect, viewer: Viewer, origin: str
) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        reach(f"/feed/{viewer.id}", origin=origin)


def test_browsers_without_a_cookie_are_told_apart_by_their_address() -> None:
    here, there = owner_of({}, "127.0.0.1"), owner_of({}, "192.0.2.7")
    assert here == owner_of({}, None) == owner_of({COOKIE: "no cookie"}, "") == owner_of({}, "::1")
    assert len({here, there, owner_of({COOKIE: MINE}, "192.0.2.7")}) == 3
    masked_anew = "2|1234|23052006|2"
    assert owner_of({COOKIE: MINE}, "") == owner_of({COOKIE: masked_anew}, "") != here


def closed_with(
    opening: AbstractContextManager[ClientConnection], message: str | bytes | None = None
) -> int:
    with opening as socket:
        if message is not None:
            socket.send(message)
        with pytest.raises(ConnectionClosed):
            list(iter(socket.recv, None))
        return socket.close_code or 0


def test_another_browser_and_an_unknown_viewer_are_told_apart(
    reach: Connect, viewer: Viewer
) -> None:
    assert closed_with(reach("/feed/nobody")) == GONE
    assert closed_with(reach(f"/feed/{viewer.id}", cookie=OTHERS)) == REFUSED
    assert closed_with(reach(f"/feed/{viewer.id}", cookie="no cookie of ours")) == REFUSED


def test_a_friends_page_is_let_in(reach: Connect, viewer: Viewer) -> None:
    with reach(f"/feed/{viewer.id}", origin="http://friend") as socket:
        shown(socket, at_step(0))


def test_a_button_shows_its_effect_and_the_screen_ends_at_the_last_step(opened: Connect) -> None:
    with opened() as socket:
        screen = shown(socket, at_step(0))
        send(socket, do="step")
        shown(socket, at_step(1), screen)
        send(socket, do="epoch")
        shown(socket, at_step(3), screen)
        assert screen.steps[-1] == 3
        assert dict(screen.facts["metrics"])["Step"] == "3"


def test_it_pushes_while_the_run_goes_and_rests_when_it_rests(opened: Connect) -> None:
    with opened() as socket:
        screen = shown(socket, at_step(0))
        send(socket, do="train")
        shown(socket, lambda screen: screen.facts.get("step", 0) > 50, screen)
        send(socket, do="pause")
        shown(socket, lambda screen: screen.state["status"] == "paused", screen)
        assert screen.facts["step"] == screen.state["until"] == screen.steps[-1]


def test_a_slow_browser_gets_the_newest_only(opened: Connect, viewer: Viewer) -> None:
    with opened() as socket:
        screen = shown(socket, at_step(0))
        viewer.run.train()
        screen.take(bytes(socket.recv(60, decode=False)))
        before = screen.facts["step"]
        until(lambda: viewer.run.current_step > before + 500)
        viewer.run.pause()
        last = viewer.run.current_step
        send(socket, do="got", frame=screen.state["frame"])
        screen.take(bytes(socket.recv(60, decode=False)))
        assert screen.facts["step"] == last


def test_a_socket_that_comes_back_catches_up_and_no_point_is_lost(
    opened: Connect, viewer: Viewer, shelf: Shelf
) -> None:
    with opened() as socket:
        send(socket, do="step")
        shown(socket, at_step(1))
    until(lambda: not viewer.run.is_watched)
    shelf.touch(viewer.run.id)  # as another page does
    for _ in range(5):
        viewer.run.step()
        until(lambda: viewer.run.status != "running")
    with opened() as socket:
        screen = shown(socket, at_step(viewer.run.current_step))
    assert screen.steps == list(viewer.run.history.steps)
    losses = next(t for t in screen.panels["loss"]["traces"] if t["name"] == "test")
    assert plain(losses["x"]) == screen.steps


def test_a_run_rests_when_its_last_reader_has_left_and_goes_on_when_one_is_back(
    opened: Connect, viewer: Viewer
) -> None:
    with opened() as first:
        with opened() as second:
            send(second, do="train")
            shown(second, lambda screen: screen.facts.get("step", 0) > 0)
        before = viewer.run.current_step
        until(lambda: viewer.run.current_step > before)
        assert first
    until(lambda: not viewer.run.is_watched)
    before = viewer.run.current_step
    time.sleep(0.3)
    assert viewer.run.current_step == before
    with opened() as socket:
        shown(socket, lambda screen: screen.facts.get("step", 0) > before)


@pytest.mark.parametrize(
    "text",
    ["", "train", '{"do": "eval"}', '{"do": "step", "n": 3}', '{"do": "see"}', "x" * 9999],
)
def test_a_hostile_message_ends_its_own_socket_only(
    opened: Connect, viewer: Viewer, text: str
) -> None:
    with opened() as good:
        assert closed_with(opened(), text) == 1008
        send(good, do="step")
        shown(good, at_step(1))


def test_more_pages_than_a_reader_has_are_put_off(
    opened: Connect, reach: Connect, viewer: Viewer
) -> None:
    with ExitStack() as pages:
        for _ in range(MAX_PAGES):
            shown(pages.enter_context(opened()), at_step(0))
        assert closed_with(reach(f"/feed/{viewer.id}")) == 1013


@pytest.mark.parametrize(
    "asked",
    [{"do": "got", "frame": 1}, {"do": "point", "step": 0}, {"do": "see", "panels": ["loss"]}],
)
def test_a_flood_ends_its_own_socket(
    opened: Connect, viewer: Viewer, asked: dict[str, object]
) -> None:
    with opened() as flood, suppress(ConnectionClosed):
        for _ in range(2000):
            flood.send(json.dumps(asked))
    assert flood.close_code == 1008
    until(lambda: not viewer.run.is_watched)
    with opened() as socket:
        shown(socket, at_step(0))


def test_bytes_are_no_commands(opened: Connect) -> None:
    assert closed_with(opened(), b'{"do": "step"}') == 1008


def test_two_pages_of_one_run_look_at_steps_of_their_own(viewer: Viewer, opened: Connect) -> None:
    other = viewers().add(Viewer(viewer.run, viewer.owner, ("",), Asked(("loss",))))
    with opened() as one, opened(of=other) as two:
        send(one, do="epoch")
        here, there = shown(one, at_step(3)), shown(two, at_step(3))
        send(two, do="point", step=1)
        shown(two, at_step(1), there)
        send(one, do="step")
        shown(one, at_step(4), here)
        shown(two, lambda screen: screen.state["until"] == 4, there)
        assert there.facts["step"] == 1


def test_what_the_page_asks_for_later_is_pushed(opened: Connect, viewer: Viewer) -> None:
    with opened() as socket:
        screen = shown(socket, at_step(0))
        viewer.show(Asked(("flow",)), ("",))
        shown(socket, lambda screen: list(screen.panels) == ["flow"], screen)


def losses_end(screen: Screen) -> int:
    return int(next(t for t in screen.panels["loss"]["traces"] if t["name"] == "test")["x"][-1])


def test_panels_out_of_sight_are_named_and_not_sent(opened: Connect) -> None:
    with opened("accuracy", "no such panel") as socket:
        screen = shown(socket, at_step(0))
        send(socket, do="step")
        shown(socket, at_step(1), screen)
        assert [head["id"] for head in screen.heads] == ["loss", "accuracy"]
        assert list(screen.panels) == ["accuracy"]


def test_a_panel_scrolled_into_sight_shows_the_announced_step(opened: Connect) -> None:
    with opened("loss") as socket:
        screen = shown(socket, at_step(0))
        send(socket, do="see", panels=["accuracy"])
        send(socket, do="epoch")
        shown(socket, at_step(3), screen)
        assert (screen.facts["step"], losses_end(screen)) == (3, 0)
        send(socket, do="see", panels=["accuracy", "loss"])
        shown(socket, lambda screen: "loss" in screen.sent, screen)
        assert (screen.facts["step"], losses_end(screen), screen.sent) == (3, 3, ["loss"])


def test_two_pages_of_one_viewer_see_panels_of_their_own(opened: Connect) -> None:
    with opened("loss") as one, opened("accuracy") as two:
        here, there = shown(one, at_step(0)), shown(two, at_step(0))
        send(one, do="step")
        shown(one, at_step(1), here)
        shown(two, at_step(1), there)
        assert (list(here.panels), list(there.panels)) == (["loss"], ["accuracy"])
        send(two, do="see", panels=[])
        send(one, do="step")
        shown(two, at_step(2), there)
        shown(one, at_step(2), here)
        assert (here.sent, there.sent) == (["loss"], [])


def test_a_page_that_never_tells_gets_numbers_and_no_panels(reach: Connect, viewer: Viewer) -> None:
    with reach(f"/feed/{viewer.id}") as socket:
        assert shown(socket, at_step(0)).panels == {}


def _double(number: int) -> int:
    return 2 * number


def test_a_sweep_tells_how_far_it_is_until_it_is_over(reach: Connect, shelf: Shelf) -> None:
    calls = [(_double, (number,)) for number in range(5)]
    sweep = shelf.new_sweep(calls, owner_of({COOKIE: MINE}, ""))
    with reach(f"/sweep/{sweep.id}") as socket:
        told = [json.loads(message) for message in socket]
    assert (told[-1]["n_done"], told[-1]["is_live"], told[-1]["fraction"]) == (5, False, 1.0)


def test_another_readers_sweep_is_refused(reach: Connect, shelf: Shelf) -> None:
    sweep = shelf.new_sweep([(_double, (1,))], "another")
    assert closed_with(reach(f"/sweep/{sweep.id}")) == REFUSED
    assert closed_with(reach("/sweep/none")) == GONE


def test_a_sweep_that_was_joined_tells_this_reader_too(reach: Connect, shelf: Shelf) -> None:
    sweep = shelf.new_sweep([(_double, (number,)) for number in range(3)], "another")
    sweep.join(owner_of({COOKIE: MINE}, ""))
    with reach(f"/sweep/{sweep.id}") as socket:
        assert json.loads(list(socket)[-1])["n_done"] == 3
