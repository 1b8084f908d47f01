"""The optimizer's own arithmetic for one number, line by line, from its own memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from nnviz.experiments.update.looked import Looked
from nnviz.experiments.update.records import Line
from nnviz.experiments.update.taken import Taken
from nnviz.spec.by_hand import in_force
from nnviz.spec.training import ROOM_OF_CLIPPING, OptimizerSpec


@dataclass(frozen=True)
class Stepped:
    """One number of the update: the gradient that is used, the optimizer's memory of it, the rate.

    Memories are 0 where the optimizer had none yet.
    """

    asked: OptimizerSpec
    symbol: str
    gradient: float
    before: float
    after: float
    memory: Mapping[str, float]
    memory_after: Mapping[str, float]
    rate: float
    group: Mapping[str, Any]
    """What torch's optimizer was made with."""

    @property
    def epsilon(self) -> float:
        """ε below the fraction line."""
        return float(self.group["eps"])


def update_lines(taken: Taken, looked: Looked) -> tuple[Line, ...]:
    """From the gradient to the new value."""
    raw = looked.number(taken.raw, looked.of, looked.source)
    used = looked.number(taken.used, looked.of, looked.source)
    before = looked.number(taken.before, looked.of, looked.source)
    symbol = {"weight": "w", "bias": "b", "gamma": "γ", "beta": "β", "slope": "α"}[looked.of]
    if is_frozen(taken, looked):
        kept = Line(f"new {symbol}", f"{symbol}: frozen by hand", before, "{}", (before,))
        return Line("g", f"∂L/∂{symbol}", raw), kept
    lines = _penalized(taken, looked, raw, before, symbol)
    stepped = Stepped(
        taken.spec.training.optimizer,
        symbol,
        used,
        before,
        looked.number(taken.after, looked.of, looked.source),
        _memory(taken, looked, taken.memory),
        _memory(taken, looked, taken.memory_after),
        taken.rate,
        taken.trainer.optimizer.param_groups[0],
    )
    return (*lines, *OPTIMIZERS[stepped.asked.name](stepped))


def is_frozen(taken: Taken, looked: Looked) -> bool:
    """Whether the layer, or the one that holds it, was frozen by hand."""
    frozen = in_force(taken.spec.training.by_hand, taken.step).frozen
    return any(f"{looked.block.name}.".startswith(f"{name}.") for name in frozen)


def _memory(taken: Taken, looked: Looked, memory: Mapping[str, Tensor]) -> dict[str, float]:
    return {
        name: float(tensor)
        if tensor.dim() == 0
        else looked.number(tensor, looked.of, looked.source)
        for name, tensor in memory.items()
    }


def _penalized(taken: Taken, looked: Looked, raw: float, before: float, symbol: str) -> list[Line]:
    """L1 added, then clipped: g, which the optimizer gets."""
    training, lines = taken.spec.training, [Line("g", f"∂L/∂{symbol}", raw)]
    l1 = training.l1 if looked.parameter_of(looked.of).dim() > 1 else 0.0
    whole = taken.raw
    if training.l1:
        penalized = taken.trainer._parameters.penalized
        whole = whole + training.l1 * taken.before.sign() * penalized
    if l1:
        sign = float((before > 0) - (before < 0))
        value = looked.number(whole, looked.of, looked.source)
        words = (f"g + λ₁·sign({symbol})", value, "{} + {} · {}", (raw, l1, sign), "L1 penalty")
        lines.append(Line("g", *words))
    if training.clip_norm:
        moved = taken.used != 0  # what is frozen by hand does not count
        norm = float((whole * moved).double().norm())
        factor = min(1.0, training.clip_norm / (norm + ROOM_OF_CLIPPING))
        used = looked.number(taken.used, looked.of, looked.source)
        note = f"the whole gradient has norm {norm:.3g}; {training.clip_norm:g} is allowed"
        lines.append(Line("g", "clipping · g", used, "{} · {}", (factor, lines[-1].value), note))
    return lines


def _decayed(s: Stepped) -> tuple[list[Line], float, str]:
    """L2 as the optimizer has it: added to the gradient."""
    decay = s.asked.weight_decay
    if not decay:
        return [], s.gradient, "g"
    value = s.gradient + decay * s.before
    values = (s.gradient, decay, s.before)
    return (
        [Line("d", f"g + λ·{s.symbol}", value, "{} + {} · {}", values, "weight decay")],
        value,
        "d",
    )


def _sgd(s: Stepped) -> list[Line]:
    lines, along, word = _decayed(s)
    momentum = s.asked.arguments["momentum"]
    if momentum:
        before = s.memory.get("momentum_buffer")
        after = s.memory_after["momentum_buffer"]
        if before is None:
            lines.append(Line("v", word, after, note="the first update: no momentum yet"))
        else:
            values = (momentum, before, along)
            lines.append(Line("v", f"μ·v + {word}", after, "{} · {} + {}", values, "momentum"))
        if s.asked.arguments["nesterov"]:
            ahead = along + momentum * after
            values = (along, momentum, after)
            lines.append(Line("n", f"{word} + μ·v", ahead, "{} + {} · {}", values, "Nesterov"))
            along, word = ahead, "n"
        else:
            along, word = after, "v"
    return [*lines, _new(s, f"{s.symbol} − η·{word}", "{} − {} · {}", (s.before, s.rate, along))]


def _adam(s: Stepped) -> list[Line]:
    lines, along, word = _decayed(s)
    return [*lines, *_moments(s, along, word), *_adam_new(s, s.before)]


def _adamw(s: Stepped) -> list[Line]:
    lines, shrunk = [], s.before
    if decay := s.asked.weight_decay:
        shrunk = s.before * (1 - s.rate * decay)
        values = (s.before, s.rate, decay)
        formula = f"{s.symbol}·(1 − η·λ)"
        lines.append(Line(s.symbol, formula, shrunk, "{} · (1 − {} · {})", values, "weight decay"))
    return [*lines, *_moments(s, s.gradient, "g"), *_adam_new(s, shrunk)]


def _moments(s: Stepped, along: float, word: str) -> list[Line]:
    beta1, beta2 = s.asked.arguments["beta1"], s.asked.arguments["beta2"]
    m, v = s.memory.get("exp_avg", 0.0), s.memory.get("exp_avg_sq", 0.0)
    m_new, v_new = s.memory_after["exp_avg"], s.memory_after["exp_avg_sq"]
    t = s.memory_after["step"]
    first, second = (beta1, m, 1 - beta1, along), (beta2, v, 1 - beta2, along)
    numbers = "{} · {} + {} · {}"
    return [
        Line("m", f"β₁·m + (1 − β₁)·{word}", m_new, numbers, first),
        Line("v", f"β₂·v + (1 − β₂)·{word}²", v_new, f"{numbers}²", second),
        Line("m̂", "m / (1 − β₁ᵗ)", m_new / (1 - beta1**t), "{} / {}", (m_new, 1 - beta1**t)),
        Line("v̂", "v / (1 − β₂ᵗ)", v_new / (1 - beta2**t), "{} / {}", (v_new, 1 - beta2**t)),
    ]


def _adam_new(s: Stepped, start: float) -> list[Line]:
    t, arguments = s.memory_after["step"], s.asked.arguments
    m_hat = s.memory_after["exp_avg"] / (1 - arguments["beta1"] ** t)
    v_hat = s.memory_after["exp_avg_sq"] / (1 - arguments["beta2"] ** t)
    formula = f"{s.symbol} − η·m̂ / (√v̂ + ε)"
    return [_new(s, formula, "{} − {} · {} / (√{} + {})", (start, s.rate, m_hat, v_hat, s.epsilon))]


def _rmsprop(s: Stepped) -> list[Line]:
    lines, along, word = _decayed(s)
    keep = float(s.group["alpha"])
    v, v_new = s.memory.get("square_avg", 0.0), s.memory_after["square_avg"]
    values: tuple[float, ...] = (keep, v, 1 - keep, along)
    lines.append(Line("v", f"α·v + (1 − α)·{word}²", v_new, "{} · {} + {} · {}²", values))
    scaled = along / (math.sqrt(v_new) + s.epsilon)
    momentum = s.asked.arguments["momentum"]
    if not momentum:
        values = (s.before, s.rate, along, v_new, s.epsilon)
        formula = f"{s.symbol} − η·{word} / (√v + ε)"
        return [*lines, _new(s, formula, "{} − {} · {} / (√{} + {})", values)]
    before, after = s.memory.get("momentum_buffer", 0.0), s.memory_after["momentum_buffer"]
    u = Line("u", f"{word} / (√v + ε)", scaled, "{} / (√{} + {})", (along, v_new, s.epsilon))
    moved = Line("n", "μ·n + u", after, "{} · {} + {}", (momentum, before, scaled), "momentum")
    new = _new(s, f"{s.symbol} − η·n", "{} − {} · {}", (s.before, s.rate, after))
    return [*lines, u, moved, new]


def _adagrad(s: Stepped) -> list[Line]:
    lines, along, word = _decayed(s)
    total, total_new = s.memory.get("sum", 0.0), s.memory_after["sum"]
    lines.append(Line("v", f"v + {word}²", total_new, "{} + {}²", (total, along)))
    values = (s.before, s.rate, along, total_new, s.epsilon)
    formula = f"{s.symbol} − η·{word} / (√v + ε)"
    return [*lines, _new(s, formula, "{} − {} · {} / (√{} + {})", values)]


def _new(s: Stepped, formula: str, numbers: str, values: tuple[float, ...]) -> Line:
    return Line(f"new {s.symbol}", formula, s.after, numbers, values, f"η = {s.rate:.4g}")


OPTIMIZERS: dict[str, Callable[[Stepped], list[Line]]] = {
    "sgd": _sgd,
    "adam": _adam,
    "adamw": _adamw,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
}
