"""What to notice in the initialization lab, from the numbers that are shown."""

from __future__ import annotations

import math

import numpy as np

from nnviz.catalog.initializers import INITIALIZERS
from nnviz.experiments.initial_weights import SymmetryRecord, WeightRecord
from nnviz.experiments.signal_propagation import NoTheory, SignalRecord, TheoryRecord
from nnviz.ui.labs.activations_words import first_to_last, verdict
from nnviz.ui.labs.initialization import InitializationSettings

IDENTICAL = 1e-9
"""Units closer than this are alike up to rounding in double precision."""


def refused(settings: InitializationSettings) -> str:
    """What to choose instead."""
    name = settings.start if settings.view == "symmetry" else settings.initialization.name
    low, high = INITIALIZERS[name].ranks
    fitting = "dense layers" if low == high == 2 else "convolutions"
    return (
        f"{name} is made for {fitting}; choose such a layer (under Weights), or another"
        " initializer."
    )


def weight_numbers(record: WeightRecord) -> dict[str, str]:
    """Fans, gain, and the deviation drawn and aimed at."""
    gain = "–" if record.gain is None else f"{record.gain:.4g}"
    aimed = "–" if record.expected_std is None else f"{record.expected_std:.4g}"
    return {
        "fan_in": f"{record.fan_in:,}",
        "fan_out": f"{record.fan_out:,}",
        "Gain": gain,
        "Standard deviation": f"{record.std:.4g}",
        "By definition": aimed,
        "fan_in · E w²": f"{record.fan_in * (record.std**2 + record.mean**2):.3g}",
    }


def weights(record: WeightRecord, settings: InitializationSettings) -> str:
    """What this matrix does to a vector."""
    name = settings.initialization.name
    largest, smallest = float(record.singular_K[0]), float(record.singular_K[-1])
    kept = record.fan_in * (record.std**2 + record.mean**2)
    text = f"A weight has fan_in = {record.fan_in} inputs to add up over"
    if record.gain is not None:
        text += (
            f"; {name} shrinks its weights accordingly and multiplies them with the gain"
            f" {record.gain:.3g} of {settings.activation.replace('_', ' ')}."
        )
    else:
        text += f", and {name} asks for no gain: what comes out is up to the layer's size."
    text += f" For inputs of mean 0, E z² becomes {kept:.3g} times E x²."
    if largest == 0:
        return text + " All singular values are 0: every input gives the same output."
    if largest / max(smallest, 1e-300) < 1.001:
        return text + (
            f" All singular values are {largest:.3g}: every direction is treated alike, which is"
            " what makes orthogonal weights special in deep linear stacks."
        )
    if record.singular_K[min(1, len(record.singular_K) - 1)] < 1e-9 * largest:
        return text + " Only one singular value is not 0: all units compute the same thing."
    return text + (
        f" It stretches one direction by {largest:.3g} and shrinks another to {smallest:.2g}:"
        " stacked many times, the first kind wins."
    )


def seeds(settings: InitializationSettings, measured: int) -> list[str]:
    """A note where fewer seeds than asked for are measured."""
    if measured == settings.n_seeds:
        return []
    return [
        f"{measured} of {settings.n_seeds} seeds are measured for the answer to stay quick;"
        " fewer layers or units leave time for more."
    ]


def depth_numbers(signal: SignalRecord, theory: TheoryRecord | NoTheory) -> dict[str, str]:
    """Growth measured and expected, forward and backward."""
    numbers = {"E z² last / first": _number(_forward_ratio(signal))}
    if isinstance(theory, TheoryRecord):
        moments_L = theory.second_moment_L
        numbers["Theory"] = _number(moments_L[-1] / moments_L[0])
    numbers["χ̂, gradient² a layer"] = _number(_mean_growth(signal))
    if isinstance(theory, TheoryRecord) and math.isfinite(theory.growth):
        numbers["Theory χ"] = _number(theory.growth)
    return numbers


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "–"


def _forward_ratio(signal: SignalRecord) -> float:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logs_SL = np.log(signal.second_moment_SL)
        return float(np.exp((logs_SL[:, -1] - logs_SL[:, 0]).mean()))


def _mean_growth(signal: SignalRecord) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.exp(np.log(signal.growth_by_seed).mean()))


def depth(
    signal: SignalRecord, theory: TheoryRecord | NoTheory, settings: InitializationSettings
) -> str:
    """Whether signal and gradient survive, and whether theory knew."""
    if settings.depth < 2:
        return "One layer has no depth to lose a signal in: take more layers."
    forward, backward = _forward_ratio(signal), first_to_last(signal)
    name = settings.initialization.name.replace("_", " ")
    sentences = [f"With {name} the signal {_forward_words(forward, settings.depth)}."]
    kind = verdict(backward)
    sentences.append(
        f"The gradient **{kind}**"
        + (
            ": no gradient reaches any layer."
            if kind == "is lost"
            else f": at layer 1 it has {backward:.2g} times its size at layer {settings.depth}."
        )
    )
    if settings.normalization == "batch" and settings.placement == "before" and kind != "is lost":
        sentences.append(
            "BatchNorm keeps the forward signal whatever the weights' size, but the gradient still"
            " grows by E[φ′²]/Var[φ] a layer on its way back: it does not depend on the weights."
        )
    elif isinstance(theory, TheoryRecord):
        sentences.append(_agreement(signal, theory))
    return " ".join(sentences)


def _forward_words(ratio: float, n_layers: int) -> str:
    if not math.isfinite(ratio) or ratio == 0:
        return "does not come through as a number"
    if 0.1 < ratio < 10:
        return f"keeps its size: E z² changes by a factor {ratio:.2g} over {n_layers} layers"
    way = "grows" if ratio > 1 else "shrinks"
    return f"{way}: E z² changes by a factor {ratio:.1e} over {n_layers} layers"


def _agreement(signal: SignalRecord, theory: TheoryRecord) -> str:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        gap_L = np.abs(
            np.log(signal.second_moment_SL).mean(axis=0) - np.log(theory.second_moment_L)
        )
    if not np.isfinite(theory.forward_spread_L).all():
        return (
            "Weights with a mean add m²(Σh)² to E z²; theory includes it and claims no band,"
            " because samples differ."
        )
    inside = bool((gap_L <= theory.forward_spread_L).all())
    return (
        "The measurement stays within the band around theory that this width and number of seeds"
        " allow."
        if inside
        else "The measurement leaves the band around theory: at this width its assumption of many"
        " independent units is strained."
    )


def symmetry_numbers(record: SymmetryRecord) -> dict[str, str]:
    """What the units have become."""
    rank = record.effective_rank_T[-1]
    return {
        "Distance between units": f"{record.spread_T[-1]:.2g}",
        "Effective rank of the hidden layer": f"{rank:.2f}" if math.isfinite(rank) else "–",
        "Loss": f"{record.loss_T[-1]:.3f}",
        "Points answered correctly": f"{record.accuracy:.0%}",
    }


def symmetry(record: SymmetryRecord, settings: InitializationSettings) -> str:
    """Alike units get alike gradients."""
    start, end = float(record.spread_T[0]), float(record.spread_T[-1])
    n, steps = settings.n_units, settings.n_steps
    solved = f"{record.accuracy:.0%} of the points are answered correctly"
    if not math.isfinite(end):
        return "The training diverged: take a smaller learning rate."
    if end < IDENTICAL:
        text = (
            f"All {n} units start alike, so they get the same gradient at every step and are still"
            f" alike after {steps}: the layer works as a single unit, and {solved}."
        )
        if settings.breaker in ("dropout", "output"):
            text += (
                " Not even this tells them apart, because no gradient reaches them: the hidden"
                " activations or the output weights are 0 and stay so."
            )
        return text
    if start < IDENTICAL:
        what = {
            "dropout": "Dropout leaves out different units at each step",
            "output": "The random output layer sends each unit another gradient",
        }.get(settings.breaker, "Rounding")
        return f"{what}: units that started alike end {end:.2g} apart, and {solved}."
    if settings.breaker == "noise" and start < 0.1:
        way = "grows" if end > 2 * start else "has hardly grown"
        return (
            f"A difference of {start:.1g} between the units at the start {way} to {end:.2g} in"
            f" {steps} steps; {solved}. Chance only has to begin, training does the rest."
        )
    return (
        f"These units differ from the start, by up to {start:.2g}: each gets a gradient of its own,"
        f" and after {steps} steps {solved}. Choose constant, ones or zeros to see the other case."
    )
