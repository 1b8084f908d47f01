"""Numbers of any size as the sentences of this page write them."""

from __future__ import annotations

from math import floor, log10

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def sized(value: float) -> str:
    """Two or three digits: 0.33, 57.6, 8080, 4.2·10⁻⁶."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    exponent = floor(log10(abs(value)))
    return f"{value / 10.0**exponent:.1f}·10" + str(exponent).translate(_RAISED)
