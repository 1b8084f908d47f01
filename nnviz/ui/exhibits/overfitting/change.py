"""Means over seeds, and paired changes, in words: no more than the seeds can tell."""

from __future__ import annotations

import numpy as np

from nnviz.records import FloatArray
from nnviz.ui.exhibits.words import full


def change_words(name: str, mean: float, low: float, high: float) -> str:
    """A clause: "a lower test loss", "no difference in accuracy that these seeds can tell".

    `low` and `high` are the ends of the interval of the mean change, infinite for few seeds.
    """
    if not np.isfinite(low) or not np.isfinite(high):
        return f"too few seeds to tell about the {name}"
    numbers = full(f" ({mean:+.3g}, from {low:+.3g} to {high:+.3g})")
    if low <= 0 <= high:
        return f"no difference in {name} that these seeds can tell{numbers}"
    return f"a {'lower' if high < 0 else 'higher'} {name}{numbers}"


def mean_told(values_S: FloatArray) -> str:
    """A mean over seeds; its standard error for the full numbers."""
    known = values_S[np.isfinite(values_S)]
    if len(known) < 2:
        return "not known"
    error = known.std(ddof=1) / np.sqrt(len(known))
    return f"{known.mean():.3g}" + full(f" ± {error:.1g}")
