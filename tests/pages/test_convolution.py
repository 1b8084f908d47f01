"""The convolution page: every exhibit at its extremes, and code that gives the page's numbers."""

import contextlib
import io

import numpy as np
import pytest
import torch

from nnviz.spec.code import encoded
from nnviz.ui.exhibits.convolution import (
    EXHIBITS,
    learning,
    photograph,
    receptive,
    shuffled,
    window,
)
from nnviz.ui.exhibits.convolution.learning import LearningSettings
from nnviz.ui.exhibits.convolution.photograph import PhotographSettings
from nnviz.ui.exhibits.convolution.receptive import FieldSettings
from nnviz.ui.exhibits.convolution.shuffled import ShuffledSettings
from nnviz.ui.exhibits.convolution.window import WindowSettings
from tests.pages.reader import measured


@pytest.fixture
def open_exhibit(visit):
    """Open the page on an exhibit with these settings."""

    def opened(view, **asked):
        own = next(exhibit for exhibit in EXHIBITS if exhibit.name == view)
        document = {"view": view, "settings": own.settings(**asked).model_dump(mode="json")}
        return visit("convolution", lab=encoded(document, {}))

    return opened


def run(code):
    """What a script prints and leaves."""
    names, said = {}, io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(code, names)  # noqa: S102 - the page's own script
    return names, said.getvalue()


WINDOWS = [
    {},
    {"input": "photograph", "number": 9, "kernel_size": 5, "stride": 4, "padding": 4},
    {"input": "colour", "kernel": "sharpen"},
    {"input": "colour", "channel_groups": 3, "dilation": 3, "bias": -10},
    {"input": "signal", "kernel_size": 5, "dilation": 3, "padding": 4, "stride": 4},
    {"input": "volume", "kernel_size": 5, "number": 9, "kernel": "blur"},
    {"kernel_size": 1, "padding": 4, "number": 0},
    {"kernel": "own", "own": (1.5, 0, -2, 0, 3, 0, 0, 0, 1)},
]
PHOTOGRAPHS = [
    {"filter": "identity", "pooling": "max", "window": 8, "flatten": True},
    {"filter": "own", "own": (1.0,), "photograph": "flower"},
    {"filter": "laplacian", "pooling": "average", "window": 2, "rectified": True},
]
FIELDS = [
    {"depth": 1, "kernel_size": 1, "pool_every": 0},
    {"depth": 8, "kernel_size": 7, "stride": 3, "doubles": True, "pool_every": 1},
    {"depth": 6, "doubles": True, "pool_every": 0},
]
LEARNINGS = [
    {},
    {"channels": 1, "kernel_size": 5, "pooling": "none", "layer": "second", "example": 4},
    {"channels": 8, "pooling": "average"},
]


@pytest.mark.parametrize(
    ("view", "asked"),
    [
        *(("window", asked) for asked in WINDOWS[:6]),
        *(("photograph", asked) for asked in PHOTOGRAPHS),
        *(("receptive", asked) for asked in FIELDS),
        *(("learning", asked) for asked in LEARNINGS),
        ("shuffled", {"n_steps": 50, "seed": 20}),
    ],
)
def test_every_exhibit_opens_at_its_extremes(open_exhibit, view, asked):
    app = open_exhibit(view, **asked)
    assert not app.exception
    assert not app.error


def test_a_kernel_that_does_not_fit_is_refused_in_words(open_exhibit):
    app = open_exhibit("window", kernel_size=4, dilation=2)
    size = next(found for found in app.slider if found.key.endswith(".kernel_size"))
    app = size.set_value(5).run()
    assert not app.exception
    assert "reaches over 9 positions and does not fit 8" in app.error[0].value


@pytest.mark.parametrize("asked", WINDOWS)
def test_the_windows_code_gives_the_pages_numbers(asked):
    settings = WindowSettings(**asked)
    record = window.measure(settings)
    names, said = run(window.code(settings))
    assert np.array_equal(names["output"].numpy(), record.output)
    assert f"{record.n_parameters} parameters" in said
    assert names["dense"] == record.n_dense_parameters


@pytest.mark.parametrize("asked", WINDOWS)
def test_the_picture_holds_the_sum_under_every_window(asked):
    settings = WindowSettings(**asked)
    facts = window.picture(settings, window.measure(settings)).facts
    planes, step, apart = np.array(facts["planes"]), facts["stride"], facts["dilation"]
    for output in facts["outputs"]:
        values = np.array(output["values"])
        row, column = (int(n) - 1 for n in values.shape)
        total = facts["bias"]
        for slice_, plane in zip(facts["kernels"][output["filter"]], output["reads"], strict=True):
            weights = np.array(slice_)
            rows = row * (1 if len(weights) == 1 else step) + apart * np.arange(len(weights))
            columns = column * step + apart * np.arange(weights.shape[1])
            total += (planes[plane][np.ix_(rows, columns)] * weights).sum()
        assert values[row, column] == pytest.approx(total, abs=1e-5)


@pytest.mark.parametrize(
    "asked", [*WINDOWS[:6], {"input": "volume", "kernel": "sharpen", "kernel_size": 5}]
)
def test_the_numbers_that_the_picture_sends_back_are_the_kernel_that_it_shows(asked):
    settings = WindowSettings(**asked)
    facts = window.picture(settings, window.measure(settings)).facts
    sent = tuple(np.array(facts["kernels"]).ravel().tolist())
    own = WindowSettings.model_validate({**settings.model_dump(), "kernel": "own", "own": sent})
    assert np.array_equal(window.weights(own), window.weights(settings))


@pytest.mark.parametrize("asked", [{}, *PHOTOGRAPHS])
def test_the_photographs_code_gives_the_pages_numbers(asked):
    settings = PhotographSettings(**asked)
    record = photograph.measure(settings)
    image = run(photograph.code(settings))[0]["image"].numpy()
    assert np.allclose(image.ravel(), record.pooled.ravel(), atol=1e-9)


@pytest.mark.parametrize("asked", [{}, *FIELDS])
def test_the_receptive_fields_code_gives_the_pages_numbers(asked):
    settings = FieldSettings(**asked)
    _, records = receptive.measure(settings)
    names, _ = run(receptive.code(settings))
    assert names["measured"] == names["reach"] == records[-1].by_formula
    assert int(torch.count_nonzero(names["image"].grad)) == records[-1].n_pixels


@pytest.mark.parametrize(
    ("exhibit", "asked"),
    [
        *((window, WindowSettings(**asked)) for asked in WINDOWS),
        *((photograph, PhotographSettings(**asked)) for asked in PHOTOGRAPHS),
        *((receptive, FieldSettings(**asked)) for asked in FIELDS),
        *((learning, LearningSettings(**asked)) for asked in LEARNINGS),
        (shuffled, ShuffledSettings()),
    ],
)
def test_each_setting_can_be_tried_in_training(exhibit, asked):
    assert exhibit.experiment(asked).n_parameters > 0


def test_the_shuffled_signals_code_gives_the_pages_numbers():
    settings = ShuffledSettings(n_steps=50, seed=1)
    shown = shuffled.numbers(settings, measured(shuffled.SHUFFLED, settings)).values()
    said = run(shuffled.code(settings))[1]
    assert [line.split()[-1] for line in said.splitlines()] == list(shown)


def test_the_chosen_layer_is_one_that_the_network_has():
    for layer, place in (("first", 0), ("second", 2)):
        settings = LearningSettings(layer=layer)
        spec = learning.experiment(settings)
        assert spec.layer_shapes[place].name == learning.layer_name(settings, spec)


def test_try_it_in_training_opens_the_playground(open_exhibit):
    app = open_exhibit("window", stride=2)
    app = app.button("exhibit.convolution.try").click().run()
    assert not app.exception
    assert app.session_state["nnviz.document"]["network"]["blocks"][0]["stride"] == 2
