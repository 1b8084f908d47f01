"""This reader's run: found again after a refresh, and changed with the settings."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import blake2b
from textwrap import shorten

import streamlit as st

from nnviz.presets import PRESETS
from nnviz.runs import NoPlaceError, Run, shelf
from nnviz.spec import ExperimentSpec, SpecError
from nnviz.training import resolve_device
from nnviz.ui.address import show_address
from nnviz.ui.document import checked_spec, document, open_spec, widget_key
from nnviz.ui.looking import point, pointed
from nnviz.ui.notices import refused, told_if_run_is_gone
from nnviz.ui.ways import lay_under

SCRUBBER = "playground.scrubber"
_OWNER = "nnviz.owner"
_OPENED = "nnviz.opened"
_NEWS = "nnviz.news"
_RUN, _SEEN = "nnviz.run", "nnviz.seen"
_COOKIE = "_streamlit_xsrf"
_PROCESS_SECRET = secrets.token_bytes(16)


def owner() -> str:
    """Who may steer a run: this browser; without a cookie, all browsers of one address."""
    token = _browser_token(st.context.cookies.get(_COOKIE) or "")
    if token is None and st.context.headers:
        token = _PROCESS_SECRET + address().encode()
    if token is not None:
        return blake2b(token, digest_size=16).hexdigest()
    found: str = st.session_state.setdefault(_OWNER, secrets.token_urlsafe(16))
    return found


def address() -> str:
    """The reader's network address; "" for this machine."""
    return st.context.ip_address or ""


def watch(run: Run) -> None:
    """This page shows the run; when its tab is closed, the run gives way to newcomers."""
    shelf().touch(run.id)
    _watched().add(run.id)


def _leave(watched: set[str]) -> None:
    for run_id in watched:
        shelf().leave(run_id)


@st.cache_resource(scope="session", on_release=_leave, show_spinner=False)
def _watched() -> set[str]:
    return set()


def _browser_token(cookie: str) -> bytes | None:
    """The secret in the server's own XSRF cookie, which is masked anew in every answer.

    Its form is `2|mask|masked|timestamp`, both in hexadecimal, the mask repeated.
    """
    try:
        _, mask, masked, _ = cookie.split("|")
        key, secret = bytes.fromhex(mask), bytes.fromhex(masked)
        return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(secret)) or None
    except (ValueError, ZeroDivisionError):
        return None


def open_from_address() -> None:
    """Once a session: edit what the address names, the run of this browser or shared settings."""
    if _OPENED in st.session_state:
        return
    st.session_state[_OPENED] = True
    run = addressed_run()
    if run is not None:
        open_spec(run.lanes[0])
    elif code := st.query_params.get("code"):
        try:
            open_spec(ExperimentSpec.from_code(code))
            told_if_run_is_gone()
        except SpecError as error:
            refused(f"The settings in the address can't be used: {error}")


def follow_run() -> None:
    """Edit what the run is now, if something else moved it: Undo, or another window."""
    run = shelf().run(st.session_state.get(_RUN, ""))
    if run is None or st.session_state.get(_SEEN) == (run.path, run.lanes):
        return
    spec = run.lanes[0]
    origin = next((name for name, preset in PRESETS.items() if preset.spec == spec), None)
    open_spec(spec, origin)
    st.session_state["playground.preset"] = origin
    st.session_state[_SEEN] = run.path, run.lanes


def current_run() -> tuple[Run, list[str]]:
    """The run of the document's settings, and what is wrong with them (then nothing changed)."""
    spec, mistakes = checked_spec()
    run = shelf().run(st.session_state.get(_RUN, "")) or addressed_run()
    if run is None:
        run = new_run((spec,))
    elif (before := run.lanes[0]) != spec and not mistakes:
        words = changed(run, (spec,), SCRUBBER, "it")
        st.session_state[_NEWS] = words + _absent_device(before, spec)
    watch(run)
    st.session_state[_RUN] = run.id
    st.session_state[_SEEN] = run.path, run.lanes
    show_address("playground", code=run.lanes[0].to_code(), run=run.id)
    return run, mistakes


def news() -> str | None:
    """What the last change of settings did to the run, once."""
    found: str | None = st.session_state.pop(_NEWS, None)
    return found


def new_seed() -> None:
    """Another training seed: other initial weights, another order of the batches."""
    seed = secrets.randbelow(2**31)
    document()["training"]["seed"] = seed
    st.session_state[widget_key("training.seed")] = seed


def addressed_run(of_lanes: bool = False) -> Run | None:
    """The run that the address names, if it is this reader's; one `of_lanes` or a single one."""
    run_id = st.query_params.get("run")
    run = shelf().run(run_id) if run_id else None
    if run is None or run.owner != owner() or (len(run.lanes) > 1) != of_lanes:
        return None
    return run


def new_run(lanes: Sequence[ExperimentSpec]) -> Run:
    """A run of this reader at step 0; where there is no room the page says so and ends."""
    try:
        return shelf().new_run(lanes, owner(), address())
    except NoPlaceError as error:
        st.error(str(error))
        st.stop()


def changed(run: Run, lanes: Sequence[ExperimentSpec], key: str, it: str) -> str:
    """Go on with other settings from what the scrubber `key` shows, and say so."""
    left, position = run.path, pointed(run, key)
    path = run.change(lanes, position)
    point(run, key, None)
    if run.path is left:
        return f"{path.told}."
    told = shorten(path.told, 160, placeholder=" and more")
    back = "Undo brings back how it was." if left.step else ""
    if path.is_fork:
        lay_under(run, key, left)
        return f"{told}; {it} goes on from step {path.step:,}. {back}"
    return f"{told}; {it} starts at step 0. {back}"


def _absent_device(before: ExperimentSpec, after: ExperimentSpec) -> str:
    """A sentence where a device was just asked for that is not there."""
    asked = after.training.device
    _, sentence = resolve_device(asked)
    return f" {sentence}" if sentence and asked != before.training.device else ""
