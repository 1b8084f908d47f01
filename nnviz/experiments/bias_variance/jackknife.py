"""Intervals from leaving out one replicate at a time (Quenouille 1956; Efron & Stein 1981).

Shapes: R replicates, N test points, B estimates at once; n stands for a block of the N points.
An estimate is a row of `kept_BR`: 1 for a replicate that it uses, 0 for one that is left out.
The same function of these rows gives the estimate itself (all kept) and the R estimates that
each miss one replicate.

The interval is estimate ± t · error, t the 99 % quantile of Student with R - 1 degrees of
freedom; a quantity that can't be negative has it on a logarithmic scale,
estimate · exp(± t · error / estimate). It aims at 95 % and promises 90 %: errors of a few
replicates are skewed, and with the 95 % quantile only 83 to 96 % hold the truth. Measured with
the 99 % quantile at R = 8, 16 and 64: a cubic on sin πx with fresh designs 95–97 % (variance)
and 95 % (risk), on one fixed design 98–99 %, spreads that differ log-normally between replicates
(σ = .5) 91–95 %, networks (squared loss, cross-entropy, Brier, Kohavi & Wolpert) 92–99 %; bias²
93–100 %. It fails where replicates that are too rare to be among the R carry the mean: 88 % for a
network of two units that now and then does not learn, 55–60 % for a polynomial of degree 5.
At a single point the error is that of fewer numbers: measured 93–99 % for the variance there, and
nothing is promised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from scipy.special import stdtrit

from nnviz.records import FloatArray

Terms = dict[str, FloatArray]
KeptTerms = Callable[..., Terms]
"""(kept_BR, …, points) -> the terms at those points, each of shape (B, n)."""
Ends = tuple[FloatArray, FloatArray]

LEAST_REPLICATES = 8
"""Fewer give no interval: NaN."""
AIM, PROMISE = 0.95, 0.90
UPPER = 0.995
BLOCK_NUMBERS = 1_000_000
"""Numbers held by one array of estimates at most: 8 MB."""


def parts_with_intervals(
    terms: KeptTerms,
    drawn: tuple[int, ...],
    n_points: int,
    *,
    positive: Mapping[str, float],
    signed: tuple[str, ...] = (),
    fixed: tuple[int, ...] = (),
    held: int = 1,
) -> dict[str, Any]:
    """Every term as `x` and `x_N`, with `x_low`, `x_high`, `x_low_N` and `x_high_N` where asked.

    Shapes: `terms(kept, …, points)` takes one array of kept rows for each number in `drawn` (axes
    whose members are left out in turn) and then in `fixed` (axes that stay whole); it gives
    arrays (B, n). `positive` are the terms that can't be negative, each with a part that is known
    and has no error (0 or the noise); `signed` may have either sign; other terms get no interval.
    With two drawn axes the squared errors add up, which errs on the wide side (Owen 2007).
    `held` is how many numbers a point of an estimate holds, which sets the block of points.
    """
    estimates = terms(*(np.ones((1, n)) for n in (*drawn, *fixed)), slice(None))
    fields: dict[str, Any] = {}
    for name, values_1N in estimates.items():
        fields[name], fields[f"{name}_N"] = float(values_1N.mean()), values_1N[0]
    errors = _errors(terms, drawn, fixed, n_points, (*positive, *signed), held)
    n_least = min(drawn)
    for name, (error, error_N) in errors.items():
        known = positive.get(name)
        ends = interval(np.array(fields[name]), error, n_least, known)
        fields[f"{name}_low"], fields[f"{name}_high"] = map(float, ends)
        ends_N = interval(fields[f"{name}_N"], error_N, n_least, known)
        fields[f"{name}_low_N"], fields[f"{name}_high_N"] = ends_N
    return fields


def interval(
    estimate: FloatArray, error: FloatArray, n_drawn: int, known: float | None = None
) -> Ends:
    """Low and high end around each estimate, of any shape; NaN for too few replicates.

    `known` is the part without error of a quantity that can't fall below it; None for a quantity
    of either sign. NaN also where nothing above the known part was seen: replicates that all
    agree say nothing of how they would differ.
    """
    if n_drawn < LEAST_REPLICATES:
        missing = np.full_like(estimate, np.nan, dtype=float)
        return missing, missing.copy()
    t = float(stdtrit(n_drawn - 1, UPPER))
    if known is None:
        return np.asarray(estimate - t * error), np.asarray(estimate + t * error)
    above = np.where(estimate > known, estimate - known, np.nan)
    with np.errstate(over="ignore"):
        factor = np.exp(t * error / above)
    return np.asarray(known + above / factor), np.asarray(known + above * factor)


def spread_of_left_out(values_RN: FloatArray) -> FloatArray:
    """Standard error from the R estimates that each miss one of R, shape (N,)."""
    R = len(values_RN)
    return np.asarray(np.sqrt((R - 1) * values_RN.var(axis=0)))


def _errors(
    terms: KeptTerms,
    drawn: tuple[int, ...],
    fixed: tuple[int, ...],
    n_points: int,
    names: tuple[str, ...],
    held: int,
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """The standard error of each term's mean over the points, and at each point."""
    square = dict.fromkeys(names, 0.0)
    square_N = {name: np.zeros(n_points) for name in names}
    if min(drawn) < LEAST_REPLICATES:
        return {name: (np.array(np.nan), np.full(n_points, np.nan)) for name in names}
    for axis, n_drawn in enumerate(drawn):
        kept = [np.ones((n_drawn, n)) for n in (*drawn, *fixed)]
        kept[axis] = 1.0 - np.eye(n_drawn)
        totals = {name: np.zeros(n_drawn) for name in names}
        for points in _blocks(n_points, max(1, BLOCK_NUMBERS // (n_drawn * held))):
            values = terms(*kept, points)
            for name in names:
                square_N[name][points] += spread_of_left_out(values[name]) ** 2
                totals[name] += values[name].sum(axis=1)
        for name in names:
            square[name] += float(spread_of_left_out(totals[name] / n_points) ** 2)
    return {name: (np.sqrt(np.array(square[name])), np.sqrt(square_N[name])) for name in names}


def _blocks(n_points: int, block: int) -> Iterator[slice]:
    for start in range(0, n_points, block):
        yield slice(start, min(start + block, n_points))
