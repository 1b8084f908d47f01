"""What takes long is measured on the workers: with a way to stop, to go on, and for everybody."""

from __future__ import annotations

import time
from typing import Any

import pytest

from nnviz.runs import shelf
from nnviz.spec.code import encoded
from nnviz.ui.exhibits.words import full, told


@pytest.fixture(autouse=True)
def _nothing_known() -> Any:
    """Another test may have measured the same."""
    for thing_id in tuple(shelf()._kept):
        shelf().drop(thing_id)


def asked(steps: int) -> str:
    """A measurement of a second or two."""
    return encoded({"view": "shuffled", "settings": {"n_steps": steps}}, {})


def label(app: Any) -> str:
    return " ".join(button.label for button in app.button)


def drawn(app: Any, seconds: float = 60) -> Any:
    """The page when its measurement is back."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not noticed(app):
        time.sleep(0.2)
        app.run()
    assert not app.exception
    return app


def noticed(app: Any) -> bool:
    return any("What to notice" in found.value for found in app.markdown)


def test_it_begins_unasked_and_draws_what_comes(visit):
    app = visit("convolution", lab=asked(50))
    assert "Cancel" in label(app)
    assert "first results" in app.info[0].value
    app = drawn(app)
    assert noticed(app)
    assert "Cancel" not in label(app)


def test_what_was_stopped_stays_so_until_it_is_asked_for(visit):
    app = visit("convolution", lab=asked(300))
    app = app.button("convolution.cancel").click().run()
    app = app.run()
    assert "Measure" in label(app)
    assert not noticed(app)
    assert not any(sweep.is_live for sweep in sweeps())
    app = drawn(app.button("convolution.measure").click().run())
    assert noticed(app)


def test_what_one_has_measured_others_need_not(visit):
    drawn(visit("convolution", lab=asked(100)))
    other = visit("convolution", lab=asked(100))
    assert noticed(other)
    assert len(sweeps()) == 1


def test_another_question_ends_the_one_before_and_coming_back_goes_on(visit):
    app = visit("convolution", lab=asked(250))
    slider = next(found for found in app.slider if found.label == "Steps")
    app = slider.set_value(50).run()
    assert sorted(sweep.status for sweep in sweeps()) == ["cancelled", "running"]
    slider = next(found for found in app.slider if found.label == "Steps")
    app = drawn(slider.set_value(250).run())
    assert noticed(app)


def sweeps() -> list[Any]:
    return [kept.thing for kept in shelf()._kept.values() if hasattr(kept.thing, "about")]


def test_full_numbers_have_what_a_first_meeting_does_without():
    text = f"The mean is 0.4{full(' ± 0.01')}{full(', 2 errors away')}."
    assert told(text, is_full=False) == "The mean is 0.4."
    assert told(text, is_full=True) == "The mean is 0.4 ± 0.01, 2 errors away."
