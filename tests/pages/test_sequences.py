"""The sequences page: every exhibit at its extremes, bad addresses, code that gives its numbers."""

import contextlib
import io
import json

import numpy as np
import pytest
import torch

from nnviz import initial_state
from nnviz.data import load
from nnviz.experiments.sequences import new_memory, probe_loss, probe_rows, updates
from nnviz.spec.code import encoded
from nnviz.ui.exhibits.sequences import EXHIBITS
from nnviz.ui.exhibits.sequences.fading import FADING, FadingSettings
from nnviz.ui.exhibits.sequences.inside import INSIDE, InsideSettings
from nnviz.ui.exhibits.sequences.memories import MEMORIES, MemoriesSettings
from nnviz.ui.exhibits.sequences.tokens import TOKENS, TokensSettings
from nnviz.ui.exhibits.sequences.words import sized
from tests.pages.reader import measured

BY_NAME = {exhibit.name: exhibit for exhibit in EXHIBITS}
EXTREMES = [
    MemoriesSettings(length=10, units=4, updates=0),
    MemoriesSettings(length=40, units=24, updates=20, forget="4", clip="0.1", relative=False),
    InsideSettings(cell="rnn", units=1, length=6, updates=0),
    InsideSettings(cell="gru", units=6, length=16, updates=10, row=20),
    FadingSettings(gain=0.67, length=50, units=2, limit="10"),
    FadingSettings(gain=1.5, length=50, units=32, limit="0.1"),
    FadingSettings(gain=1.5, length=5, units_are="tanh", input_size=2),
    TokensSettings(context=4, width=16, updates=0),
    TokensSettings(context=1, width=2, updates=30),
]


def named(settings):
    return next(exhibit for exhibit in EXHIBITS if isinstance(settings, exhibit.settings))


def address(exhibit, settings):
    code = {"view": exhibit.name, "settings": settings.model_dump(mode="json")}
    return encoded(code, {"settings": exhibit.settings().model_dump(mode="json")})


def ran(code: str) -> dict:
    """What the shown code leaves behind; torch's own random state is put back."""
    before, found = torch.random.get_rng_state(), {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "lab", "exec"), found)  # noqa: S102
    torch.random.set_rng_state(before)
    return found


@pytest.mark.parametrize("settings", EXTREMES, ids=lambda s: f"{type(s).__name__}")
def test_a_picture_of_every_extreme_is_plain_finite_json(settings):
    exhibit = named(settings)
    found = measured(exhibit, settings)
    json.dumps(exhibit.picture(settings, found).facts, allow_nan=False)
    assert len(exhibit.notice(settings, found)) > 60


@pytest.mark.parametrize(
    "settings", [EXTREMES[0], EXTREMES[3], EXTREMES[6], EXTREMES[8]], ids=lambda s: type(s).__name__
)
def test_the_page_opens_on_an_address(visit, settings):
    app = visit("sequences", lab=address(named(settings), settings))
    assert not app.exception
    assert not app.error


def test_the_page_opens(visit):
    app = visit("sequences")
    assert not app.exception
    assert app.title[0].value == "How far back can it remember?"


@pytest.mark.parametrize(
    "lab", ["nonsense", encoded({"view": "inside", "settings": {"units": 9}}, {})]
)
def test_a_bad_address_is_told_and_the_default_is_shown(visit, lab):
    app = visit("sequences", lab=lab)
    assert not app.exception
    assert "address can't be used" in app.toast[0].value


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=list(BY_NAME))
def test_what_is_tried_in_training_can_be_trained(exhibit):
    spec = exhibit.experiment(exhibit.settings())
    assert initial_state(spec) is not None
    assert len(load(spec.data).train_x) > 100


@pytest.mark.parametrize(
    "settings",
    [
        MemoriesSettings(length=10, units=4, updates=12),
        MemoriesSettings(length=12, units=8, updates=7, forget="1", clip="0.1", seed=3),
    ],
    ids=["as torch", "forget bias and clipping"],
)
def test_the_shown_code_has_the_openers_numbers(settings):
    record, found = measured(MEMORIES, settings), ran(MEMORIES.code(settings))
    for memory in record.memories:
        name = memory.cell.upper()
        np.testing.assert_array_equal(found["before"][name], memory.state_FT[0])
        np.testing.assert_array_equal(found["after"][name], memory.state_FT[-1])
        assert found["losses"][name] == memory.loss_F[-1]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_shown_arithmetic_is_torchs_and_the_pages(cell):
    settings = InsideSettings(cell=cell, length=8, updates=20, row=4)
    record, found = measured(INSIDE, settings), ran(INSIDE.code(settings))
    np.testing.assert_allclose(found["states"].numpy(), record.state_TU[1:], rtol=0, atol=1e-12)
    assert found["answer"] == pytest.approx(record.answer, abs=1e-12)
    assert found["difference"] < 1e-12


@pytest.mark.parametrize("units_are", ["linear", "tanh"])
def test_the_shown_jacobians_are_the_pages(units_are):
    settings = FadingSettings(units_are=units_are, gain=1.2, length=10, units=5, input_size=1)
    measured, found = FADING.measure(settings), ran(FADING.code(settings))
    np.testing.assert_allclose(found["norms"], measured.fading.largest_T, rtol=1e-9)
    assert found["before"].norm().item() == pytest.approx(measured.clipped.whole, rel=1e-9)
    assert found["after"].norm().item() == pytest.approx(measured.clipped.by_norm, rel=1e-9)


def test_the_shown_vectors_are_the_pages():
    settings = TokensSettings(context=2, width=4, updates=25)
    record, found = measured(TOKENS, settings), ran(TOKENS.code(settings))
    np.testing.assert_allclose(found["cosines"].numpy(), record.likeness_FKK[-1], atol=1e-5)
    assert found["loss"] == pytest.approx(record.loss_F[-1], abs=1e-6)


def test_the_opener_has_something_to_see():
    """The GRU learns, RNN and LSTM do not, and what is advised then lets the LSTM learn too."""
    settings = MemoriesSettings()
    record = measured(MEMORIES, settings)
    rnn, lstm, gru = (memory.loss_F[-1] for memory in record.memories)
    assert gru < 0.01
    assert rnn > 0.1
    assert lstm > 0.1
    assert "set its forget bias to 1" in MEMORIES.notice(settings, record)
    kept = new_memory("lstm", settings.units, 1.0)
    assert list(updates(kept, settings.length, settings.updates))[-1] == settings.updates
    assert probe_loss(kept, probe_rows(settings.length)) < 0.02


def test_numbers_of_any_size_are_short():
    values = {0.0: "0", 0.332: "0.332", 57.61: "57.6", 8075.4: "8075", 4.2e-6: "4.2·10⁻⁶"}
    assert {value: sized(value) for value in values} == values
