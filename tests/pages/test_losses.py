"""The losses page: code that agrees, hands that set, and words that follow the numbers."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from nnviz.spec.code import encoded
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.losses import CURVES, IMBALANCE, SATURATION, STEPS

from .reader import measured


def ran(code: str) -> dict[str, Any]:
    """The names that a script leaves behind; torch's defaults and random state are put back."""
    names: dict[str, Any] = {}
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(code, "shown", "exec"), names)  # noqa: S102
        finally:
            torch.set_default_dtype(torch.float32)
    return names


def code_of(exhibit: Exhibit[Any, Any], **asked: Any) -> tuple[Any, dict[str, Any]]:
    """What the page measures, and the names of its code."""
    settings = exhibit.settings.model_validate(asked)
    return measured(exhibit, settings), ran(exhibit.code(settings))


def words(exhibit: Exhibit[Any, Any], **asked: Any) -> str:
    settings = exhibit.settings.model_validate(asked)
    return exhibit.notice(settings, measured(exhibit, settings))


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_code_of_cross_entropy(reduction: str) -> None:
    record, names = code_of(
        STEPS, weights=[1.0, 3.0, 0.5], reduction=reduction, label_smoothing=0.2,
        targets=[0, 1, -100, 2],
    )  # fmt: skip
    expected = record.loss_N if reduction == "none" else record.loss
    np.testing.assert_allclose(names["loss"].detach(), expected)
    np.testing.assert_allclose(names["gradient"], record.gradient_NC, atol=1e-12)


def test_code_of_the_imbalance() -> None:
    record, names = code_of(IMBALANCE, minority_weight=10.0, seed=2)
    np.testing.assert_allclose(names["line"].detach(), record.line_W3[record.chosen], atol=1e-5)
    assert names["loss"] == pytest.approx(record.mean_loss, rel=1e-6)
    recalls = record.minority_recall_W[[0, record.chosen]]
    assert list(names["recalls"].values()) == pytest.approx(recalls, abs=1e-3)


def test_code_of_curves_and_saturation() -> None:
    curves, names = code_of(CURVES, target=-0.5, huber_delta=2.0)
    for curve in curves:
        np.testing.assert_allclose(names["values"][curve.name], curve.loss_Z, atol=1e-12)
        np.testing.assert_allclose(names["gradients"][curve.name], curve.gradient_Z, atol=1e-12)
    records, names = code_of(SATURATION)
    for record in records:
        np.testing.assert_allclose(names["answers"][record.name], record.probability_T, rtol=1e-9)


@pytest.mark.parametrize(
    ("exhibit", "asked", "why"),
    [
        (STEPS, {"logits": [[1e400]]}, "logits"),
        (STEPS, {"targets": [0, 1, 2, -100], "ignore_index": 2}, "refused by torch"),
        (STEPS, {"unknown": 1}, "unknown"),
        (CURVES, {"losses": []}, "choose at least one loss"),
        (IMBALANCE, {"distance": 7.0}, "distance"),
        (SATURATION, {"start": float("nan")}, "start"),
    ],
)
def test_settings_out_of_bounds_are_refused_in_words(
    exhibit: Exhibit[Any, Any], asked: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        exhibit.settings.model_validate(asked)


def test_no_loss_chosen_is_said_and_the_last_choice_stays(visit: Any) -> None:
    app = visit("losses", lab=encoded({"view": "curves"}, {}))
    app = app.multiselect[0].set_value([]).run()
    assert not app.exception
    assert "at least one loss" in app.error[0].value
    assert any("What to notice" in found.value for found in app.markdown)


def test_dragged_logits_are_those_of_the_chosen_sample() -> None:
    settings = STEPS.settings.model_validate({"sample": 3})
    sent = STEPS.grasp(settings, {"z1": 4.0})
    assert sent["logits"][2] == [3.0, 4.0, 1.0]
    assert [tuple(row) for row in sent["logits"][:2]] == list(settings.logits[:2])


def test_the_few_are_dragged_to_half_of_the_distance() -> None:
    settings = IMBALANCE.settings()
    assert IMBALANCE.grasp(settings, {"half": 1.7}) == {"distance": pytest.approx(3.4)}
    assert IMBALANCE.grasp(settings, {"minority_weight": 7.0}) == {"minority_weight": 7.0}


def test_delta_is_how_far_its_handle_is_from_the_target() -> None:
    settings = CURVES.settings.model_validate({"target": -1.0})
    assert CURVES.grasp(settings, {"edge": 1.5}) == {"huber_delta": 2.5}


@pytest.mark.parametrize("target", [-3.0, 0.0, 0.1, 3.0])
@pytest.mark.parametrize("delta", [0.1, 5.0])
def test_the_handle_of_delta_is_always_in_sight(target: float, delta: float) -> None:
    settings = CURVES.settings.model_validate({"target": target, "huber_delta": delta})
    panel: Any = CURVES.picture(settings, measured(CURVES, settings))[0]  # type: ignore[index]
    handle = next(grip for grip in panel.grips if grip.name == "edge")
    assert -6 <= handle.x <= 6
    assert handle.low - 1e-9 <= handle.x <= handle.high + 1e-9


def test_a_reduced_loss_of_nothing_is_said_in_words() -> None:
    settings = STEPS.settings.model_validate({"weights": [0.0, 0.0, 0.0]})
    record = measured(STEPS, settings)
    assert "nothing to divide by" in STEPS.notice(settings, record)
    assert STEPS.numbers(settings, record)["Loss by hand"] == "not a number"


def test_words_follow_the_numbers() -> None:
    assert "ignored" in words(STEPS, targets=[-100, 1, 2, 1])
    assert "not by the 4 samples" in words(STEPS, weights=[1.0, 3.0, 0.5])
    assert "moves the boundary" in words(IMBALANCE)
    assert "Raise the weight" in words(IMBALANCE, minority_weight=1.0)
    assert "equally frequent" in words(IMBALANCE, minority_share=0.5, minority_weight=1.0)
    assert "Huber" not in words(CURVES, losses=["mse"])
    assert "right from step 7 on, the squared error from step 214" in words(SATURATION)
    assert "starts right" in words(SATURATION, start=3.0)
    assert "neither turns right" in words(SATURATION, start=-10.0, learning_rate=0.05, n_steps=20)
