"""The unit's way forward as arithmetic: its sum, normalization, activation, dropout."""

from __future__ import annotations

import math

from nnviz.experiments.update.looked import Looked
from nnviz.experiments.update.naming import SYMBOLS, feeds, source
from nnviz.experiments.update.normalizing import shared, uses_batch
from nnviz.experiments.update.records import Line, Term
from nnviz.experiments.update.sums import summed
from nnviz.experiments.update.taken import PartPass, Taken


def forward_lines(taken: Taken, looked: Looked) -> tuple[Line, ...]:
    """From what the weights multiply to what goes on to the next block."""
    lines, given = [_sum(taken, looked)], "z"
    for part in looked.block.around:
        symbol = SYMBOLS[part.name]
        if part.name == "normalization":
            lines += _normalized(looked, part, given, symbol)
        elif part.name == "activation":
            lines.append(_activated(looked, part, given, symbol))
        else:
            lines.append(_dropped(looked, part, given, symbol))
        given = symbol
    return tuple(lines)


def _sum(taken: Taken, looked: Looked) -> Line:
    bias: tuple[Term, ...] = ()
    if "bias" in looked.kinds:
        own = looked.number(taken.before, "bias", 0)
        bias = (Term("bias b", (own,), own),)
    before = feeds(taken, looked)
    given = "the input" if before == "input" else f"what {before} gives"
    note = f"x: {given}" + (", mean over the batch" if looked.sample is None else "")
    formula = "Σ w·x + b" if bias else "Σ w·x"
    line = Line("z", formula, looked.forward(looked.learned.result), note=note)
    factors = (looked.own_weights, looked.inputs_here())
    return summed(line, factors, lambda weight: source(taken, looked, weight), last=bias)


def _normalized(looked: Looked, part: PartPass, given: str, symbol: str) -> list[Line]:
    value = looked.forward(part.result)
    if looked.sample is None and not uses_batch(part):
        return [Line(symbol, "mean over the batch", value, note="each sample has its own μ and σ²")]
    own = shared(looked, part, looked.sample or 0)
    words = f"of {own.n} numbers: {own.words}"
    lines = [
        Line("μ", f"mean of {given}", own.mean, note=words),
        Line("σ²", f"variance of {given}", own.variance, note=words),
    ]
    x = looked.forward(part.given)
    normal = (x - own.mean) / math.sqrt(own.variance + own.eps)
    hat = "ẑ" if given == "z" else "â"
    numbers = "({} − {}) / √({} + {})"
    values: tuple[float, ...] = (x, own.mean, own.variance, own.eps)
    if own.beta is None:
        return [*lines, Line(symbol, f"({given} − μ) / √(σ² + ε)", value, numbers, values)]
    lines.append(Line(hat, f"({given} − μ) / √(σ² + ε)", normal, numbers, values))
    numbers, values = "{} · {} + {}", (own.gamma, normal, own.beta)
    return [*lines, Line(symbol, f"γ·{hat} + β", value, numbers, values)]


def _activated(looked: Looked, part: PartPass, given: str, symbol: str) -> Line:
    settings = looked.block.shape.settings
    name = settings.activation.replace("_", " ") if settings else "φ"
    value, x = looked.forward(part.result), looked.forward(part.given)
    if looked.sample is None:
        note = f"φ of each sample's {given}, not of the mean"
        return Line(symbol, f"mean of {name}({given})", value, note=note)
    return Line(symbol, f"{name}({given})", value, f"{name}({{}})", (x,))


def _dropped(looked: Looked, part: PartPass, given: str, symbol: str) -> Line:
    value, factor = looked.forward(part.result), looked.slope(part)
    if looked.sample is None or factor is None:
        return Line(symbol, f"mean of mask · {given}", value, note="each sample has its own mask")
    x = looked.forward(part.given)
    if part.name == "switches":
        word = "switched off by hand" if factor == 0 else "not switched off"
    else:
        word = "dropped in this update" if factor == 0 else "kept, and scaled up for the dropped"
    shift = value - factor * x
    if abs(shift) > 1e-6 * max(abs(value), 1.0):
        return Line(
            symbol, f"mask·{given} + shift", value, "{} · {} + {}", (factor, x, shift), word
        )
    return Line(symbol, f"mask·{given}", value, "{} · {}", (factor, x), word)
