"""Shapes that a curve may have, for a reader who guesses before measuring.

Shapes: V values of an axis.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnviz.records import FloatArray

EXPECTED_SHAPES: dict[str, tuple[str, Callable[[FloatArray], FloatArray]]] = {
    "falls": ("↘ falls", lambda u: np.exp(-3 * u)),
    "rises": ("↗ rises", lambda u: np.exp(3 * u)),
    "valley": ("∪ falls, then rises", lambda u: (u - 0.4) ** 2),
    "hill": ("∩ rises, then falls", lambda u: -((u - 0.4) ** 2)),
    "double": (
        "∪∩ valley, peak, falls again",
        lambda u: 0.8 * np.exp(-6 * u) + np.exp(-(((u - 0.5) / 0.09) ** 2)) + 0.1 * (1 - u),
    ),
    "flat": ("→ stays", lambda u: np.zeros_like(u)),
}
"""Name → how it is offered, and its course over 0 … 1."""


def expected_shape(name: str, n_values: int) -> FloatArray:
    """A shape at evenly spread places, from 0 to 1; a flat one lies at one half."""
    u_V = np.linspace(0, 1, n_values)
    course_V = EXPECTED_SHAPES[name][1](u_V)
    span = float(np.ptp(course_V))
    return (course_V - course_V.min()) / span if span else np.full(n_values, 0.5)
