"""What the activations lab computes and draws for its settings, a function a view."""

from __future__ import annotations

from functools import lru_cache, partial

from nnviz.experiments.nonlinearity import (
    activation_curves,
    activation_responses,
    collapse,
    dead_unit,
    draw_inputs,
    xor,
)
from nnviz.experiments.signal_propagation import (
    TheoryRecord,
    expected_signal,
    measure_signal,
)
from nnviz.feed import Panel
from nnviz.figures import activation_shapes, nonlinearity, signal_depth
from nnviz.figures import xor as xor_figures
from nnviz.ui.labs import activations_words as say
from nnviz.ui.labs.activations import ActivationSettings
from nnviz.ui.labs.shown import Shown

REACH = 5.0
kept = lru_cache(maxsize=64)
measured_signal, theory_of = kept(measure_signal), kept(expected_signal)
measured_xor, measured_dead, measured_collapse = kept(xor), kept(dead_unit), kept(collapse)


def view(settings: ActivationSettings) -> Shown:
    """Everything that the page shows for these settings."""
    return {
        "shape": _shape,
        "depth": _depth,
        "collapse": _collapse,
        "dead": _dead,
        "xor": _xor,
    }[settings.view](settings)


def _shape(settings: ActivationSettings) -> Shown:
    curves = activation_curves(settings.names, REACH)
    inputs_N = draw_inputs(settings.distribution, settings.mean, settings.std)
    responses = activation_responses(settings.names, inputs_N)
    height, above = 150 + 46 * len(responses), _legend_height(settings)
    panels = [
        Panel(
            "value", "Activation φ(z)", activation_shapes.activation_lines(curves, "value"),
            "What a unit passes on for each pre-activation z.", 300 + above, 6,
        ),
        Panel(
            "slope", "Slope φ′(z)", activation_shapes.activation_lines(curves, "slope"),
            "What the unit multiplies the gradient with on its way back.", 300 + above, 6,
        ),
        Panel(
            "rows", "The same inputs, before and after", activation_shapes.response_rows(responses),
            "20,000 evenly spread quantiles of the chosen distribution. Heights are square roots"
            " of shares, so that a peak of zeros leaves the rest visible.", height, 12,
        ),
    ]  # fmt: skip
    return Shown(panels, say.shape(responses, settings), rows=say.response_rows(responses))


def _legend_height(settings: ActivationSettings) -> int:
    """Pixels that a legend of many activations needs above a chart."""
    return 10 * max(0, len(settings.names) - 6)


def _depth(settings: ActivationSettings) -> Shown:
    specs = {name: settings.signal(name) for name in settings.names}
    signals = {name.replace("_", " "): measured_signal(spec) for name, spec in specs.items()}
    theories = {name.replace("_", " "): theory_of(spec) for name, spec in specs.items()}
    draw = partial(signal_depth.signal_by_depth, signals)
    height = 330 + _legend_height(settings)
    factors = {
        name: theory.growth for name, theory in theories.items() if isinstance(theory, TheoryRecord)
    }
    panels = [
        Panel(
            "forward", "The signal going forward", draw("forward", theories),
            "Root mean square of the pre-activations in each layer; dashed: mean-field theory.",
            height, 6,
        ),
        Panel(
            "backward", "The gradient going back", draw("backward", theories),
            "Root mean square of ∂L/∂z in each layer for a loss of random direction at the last"
            " one. Read it from right to left.", height, 6,
        ),
        Panel(
            "growth", "Factor on the gradient a layer", signal_depth.growth_bars(signals, factors),
            "√χ̂ with χ̂ = (δ₁²/δ_L²)^(1/(L−1)); at 1 the gradient keeps its size.", height, 6,
        ),
        Panel(
            "weights", "Gradient of the weights", draw("weight_gradient"),
            "Norm of ∂L/∂W: what each layer learns from, forward signal times gradient.", height, 6,
        ),
    ]  # fmt: skip
    return Shown(panels, say.depth(signals, settings), notes=say.seeds(specs, settings))


def _collapse(settings: ActivationSettings) -> Shown:
    record = measured_collapse(
        settings.n_layers, settings.stack_width, settings.bend, settings.bend_after, settings.seed
    )
    draw = partial(nonlinearity.collapse_surface, record)
    span = 4 if settings.bend_after else 6
    panels = [
        Panel(
            "stack", f"{settings.n_layers} Linear layers", draw("stack"),
            "Output of the stack over the plane of its two inputs; lines join equal outputs.",
            330, span,
        ),
        Panel(
            "product", "One Linear layer, their product", draw("product"),
            "W = W_L … W₂ W₁ and the biases carried along.", 330, span,
        ),
    ]  # fmt: skip
    if settings.bend_after:
        title = f"The stack with {settings.bend.replace('_', ' ')} after layer"
        panels.append(
            Panel(
                "bent", f"{title} {settings.bend_after}", draw("bent"),
                "The same weights with one activation inside.", 330, span,
            )
        )  # fmt: skip
    panels.append(
        Panel(
            "along", "Along the steepest direction", nonlinearity.bend_along(record),
            "Outputs on the line through the origin along which the single layer rises fastest.",
            260, 12,
        )
    )  # fmt: skip
    return Shown(panels, say.collapse(record, settings), say.collapse_numbers(record))


def _dead(settings: ActivationSettings) -> Shown:
    records = [
        measured_dead(
            name, settings.learning_rate, settings.jump_rate, settings.jump_at, settings.n_steps
        )
        for name in settings.dead_names
    ]
    draw = partial(nonlinearity.dead_unit_lines, records, jump_at=settings.jump_at)
    panels = [
        Panel(
            "highest", "The unit's largest pre-activation", draw("highest"),
            "Largest z = w x + b over all inputs. At or below 0 no input reaches the unit.",
            330, 12,
        ),
        Panel(
            "gradient", "Gradient that reaches the unit", draw("gradient"),
            "Norm of the loss gradient by the unit's weight and bias; a gap is exactly 0.", 300, 6,
        ),
        Panel(
            "loss", "Loss", draw("loss"),
            "Mean squared error of the fit to y = max(0, x).", 300, 6,
        ),
    ]  # fmt: skip
    return Shown(panels, say.dead(records, settings), rows=say.dead_rows(records))


def _xor(settings: ActivationSettings) -> Shown:
    how = (settings.xor_activation, settings.xor_steps, settings.xor_rate, 20, settings.shown_seed)
    records = [measured_xor(0, *how), measured_xor(settings.n_hidden, *how)]
    panels = [
        Panel(
            f"plane{place}", f"{record.name.capitalize()}, seed {settings.shown_seed}",
            xor_figures.xor_plane(record),
            "P(class 1) over the plane; the line is where the answer changes.", 360, 6,
        )
        for place, record in enumerate(records)
    ]  # fmt: skip
    panels += [
        Panel(
            "accuracy", "All 20 seeds", xor_figures.xor_accuracy(records),
            "How many seeds end with how many of the four points right.", 280, 6,
        ),
        Panel(
            "loss", "Loss while training", xor_figures.xor_loss(records),
            "Median over the seeds, and from the best to the worst of them.", 280, 6,
        ),
    ]  # fmt: skip
    return Shown(panels, say.xor(records))
