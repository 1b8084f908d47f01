"""A sum as it is shown: its largest terms, and how many others are what together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from nnviz.experiments.update.records import Line, Term

MAX_TERMS = 6


def summed(
    line: Line,
    factors: Sequence[Tensor],
    named: Callable[[int], tuple[str, int]],
    first: int | None = None,
    last: tuple[Term, ...] = (),
) -> Line:
    """The line with the terms of Σ ∏ factors, each factor (K,); term `first` stands first.

    `named` says what a term is called, and which unit it comes from; `last` are added to the sum.
    """
    product_K = torch.ones_like(factors[0], dtype=torch.float64)
    for factor_K in factors:
        product_K = product_K * factor_K.double()
    size_K = product_K.abs()
    if first is not None:
        size_K[first] = torch.inf
    chosen = size_K.argsort(descending=True, stable=True)[:MAX_TERMS].tolist()
    terms = tuple(
        Term(label, tuple(float(f[k]) for f in factors), float(product_K[k]), unit)
        for k in chosen
        for label, unit in [named(k)]
    )
    product_K[chosen] = 0
    n_more = len(product_K) - len(chosen)
    return replace(line, terms=(*terms, *last), n_more=n_more, rest=float(product_K.sum()))
