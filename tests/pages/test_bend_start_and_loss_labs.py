"""The activations, initialization and losses pages: every view and extreme, code that agrees."""

from __future__ import annotations

import contextlib
import io
import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import BaseModel
from streamlit.testing.v1 import AppTest

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.experiments.initial_weights import draw_weights, train_from
from nnviz.experiments.nonlinearity import (
    activation_responses,
    collapse,
    dead_unit,
    draw_inputs,
    xor,
)
from nnviz.experiments.objectives import (
    cross_entropy_by_hand,
    imbalance,
    loss_curves,
    saturated_start,
)
from nnviz.experiments.signal_propagation import measure_signal
from nnviz.spec import InitializationSpec
from nnviz.spec.code import encoded
from nnviz.ui.labs import (
    activations,
    activations_code,
    activations_views,
    initialization,
    initialization_code,
    initialization_views,
    losses,
    losses_code,
    losses_views,
)

PAGES = Path(__file__).parents[2] / "pages"
LABS: dict[str, tuple[type[BaseModel], Any, Any]] = {
    "activations": (
        activations.ActivationSettings, activations_views.view, activations_code.code_for,
    ),
    "initialization": (
        initialization.InitializationSettings,
        initialization_views.view,
        initialization_code.code_for,
    ),
    "losses": (losses.LossSettings, losses_views.view, losses_code.code_for),
}  # fmt: skip
VIEWS = [
    (page, view)
    for page, module in (
        ("activations", activations), ("initialization", initialization), ("losses", losses),
    )
    for view in module.VIEWS
]  # fmt: skip


def opened(page: str, code: str | None = None, **settings: Any) -> AppTest:
    app = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=30)
    if settings or code is not None:
        app.query_params["lab"] = encoded(settings, {}) if code is None else code
    return app.run()


def ran(code: str) -> dict[str, Any]:
    """The names that a script leaves behind; torch's defaults and random state are put back."""
    names: dict[str, Any] = {}
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(code, "shown", "exec"), names)  # noqa: S102
        finally:
            torch.set_default_dtype(torch.float32)
    return names


@pytest.mark.parametrize(("page", "view"), VIEWS)
def test_every_view_opens_from_a_link_and_every_control_takes_its_extremes(
    page: str, view: str
) -> None:
    app = opened(page, view=view)
    assert not app.exception
    assert not app.error
    n_sliders = len(app.slider)
    for place in range(n_sliders):
        for end in ("min", "max"):
            slider = app.slider[place]
            slider.set_value(getattr(slider, end)).run()
            assert not app.exception, (place, end)
    for label in [box.label for box in app.selectbox]:
        for share in (0, 0.5, 1):
            box = next((box for box in app.selectbox if box.label == label), None)
            if box is not None:
                box.select_index(round(share * (len(box.options) - 1))).run()
                assert not app.exception, (label, share)


@pytest.mark.parametrize("page", sorted(LABS))
@pytest.mark.parametrize(
    "code", ["", "1.", "1.!!!!", "2.abc", "1.eJw", "1." + "A" * 5000, "x" * 100, "1.ééé"]
)
def test_hostile_links_open_the_defaults(page: str, code: str) -> None:
    app = opened(page, code)
    assert not app.exception
    assert app.title[0].value


@pytest.mark.parametrize(
    ("page", "settings"),
    [
        ("activations", {"names": ["rleu"]}),
        ("activations", {"names": []}),
        ("activations", {"depth": 10**9, "view": "depth"}),
        ("activations", {"n_layers": 2, "bend_after": 11}),
        ("initialization", {"initialization": {"name": "kaiming_normal", "std": 1e308}}),
        ("initialization", {"initialization": {"name": "trunc_normal", "std": 0.0}}),
        ("initialization", {"width": 1024, "view": "depth"}),
        ("losses", {"logits": [[1e400]]}),
        ("losses", {"targets": [0, 1, 2, -100], "ignore_index": 2}),
        ("losses", {"view": "steps", "unknown": 1}),
    ],
)
def test_settings_out_of_bounds_are_refused(page: str, settings: dict[str, Any]) -> None:
    app = opened(page, **settings)
    assert not app.exception
    with pytest.raises(ValueError):  # noqa: PT011
        LABS[page][0].model_validate(settings)


def test_nothing_chosen_is_said_and_the_last_choice_stays() -> None:
    app = opened("activations")
    app.multiselect[0].set_value([]).run()
    assert not app.exception
    assert "at least one activation" in app.error[0].value
    assert app.subheader[0].value == "What to notice"


def test_an_initializer_that_does_not_fit_says_which_layers_it_fits() -> None:
    for name in ("dirac", "eye", "sparse"):
        layer = "dense" if name == "dirac" else "image"
        app = opened("initialization", view="weights", initialization={"name": name}, layer=layer)
        assert not app.exception
        assert ("convolution" if name == "dirac" else "dense") in app.info[0].value


def test_instance_normalization_is_refused_in_words() -> None:
    app = opened("initialization")
    box = next(b for b in app.selectbox if b.label == "Normalization")
    box.select("instance").run()
    assert not app.exception
    assert "dense layer has none" in app.error[0].value


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
@pytest.mark.parametrize("view", list(initialization.VIEWS))
def test_every_initializer_is_shown_or_refused_in_every_view(name: str, view: str) -> None:
    settings = initialization.InitializationSettings.model_validate(
        {"view": view, "initialization": {"name": name}, "start": name, "depth": 4, "n_steps": 50,
         "width": 16, "normalization": "batch" if name == "normal" else "none"}
    )  # fmt: skip
    shown = initialization_views.view(settings)
    assert shown.noticing
    assert bool(shown.panels) == (settings.refusal is None)
    settings.experiment()


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_is_shown_in_every_view(name: str) -> None:
    for view in activations.VIEWS:
        settings = activations.ActivationSettings.model_validate(
            {"view": view, "names": [name], "bend": name, "bend_after": 1, "dead_names": [name],
             "xor_activation": name, "xor_steps": 10, "n_steps": 50, "depth": 3, "width": 8}
        )  # fmt: skip
        assert activations_views.view(settings).noticing
        settings.experiment()


@pytest.mark.parametrize(("page", "view"), VIEWS)
def test_try_it_in_training_opens_an_experiment_that_holds(page: str, view: str) -> None:
    model, _, _ = LABS[page]
    assert model.model_validate({"view": view}).experiment().n_parameters > 0


# --- the code under each view gives the numbers shown ---


def code_of(page: str, **settings: Any) -> tuple[Any, dict[str, Any]]:
    model, _, code_for = LABS[page]
    found = model.model_validate(settings)
    return found, ran(code_for(found))


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_code_of_one_unit(distribution: str) -> None:
    settings, names = code_of("activations", distribution=distribution, mean=0.3, std=2.0)
    inputs = draw_inputs(distribution, 0.3, 2.0)
    for record in activation_responses(settings.names, inputs):
        assert names["mean_slope"][record.name] == pytest.approx(record.mean_slope, rel=1e-9)
        assert names["zero_share"][record.name] == pytest.approx(record.zero_share)


@pytest.mark.parametrize("name", ["default", "kaiming_normal", "orthogonal", "xavier_normal"])
def test_code_of_activations_through_depth(name: str) -> None:
    settings, names = code_of("activations", view="depth", depth=4, width=8, initialization=name)
    for activation in settings.names:
        record = measure_signal(settings.signal(activation))
        np.testing.assert_allclose(names["second_moment"][activation], record.second_moment_SL)
        np.testing.assert_allclose(names["delta_rms"][activation], record.delta_rms_SL)


@pytest.mark.parametrize("name", sorted(set(INITIALIZERS) - {"dirac"}))
def test_code_of_initialization_through_depth(name: str) -> None:
    for norm, placement in itertools.product(("none", "batch", "group"), ("before", "after")):
        settings, names = code_of(
            "initialization", view="depth", depth=3, width=8, n_seeds=2, activation="tanh",
            initialization={"name": name}, normalization=norm, placement=placement,
        )  # fmt: skip
        record = measure_signal(settings.signal)
        np.testing.assert_allclose(names["second_moment"]["tanh"], record.second_moment_SL)
        np.testing.assert_allclose(names["delta_rms"]["tanh"], record.delta_rms_SL, atol=1e-12)


@pytest.mark.parametrize("bend_after", [0, 2])
def test_code_of_the_collapse(bend_after: int) -> None:
    _, names = code_of("activations", view="collapse", bend_after=bend_after, seed=4)
    record = collapse(6, 16, "relu", bend_after, 4)
    assert names["difference"] < 1e-5
    if bend_after:
        assert names["bend"] == pytest.approx(record.bend, rel=1e-4)
    assert float(names["b"]) == pytest.approx(record.bias, rel=1e-5)


def test_code_of_the_dead_unit() -> None:
    settings, names = code_of("activations", view="dead")
    for name in settings.dead_names:
        record = dead_unit(name, 0.15, 8.0)
        np.testing.assert_allclose(names["highest"][name], record.highest_T, rtol=1e-8, atol=1e-12)


def test_code_of_xor() -> None:
    _, names = code_of("activations", view="xor", n_hidden=3, xor_steps=60)
    np.testing.assert_array_equal(names["accuracy"][3], xor(3, n_steps=60).accuracy_S)


@pytest.mark.parametrize("layer", list(initialization.LAYERS))
def test_code_of_the_weights(layer: str) -> None:
    for name in ("default", "kaiming_uniform", "normal", "trunc_normal", "dirac", "sparse"):
        settings, names = code_of(
            "initialization", view="weights", layer=layer, initialization={"name": name}, seed=3,
            n_in=9, n_out=5,
        )  # fmt: skip
        if settings.refusal:
            assert "W" not in names
            continue
        record = draw_weights(settings.initialization, "relu", settings.shape, 3)
        assert names["std"] == pytest.approx(record.std)
        np.testing.assert_allclose(names["singular"], record.singular_K, atol=1e-12)


@pytest.mark.parametrize("breaker", ["nothing", "noise", "dropout", "output"])
def test_code_of_the_symmetry(breaker: str) -> None:
    for name in ("constant", "default", "normal"):
        _, names = code_of(
            "initialization", view="symmetry", start=name, breaker=breaker, n_steps=50,
            activation="tanh",
        )  # fmt: skip
        how = {"breaker": breaker, "n_steps": 50, "learning_rate": 1.0}
        record = train_from(InitializationSpec(name=name), "tanh", 6, **how)
        assert names["spread"] == pytest.approx(record.spread_T[-1], rel=1e-6, abs=1e-9)
        assert names["accuracy"] == pytest.approx(record.accuracy)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_code_of_cross_entropy(reduction: str) -> None:
    settings, names = code_of(
        "losses", weights=[1.0, 3.0, 0.5], reduction=reduction, label_smoothing=0.2,
        targets=[0, 1, -100, 2],
    )  # fmt: skip
    record = cross_entropy_by_hand(
        settings.logits, settings.targets, settings.weights, reduction, 0.2
    )
    expected = record.loss_N if reduction == "none" else record.loss
    np.testing.assert_allclose(names["loss"].detach(), expected)
    np.testing.assert_allclose(names["gradient"], record.gradient_NC, atol=1e-12)


def test_code_of_the_imbalance() -> None:
    _, names = code_of("losses", view="imbalance", minority_weight=10.0, seed=2)
    record = imbalance(minority_weight=10.0, seed=2)
    np.testing.assert_allclose(names["line"].detach(), record.line_W3[record.chosen], atol=1e-5)
    assert names["loss"] == pytest.approx(record.mean_loss, rel=1e-6)
    assert names["recall"] == pytest.approx(record.minority_recall_W[record.chosen], abs=1e-3)


def test_code_of_curves_and_saturation() -> None:
    settings, names = code_of("losses", view="curves", target=-0.5, huber_delta=2.0)
    for curve in loss_curves(settings.losses, -0.5, 2.0):
        np.testing.assert_allclose(names["values"][curve.name], curve.loss_Z, atol=1e-12)
        np.testing.assert_allclose(names["gradients"][curve.name], curve.gradient_Z, atol=1e-12)
    settings, names = code_of("losses", view="saturation")
    for record in saturated_start(settings.start, settings.learning_rate, settings.n_steps):
        np.testing.assert_allclose(names["answers"][record.name], record.probability_T, rtol=1e-9)


def test_words_follow_the_numbers() -> None:
    """The same sentence must not be said of a vanishing and of a healthy gradient."""

    def words(**settings: Any) -> str:
        model, view, _ = LABS["initialization"]
        return str(view(model.model_validate(settings)).noticing)

    assert "**arrives**" in words()
    assert "**vanishes**" in words(activation="sigmoid", initialization={"name": "xavier_normal"})
    assert "**is lost**" in words(initialization={"name": "zeros"})
    batch = words(normalization="batch", depth=60, initialization={"name": "default"})
    assert "**explodes**" in batch
    assert "Var[φ]" in batch
    assert "still alike" in words(view="symmetry")
    assert math.isfinite(len(words(view="symmetry", breaker="noise")))


def test_words_follow_the_dead_unit() -> None:
    model, view, _ = LABS["activations"]

    def words(**settings: Any) -> str:
        return str(view(model.model_validate({"view": "dead", **settings})).noticing)

    assert "exactly 0" in words()
    assert "back at step 147" in words()
    assert "No unit falls below 0" in words(jump_rate=0.15)
    assert "Step 1 pushes" in words(dead_names=["relu"], learning_rate=0.3)
    assert "diverges" in words(dead_names=["identity"], jump_rate=20.0, jump_at=1)
