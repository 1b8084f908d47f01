"""Figures of the activations, initialization and losses labs: valid, named, and true to records."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.experiments.initial_weights import draw_weights, train_from
from nnviz.experiments.nonlinearity.collapse import collapse
from nnviz.experiments.nonlinearity.dead_unit import dead_units
from nnviz.experiments.nonlinearity.response import (
    activation_at,
    activation_curves,
    activation_responses,
    draw_inputs,
)
from nnviz.experiments.nonlinearity.xor import xor, xor_answer
from nnviz.experiments.objectives import (
    CURVES,
    cross_entropy_by_hand,
    imbalance,
    loss_curves,
    saturated_start,
)
from nnviz.experiments.signal_propagation import SignalSpec, expected_signal, measure_signal
from nnviz.figures import (
    activation_shapes,
    class_imbalance,
    cross_entropy,
    initial_weights,
    nonlinearity,
    signal_depth,
    to_plotly,
)
from nnviz.figures import loss_curves as loss_figures
from nnviz.figures import xor as xor_figures
from nnviz.figures.dead_unit import dead_unit_lines, rate_bars
from nnviz.figures.theme import FigureDict
from nnviz.figures.traces import log10, power, power_axis
from nnviz.spec import InitializationSpec


def signal(name: str, depth: int = 4, **settings: object) -> tuple[object, object]:
    spec = SignalSpec.model_validate(
        {"initialization": {"name": name}, "depth": depth, "width": 8, **settings}
    )
    return measure_signal(spec), expected_signal(spec)


def signal_figures() -> list[FigureDict]:
    figures = []
    for name in ("kaiming_normal", "zeros", "ones", "eye"):
        for depth in (1, 4):
            measured, theory = signal(name, depth)
            figures += [
                signal_depth.signal_by_depth({"x": measured}, quantity, {"x": theory})
                for quantity in signal_depth.LABELS
            ]
            figures.append(signal_depth.growth_bars({"x": measured}, {}))
    measured, theory = signal("default")
    two = {"one": measured, "two": measured}
    figures.append(signal_depth.signal_by_depth(two, "forward", {"one": theory}, steady=4))
    return [*figures, signal_depth.growth_bars(two, {"one": 1.0})]


def activation_figures() -> list[FigureDict]:
    names = ["relu", "tanh", "sigmoid"]
    responses = activation_responses(names, draw_inputs("normal", 0.0, 1.0))
    curves = activation_curves(names)
    here = (2.0, activation_at(names, 2.0))
    flat, bent = collapse(3, 4, "relu", 0), collapse(3, 4, "relu", 1)
    dead = dead_units(("relu", "leaky_relu"), 0.15, 8.0, n_steps=60)
    trained = [xor(0, n_steps=5), xor(2, n_steps=5)]
    return [
        activation_shapes.activation_lines(curves, "value", here),
        activation_shapes.activation_lines(curves, "slope", here),
        activation_shapes.response_rows(responses),
        *[nonlinearity.collapse_surface(flat, which) for which in ("stack", "product")],
        nonlinearity.collapse_surface(bent, "bent"),
        nonlinearity.stack_row(3),
        dead_unit_lines(dead, 5),
        rate_bars(0.15, 8.0, 5, 20),
        *[xor_figures.xor_plane(*xor_answer(record, 0)) for record in trained],
        xor_figures.xor_seeds(trained),
    ]


def weight_figures() -> list[FigureDict]:
    figures = []
    for name in ("kaiming_normal", "zeros", "constant", "dirac"):
        shape = (3, 2, 3) if name == "dirac" else (4, 6)
        record = draw_weights(InitializationSpec(name=name), "relu", shape)
        figures += [
            initial_weights.weight_image(record),
            initial_weights.weight_histogram(record),
            initial_weights.singular_values({"one": record.singular_K}),
        ]
    start = InitializationSpec(name="constant")
    alike, apart = train_from(start, n_steps=20), train_from(start, breaker="noise", n_steps=20)
    return [
        *figures,
        *[initial_weights.unit_spread(apart, until) for until in (None, 0, 5)],
        initial_weights.unit_spread(alike),
        *[initial_weights.unit_paths(apart, until) for until in (None, 0, 5)],
    ]


def loss_figures_all() -> list[FigureDict]:
    record = cross_entropy_by_hand(
        [[2.0, 0.5, -1.0], [0.0, 1.0, 0.0]], [0, -100], [1.0, 2.0, 3.0], label_smoothing=0.1
    )
    curves = loss_curves(list(CURVES), 1.0)
    records = saturated_start(-6.0, 1.0, 30)
    weighted, plain = imbalance(minority_weight=10.0), imbalance()
    return [
        *[
            cross_entropy.class_bars(record, sample, step)
            for sample in (0, 1)
            for step in ("logits", "softmax", "log", "gradient")
        ],
        cross_entropy.sample_losses(record),
        *[cross_entropy.two_steps(record, 0, step) for step in ("logits", "log")],
        *[loss_figures.loss_lines(curves, which, 1.0) for which in ("loss", "gradient")],
        loss_figures.loss_lines([], "loss", 1.0),
        *[loss_figures.descent(records, step) for step in (0, 30)],
        *[loss_figures.answers(records, step) for step in (None, 0, 5)],
        *[class_imbalance.boundary_plane(each) for each in (weighted, plain)],
        class_imbalance.recall_curve(weighted),
    ]


@pytest.mark.parametrize(
    "make", [signal_figures, activation_figures, weight_figures, loss_figures_all]
)
def test_every_figure_is_valid_in_both_themes_and_names_its_axes(make: object) -> None:
    for figure in make():  # type: ignore[operator]
        for dark in (False, True):
            to_plotly(figure, dark)
        for name in ("xaxis", "yaxis"):
            axis = figure["layout"][name]
            assert axis.get("visible") is False or axis["title"]["text"]
        for trace in figure["data"]:
            assert trace.get("hoverinfo") == "skip" or "hovertemplate" in trace


def test_missing_signals_are_said_and_not_drawn() -> None:
    measured, theory = signal("zeros")
    figure = signal_depth.signal_by_depth({"x": measured}, "forward", {"x": theory})
    assert "nothing finite" in figure["layout"]["annotations"][0]["text"]


def test_a_tiny_gradient_survives_on_its_axis() -> None:
    measured, _ = signal("normal", 60)
    figure = signal_depth.signal_by_depth({"x": measured}, "backward")
    drawn = figure["data"][0]["y"]
    expected = np.log10(measured.delta_rms_SL).mean(axis=0)
    np.testing.assert_allclose(drawn, expected, rtol=1e-5)
    assert drawn[0] < -30


def test_powers_of_ten() -> None:
    assert power(-12) == "10⁻¹²"
    assert np.isnan(log10(np.array([0.0, -1.0, np.inf, np.nan]))).all()
    for low, high in ((0.0, 0.1), (-3.0, -2.2), (-60.0, 2.0), (0.0, 300.0)):
        made = power_axis("a", "b", np.array([low, high]))
        assert 2 <= len(made["tickvals"]) <= 10
        assert len(set(made["ticktext"])) == len(made["ticktext"])
    assert power_axis("a", "b", np.array([np.nan]))["range"][0] < 0
