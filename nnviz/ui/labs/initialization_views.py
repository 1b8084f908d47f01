"""What the initialization lab computes and draws for its settings, a function a view."""

from __future__ import annotations

from functools import lru_cache, partial

from nnviz.experiments.initial_weights import draw_weights, train_from
from nnviz.experiments.signal_propagation import (
    NoTheory,
    expected_signal,
    measure_jacobian,
    measure_signal,
)
from nnviz.feed import Panel
from nnviz.figures import initial_weights, signal_depth
from nnviz.spec import InitializationSpec
from nnviz.ui.labs import initialization_words as say
from nnviz.ui.labs.initialization import InitializationSettings
from nnviz.ui.labs.shown import Shown

kept = lru_cache(maxsize=64)
measured_signal, theory_of = kept(measure_signal), kept(expected_signal)
measured_jacobian, drawn, trained = kept(measure_jacobian), kept(draw_weights), kept(train_from)


def view(settings: InitializationSettings) -> Shown:
    """Everything that the page shows for these settings."""
    if settings.refusal:
        return Shown([], say.refused(settings), notes=[settings.refusal])
    shown = {"weights": _weights, "depth": _depth, "symmetry": _symmetry}[settings.view]
    return shown(settings)


def _weights(settings: InitializationSettings) -> Shown:
    record = drawn(settings.initialization, settings.activation, settings.shape, settings.seed)
    panels = [
        Panel(
            "image", "The weights", initial_weights.weight_image(record),
            "A row holds the weights into one unit; blue positive, orange negative.", 380, 6,
        ),
        Panel(
            "histogram", "How they are distributed", initial_weights.weight_histogram(record),
            "Share of the weights in each bin, and the standard deviation that the initializer"
            " aims at.", 380, 6,
        ),
        Panel(
            "singular", "Singular values",
            initial_weights.singular_values({"this matrix": record.singular_K}),
            "How much the matrix stretches or shrinks each of its directions.", 280, 12,
        ),
    ]  # fmt: skip
    return Shown(panels, say.weights(record, settings), say.weight_numbers(record))


def _depth(settings: InitializationSettings) -> Shown:
    spec = settings.signal
    signal, theory = measured_signal(spec), theory_of(spec)
    signals = {"measured": signal}
    draw = partial(signal_depth.signal_by_depth, signals)
    theories = {"measured": theory}
    panels = [
        Panel(
            "forward", "The signal going forward", draw("forward", theories),
            "Root mean square of the pre-activations z. Line: geometric mean over seeds; dashed:"
            " mean-field theory, with the band that width and number of seeds allow.", 340, 6,
        ),
        Panel(
            "backward", "The gradient going back", draw("backward", theories),
            "Root mean square of ∂L/∂z for a loss of random direction at the last layer. Read it"
            " from right to left.", 340, 6,
        ),
        Panel(
            "activation", "Spread of the activations", draw("activation"),
            "Standard deviation of a = φ(z), over samples and units.", 300, 6,
        ),
        Panel(
            "weights", "Gradient of the weights", draw("weight_gradient"),
            "Norm of ∂L/∂W in each layer: forward signal times gradient.", 300, 6,
        ),
    ]  # fmt: skip
    if settings.normalization == "none":
        spectra = {
            "one layer": drawn(
                settings.initialization, settings.activation, (spec.width, spec.width), 1
            ).singular_K,
            f"all {spec.depth} layers with activations": measured_jacobian(spec).singular_K,
        }
        panels.append(
            Panel(
                "jacobian", "Singular values", initial_weights.singular_values(spectra),
                "Of the first layer's weights, and of ∂z_L/∂x through the whole stack at one"
                " input: how it stretches each direction. What is missing is 0 or rounding.",
                300, 12,
            )
        )  # fmt: skip
    notes = say.seeds(settings, spec.n_seeds)
    if isinstance(theory, NoTheory):
        notes.append(f"No theory is drawn: {theory.reason}.")
    return Shown(
        panels, say.depth(signal, theory, settings), say.depth_numbers(signal, theory), notes=notes
    )


def _symmetry(settings: InitializationSettings) -> Shown:
    start = InitializationSpec(name=settings.start)
    how = (settings.n_steps, settings.learning_rate)
    train = partial(trained, start, settings.activation, settings.n_units)
    record = train(settings.breaker, *how)
    compared = None if settings.breaker == "nothing" else train("nothing", *how)
    panels = [
        Panel(
            "paths", "The units' weights", initial_weights.unit_paths(record),
            "Each unit's way through the plane of its two input weights; rings mark the end."
            " Units that are alike lie on top of each other.", 380, 6,
        ),
        Panel(
            "spread", "Distance between units", initial_weights.unit_spread(record, compared),
            "Largest distance between the incoming weights of two units.", 380, 6,
        ),
        Panel(
            "loss", "Loss", initial_weights.symmetry_loss(record, compared),
            "Cross-entropy on the training points, without dropout.", 260, 12,
        ),
    ]  # fmt: skip
    return Shown(panels, say.symmetry(record, settings), say.symmetry_numbers(record))
