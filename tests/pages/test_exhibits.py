"""Every exhibit of every page: it opens, and holds at the ends of each of its settings."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

import nnviz.ui.exhibits
from nnviz.base import Spec
from nnviz.feed.panels import heads
from nnviz.runs.sweep import MAX_CALLS
from nnviz.spec.code import encoded
from nnviz.spec.fields import described
from nnviz.ui.exhibits.exhibit import Shown
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.exhibits.scene import Scene
from nnviz.ui.exhibits.words import told


def all_exhibits() -> dict[str, Shown]:
    """Each by its page and name."""
    pages = (
        (found.name, importlib.import_module(f"nnviz.ui.exhibits.{found.name}"))
        for found in pkgutil.iter_modules(nnviz.ui.exhibits.__path__)
        if found.ispkg
    )
    return {f"{page}.{each.name}": each for page, module in pages for each in module.EXHIBITS}


EXHIBITS = all_exhibits()
NAMES = pytest.mark.parametrize("name", EXHIBITS)


def extremes(exhibit: Shown) -> Iterator[Spec]:
    """The defaults, then one field after the other at its ends and at each of its choices."""
    yield exhibit.settings()
    for field, info in exhibit.settings.model_fields.items():
        try:
            known = described(exhibit.settings, field)
        except (TypeError, ValueError, KeyError, AttributeError):
            continue  # a field without a form: set in the picture
        ends = [end for end in (known.low, known.high) if end is not None]
        values: list[Any] = [*(known.choices or known.offered or ()), *ends]
        if info.annotation is bool:
            values = [True, False]
        if info.annotation is int:
            values = [int(value) for value in values]
        for value in values:
            try:
                yield exhibit.settings.model_validate({field: value})
            except ValidationError:
                continue


def addressed(exhibit: Shown, settings: dict[str, Any]) -> str:
    return encoded({"view": exhibit.name, "settings": settings}, {"settings": {}})


@NAMES
def test_it_opens_at_its_address(visit, name):
    page, exhibit = name.split(".")[0], EXHIBITS[name]
    app = visit(page, lab=addressed(exhibit, {}))
    assert not app.exception
    assert not app.error
    assert any(exhibit.lead[:40] in found.value for found in app.markdown)


@NAMES
def test_its_ends_are_measured_drawn_told_and_tried(name):
    exhibit = EXHIBITS[name]
    for settings in extremes(exhibit):
        compile(exhibit.code(settings), name, "exec")
        assert exhibit.experiment(settings).n_parameters
        assert set(exhibit.fields(settings)) <= set(exhibit.settings.model_fields)
        if isinstance(exhibit.measure, Pieces):
            calls = exhibit.measure.calls(settings, [])
            assert 1 <= len(calls) <= MAX_CALLS
            pickle.dumps(calls)
        else:
            holds(exhibit, settings, exhibit.measure(settings))


def holds(exhibit: Shown, settings: Spec, measured: Any) -> None:
    """Picture, words and numbers of one measurement."""
    picture = exhibit.picture(settings, measured)
    if not isinstance(picture, Scene):
        heads(picture)
        for panel in (*picture, *exhibit.panels(settings, measured)):
            panel.wired()
    assert picture or exhibit.watch
    words = [exhibit.notice(settings, measured), *exhibit.numbers(settings, measured).values()]
    for text in words:
        assert text
        assert "nan" not in told(text, is_full=True).lower().replace("nan-", "").split()
    for action in exhibit.actions(settings, measured):
        asked = {**settings.model_dump(mode="json"), **action.changes}
        assert action.disabled or exhibit.settings.model_validate(asked)
    assert all(row for row in exhibit.table(settings, measured))
    if exhibit.lanes is not None:
        assert exhibit.lanes(settings).experiments


@NAMES
def test_what_plays_has_frames_of_its_picture(name):
    exhibit = EXHIBITS[name]
    if exhibit.play is None or isinstance(exhibit.measure, Pieces):
        return
    settings = exhibit.settings()
    measured = exhibit.measure(settings)
    ids = {panel.id for panel in exhibit.picture(settings, measured)}
    frames = exhibit.play.frames(settings, measured)
    assert 2 <= len(frames) <= 80
    for frame in frames:
        assert {panel.id for panel in frame.panels} <= ids


@NAMES
def test_grips_set_what_is_a_valid_setting(name):
    exhibit = EXHIBITS[name]
    if isinstance(exhibit.measure, Pieces):
        return
    settings = exhibit.settings()
    picture = exhibit.picture(settings, exhibit.measure(settings))
    if isinstance(picture, Scene):
        return
    for grip in (grip for panel in picture for grip in panel.grips):
        for value in (grip.low, grip.high):
            sent = exhibit.grasp(
                settings, {grip.name: [value] * 2 if grip.moves == "xy" else value}
            )
            asked = {**settings.model_dump(mode="json"), **sent}
            assert exhibit.settings.model_validate(asked)


@pytest.mark.parametrize("page", sorted({name.split(".")[0] for name in EXHIBITS}))
@pytest.mark.parametrize("hostile", ["1.", "x", "1.AAAA", "1." + "A" * 9000])
def test_hostile_codes_open_the_defaults(visit, page, hostile):
    app = visit(page, lab=hostile)
    assert not app.exception
    assert any(page in name and EXHIBITS[name].lead[:40] in found.value
               for name in EXHIBITS for found in app.markdown)  # fmt: skip


def test_a_link_of_flat_settings_opens_the_exhibit_that_has_most_of_them(visit):
    app = visit("attention", lab=encoded({"width": 256, "n_keys": 4}, {}))
    assert not app.exception
    assert app.session_state["nnviz.exhibits.attention"]["scale"]["width"] == 256
