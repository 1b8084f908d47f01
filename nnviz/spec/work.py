"""How much a training computes, by arithmetic: work is bounded before anything is allocated.

A server's readers share its workers, and a burst can't be interrupted: what one step and the
snapshot behind it take is what a neighbour waits. Seconds are rough, those of one core that takes
40 billion multiplications or writes 200 million activations a second.
"""

from __future__ import annotations

from collections.abc import Sequence

from nnviz.spec.shapes import LayerShape

MULTIPLICATIONS_A_SECOND = 4e10
ACTIVATIONS_A_SECOND = 2e8
RECORDED_A_SECOND = 2e7
"""Activations of the reference set, with their histograms and moments."""
PASSES_OF_A_STEP = 3
"""Forward, and two backward: to the inputs and to the weights."""

MAX_MULTIPLICATIONS_PER_STEP = 2_000_000_000
MAX_ACTIVATIONS_PER_STEP = 20_000_000
MAX_RECORDED = 6_000_000
N_REFERENCE, MIN_REFERENCE = 256, 64
N_GRID = 48
"""Points along each side of a surface."""
MIN_SAMPLE, LEAST_SAMPLE = 2000, 256
MAX_SAMPLE_MULTIPLICATIONS = 300_000_000
"""Of the training points of one snapshot: about a hundredth of a second."""
MAX_SECONDS_OF_A_SET = 0.3

Layers = Sequence[LayerShape]


def check_work(layers: Layers, batch_size: int, n_test: int) -> None:
    """Raise ValueError, naming what to make smaller, where a step or a snapshot is too much."""
    work = batch_size * _multiplications(layers)
    if work > MAX_MULTIPLICATIONS_PER_STEP:
        raise ValueError(
            f"one step would take {work:,} multiplications; at most"
            f" {MAX_MULTIPLICATIONS_PER_STEP:,} are allowed: use smaller batches or layers"
        )
    numbers = batch_size * _activations(layers)
    if numbers > MAX_ACTIVATIONS_PER_STEP:
        raise ValueError(
            f"one step would keep {numbers:,} activations; at most"
            f" {MAX_ACTIVATIONS_PER_STEP:,} are allowed: use smaller batches or layers"
        )
    most = MAX_RECORDED // MIN_REFERENCE
    if _activations(layers) > most:
        raise ValueError(
            f"each point would leave {_activations(layers):,} activations to be looked at; at most"
            f" {most:,} are allowed: use fewer or smaller layers, or pool earlier"
        )
    if (seconds := forward_seconds(layers, n_test)) > MAX_SECONDS_OF_A_SET:
        raise ValueError(
            f"answering the {n_test:,} test points would take about {seconds:.1f} s at each look;"
            f" at most {MAX_SECONDS_OF_A_SET} s are allowed: use fewer or smaller layers, or a"
            " smaller test_fraction"
        )


def forward_seconds(layers: Layers, n_points: int) -> float:
    """One forward pass over so many points."""
    return n_points * (
        _multiplications(layers) / MULTIPLICATIONS_A_SECOND
        + _activations(layers) / ACTIVATIONS_A_SECOND
    )


def step_seconds(layers: Layers, batch_size: int) -> float:
    """One update."""
    return PASSES_OF_A_STEP * forward_seconds(layers, batch_size)


def snapshot_seconds(layers: Layers, n_train: int, n_test: int) -> float:
    """One look at everything: the points, the surface over a plane, the reference set."""
    n_measured = n_test + (train_sample(layers, n_train) or n_train)
    if layers[0].input_shape == (2,):
        n_measured += N_GRID**2
    recorded = reference_points(layers) * _activations(layers) / RECORDED_A_SECOND
    return forward_seconds(layers, n_measured) + recorded


def reference_points(layers: Layers) -> int:
    """How many training points the distributions are measured on, where there are so many."""
    return max(MIN_REFERENCE, min(N_REFERENCE, MAX_RECORDED // _activations(layers)))


def train_sample(layers: Layers, n_train: int) -> int | None:
    """How many training points stand for all, None where all are measured.

    The split draws the points' order, so that the first ones are a random sample, and always the
    same one. With 2,000 points the standard error of an accuracy is at most 1.1 %, with 256 3.2 %.
    """
    wished = max(MIN_SAMPLE, MAX_SAMPLE_MULTIPLICATIONS // max(1, _multiplications(layers)))
    affordable = int(MAX_SECONDS_OF_A_SET / forward_seconds(layers, 1))
    n = max(LEAST_SAMPLE, min(wished, affordable))
    return n if n < n_train else None


def _multiplications(layers: Layers) -> int:
    return sum(layer.n_multiplications for layer in layers)


def _activations(layers: Layers) -> int:
    return sum(layer.n_numbers for layer in layers)
