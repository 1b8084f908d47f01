"""Standard errors by the bootstrap over replicates (Efron 1979), as matrix products.

Shapes: R replicates, N test points, B resamples; n stands for a block of the N points.
A resample is a row of `counts_BR`: how often each replicate was drawn, R in all. The same
function of the counts gives the estimate itself (every count 1) and its resampled values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nnviz.experiments.bias_variance.checks import whole_number
from nnviz.records import FloatArray

Seed = int | np.random.Generator
Terms = dict[str, FloatArray]
ResampledTerms = Callable[..., Terms]
"""(counts_BR, …, points) -> the terms at those points, each of shape (B, n)."""

N_RESAMPLES = 200
BLOCK_NUMBERS = 1_000_000
"""Numbers held by one resampled array at most: 8 MB."""


def draw_counts(generator: np.random.Generator, n_resamples: int, n_drawn: int) -> FloatArray:
    """How often each of `n_drawn` replicates appears in each resample, shape (B, R)."""
    shares_R = np.full(n_drawn, 1.0 / n_drawn)
    return generator.multinomial(n_drawn, shares_R, size=n_resamples).astype(np.float64)


def _blocks(n_points: int, block: int) -> Iterator[slice]:
    for start in range(0, n_points, block):
        yield slice(start, min(start + block, n_points))


def _deviation(values: FloatArray, n_drawn: int) -> FloatArray:
    """Standard deviation over resamples, times sqrt(R / (R - 1)).

    The factor makes the squared error of a mean of R replicates right on average at any R
    (a plain bootstrap has (R - 1) / R of it, which matters at R = 5).
    """
    spread: FloatArray = values.std(axis=0, ddof=1)
    return np.asarray(spread * np.sqrt(n_drawn / (n_drawn - 1)))


def estimates_with_errors(
    terms: ResampledTerms,
    drawn: tuple[int, ...],
    n_points: int,
    n_resamples: int,
    seed: Seed,
    held: int = 1,
    fixed: tuple[int, ...] = (),
) -> dict[str, Any]:
    """Every term as `x`, `x_N`, `x_se` and `x_se_N`: the fields of a record.

    Shapes: `terms(counts, …, points)` takes one counts array for each number in `drawn` (axes
    that are resampled) and then in `fixed` (axes that are not), and gives arrays (B, n).
    `held` is how many numbers a resampled point holds, which sets the block of points.
    Errors: ValueError for one resample, which has no spread; 0 gives NaN standard errors.
    """
    if whole_number(n_resamples, "n_resamples", 0) == 1:
        raise ValueError("n_resamples must be 0 (no standard errors) or at least 2; got 1")
    estimates = terms(*(np.ones((1, n)) for n in (*drawn, *fixed)), slice(None))
    fields: dict[str, Any] = {}
    for name, values_1N in estimates.items():
        fields[name], fields[f"{name}_N"] = float(values_1N.mean()), values_1N[0]
        fields[f"{name}_se"], fields[f"{name}_se_N"] = float("nan"), np.full(n_points, np.nan)
    if n_resamples == 0:
        return fields
    generator = np.random.default_rng(seed)
    counts = [draw_counts(generator, n_resamples, n) for n in drawn]
    counts += [np.ones((n_resamples, n)) for n in fixed]
    totals = {name: np.zeros(n_resamples) for name in estimates}
    for points in _blocks(n_points, max(1, BLOCK_NUMBERS // (n_resamples * held))):
        for name, values_Bn in terms(*counts, points).items():
            fields[f"{name}_se_N"][points] = _deviation(values_Bn, min(drawn))
            totals[name] += values_Bn.sum(axis=1)
    for name, total_B in totals.items():
        fields[f"{name}_se"] = float(_deviation(total_B / n_points, min(drawn)))
    return fields
