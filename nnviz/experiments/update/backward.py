"""The unit's way back as arithmetic: ∂L/∂ of what it gives, φ′, ∂L/∂z, ∂L/∂w.

Shapes: B samples of the batch, K units of the next block with weights, P positions of a unit.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor

from nnviz.blocks.residual import Residual
from nnviz.experiments.update.looked import Looked, cells, gradient
from nnviz.experiments.update.naming import SYMBOLS, source, unit_name
from nnviz.experiments.update.normalizing import shared
from nnviz.experiments.update.records import Line, Term
from nnviz.experiments.update.sums import summed
from nnviz.experiments.update.taken import BlockPass, PartPass, Taken

LEARNED = {"weight": "∂L/∂w", "bias": "∂L/∂b", "gamma": "∂L/∂γ", "beta": "∂L/∂β", "slope": "∂L/∂α"}


def backward_lines(taken: Taken, looked: Looked) -> tuple[Line, ...]:
    """From the gradient that arrives to the gradient of the parameter."""
    around = looked.block.around
    symbols = ["z", *(SYMBOLS[part.name] for part in around)]
    lines = [_arriving(taken, looked, symbols[-1])]
    for part, (given, result) in zip(around[::-1], [*pairwise(symbols)][::-1], strict=True):
        if part.name == "normalization":
            lines.append(_through_norm(looked, part, given, result))
        else:
            lines += _through(looked, part, given, result)
    return (*lines, _learned(taken, looked))


def _arriving(taken: Taken, looked: Looked, symbol: str) -> Line:
    output = looked.block.parts[-1].result
    value, symbol = looked.backward(output), f"∂L/∂{symbol}"
    found = following(taken, looked.block)
    if found is None:
        words = "from the loss" if looked.sample is not None else "from the loss, all samples"
        return Line(symbol, words, value)
    behind, way, is_sum = found
    slopes_BKP = _slopes(way, looked)
    delta_BKP = cells(gradient(behind.result)).double()
    product_BK = (slopes_BKP * delta_BKP).sum(2)
    own_K = product_BK.sum(0) if looked.sample is None else product_BK[looked.sample]
    factors: tuple[Tensor, ...] = (own_K,)
    if slopes_BKP.shape[2] == 1:
        weights_BK, delta_BK = slopes_BKP[..., 0], delta_BKP[..., 0]
        n = slice(None) if looked.sample is None else slice(looked.sample, looked.sample + 1)
        if bool((weights_BK[n] == weights_BK[n][:1]).all()):
            factors = (weights_BK[n][0], delta_BK[n].sum(0))
    block = next(b.name for b in taken.blocks if behind in b.parts)
    formula = f"Σ w·∂L/∂z of {block}"
    last: tuple[Term, ...] = ()
    if is_sum:
        past = value - float(own_K.sum())
        formula, last = f"{formula} + shortcut", (Term("past them: the shortcut", (past,), past),)
    line = Line(symbol, formula, value)
    return summed(line, factors, lambda unit: (unit_name(taken, block, unit), unit), last=last)


def following(taken: Taken, block: BlockPass) -> tuple[PartPass, list[PartPass], bool] | None:
    """The next part with weights, the parts on the way to it, and whether another way leads on."""
    place = taken.blocks.index(block)
    way: list[PartPass] = []
    is_sum = False
    for later in taken.blocks[place + 1 :]:
        is_sum |= isinstance(later.block, Residual) or _begins_residual(later, block)
        for part in later.parts:
            way.append(part)
            if part is later.learned:
                return part, way, is_sum
    return None


def _begins_residual(later: BlockPass, block: BlockPass) -> bool:
    """Whether a shortcut leads past what follows."""
    outer, _, _ = later.name.rpartition(".")
    return bool(outer) and not block.name.startswith(f"{outer}.")


def _slopes(way: list[PartPass], looked: Looked) -> Tensor:
    """∂z/∂(what the unit gives at its position) for every next z, (B, K, P'), by autograd.

    What is given is linear in v, so that the slope of the gradient along v is the derivative.
    """
    start = looked.block.parts[-1].result.detach().requires_grad_()
    values = start
    with torch.enable_grad():
        for part in way:  # a shortcut may have added something on the way
            given = part.given.detach()
            values = part.module(values + (given - values.detach().reshape(given.shape)))
        v = torch.zeros_like(values, requires_grad=True)
        (back,) = torch.autograd.grad(values, start, v, create_graph=True)
        own_B = back.reshape(*back.shape[:2], -1)[:, looked.unit, looked.position]
        (slopes,) = torch.autograd.grad(own_B.sum(), v)
    return cells(slopes).double()


def _through(looked: Looked, part: PartPass, given: str, result: str) -> list[Line]:
    slope, arrives = looked.slope(part), looked.backward(part.result)
    value, symbol = looked.backward(part.given), f"∂L/∂{given}"
    words = f"φ′({given})" if part.name == "activation" else "mask"
    formula = f"{words}·∂L/∂{result}"
    if slope is None:
        return [Line(symbol, f"Σ {formula} over the batch", value)]
    numbers, values = "{} · {}", (slope, arrives)
    if part.name != "activation" or looked.sample is None:
        return [Line(symbol, formula, value, numbers, values)]
    settings = looked.block.shape.settings
    name = settings.activation.replace("_", " ") if settings else "φ"
    at = looked.forward(part.given)
    return [
        Line("φ′", f"slope of {name} at {given}", slope, f"{name}′({{}})", (at,)),
        Line(symbol, formula, value, numbers, values),
    ]


def _through_norm(looked: Looked, part: PartPass, given: str, result: str) -> Line:
    value, symbol = looked.backward(part.given), f"∂L/∂{given}"
    if looked.sample is None:
        return Line(symbol, "through the normalization, all samples", value)
    own = shared(looked, part, looked.sample)
    hat = "ẑ" if given == "z" else "â"
    g = f"γ·∂L/∂{result}" if own.beta is not None else f"∂L/∂{result}"
    return Line(
        symbol,
        f"({g} − its mean − {hat}·mean({g}·{hat})) / √(σ² + ε)",
        value,
        "({} − {} − {} · {}) / {}",
        (
            own.gamma * own.slope, own.mean_slope, own.normal, own.mean_product,
            math.sqrt(own.variance + own.eps),
        ),
        f"means over {own.words}",
    )  # fmt: skip


def _learned(taken: Taken, looked: Looked) -> Line:
    """The parameter's gradient: the whole batch's, the sample's own part first."""
    symbol, value = LEARNED[looked.of], looked.number(taken.raw, looked.of, looked.source)
    if looked.of == "slope":
        return Line(symbol, "Σ ∂L/∂a·∂a/∂α over all units and samples", value)
    slopes_BP, given_BP, formula = _factors(looked)
    n = len(slopes_BP)
    named = f"Σ over {n} samples" + (" and all positions" if slopes_BP.shape[1] > 1 else "")
    line = Line(symbol, f"{named} of {formula}", value, note=_times(taken, looked))
    factors: tuple[Tensor, ...] = ((slopes_BP * given_BP).sum(1),)
    if slopes_BP.shape[1] == 1:
        factors = (slopes_BP[:, 0],) if looked.of in ("bias", "beta") else (
            slopes_BP[:, 0], given_BP[:, 0],
        )  # fmt: skip
    return summed(line, factors, lambda sample: (f"sample {sample + 1}", -1), looked.sample)


def _times(taken: Taken, looked: Looked) -> str:
    return f"x: {source(taken, looked, looked.source)[0]}" if looked.of == "weight" else ""


def _factors(looked: Looked) -> tuple[Tensor, Tensor, str]:
    """What is multiplied and summed for the parameter, (B, P) each, and in words."""
    delta_BP = cells(gradient(looked.learned.result))[:, looked.unit].double()
    if looked.of == "weight":
        return delta_BP, looked.inputs_everywhere(looked.source).double(), "∂L/∂z·x"
    if looked.of == "bias":
        return delta_BP, torch.ones_like(delta_BP), "∂L/∂z"
    part = next(part for part in looked.block.around if part.name == "normalization")
    slopes_BP = cells(gradient(part.result))[:, looked.unit].double()
    if looked.parameter_of(looked.of).dim() > 1:  # one for each position
        slopes_BP = slopes_BP[:, looked.position : looked.position + 1]
    if looked.of == "beta":
        return slopes_BP, torch.ones_like(slopes_BP), "∂L/∂y"
    gamma, beta = looked.parameter_of("gamma"), looked.parameter_of("beta")
    normal = _without(part.module, part.given, gamma, beta)
    normal_BP = cells(normal)[:, looked.unit].double()
    if gamma.dim() > 1:
        normal_BP = normal_BP[:, looked.position : looked.position + 1]
    return slopes_BP, normal_BP, "∂L/∂y·ẑ"


def _without(module: torch.nn.Module, given: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """What the normalization gives with γ = 1 and β = 0: autograd's own factor of γ."""
    ones = {"weight": torch.ones_like(gamma), "bias": torch.zeros_like(beta)}
    buffers = {name: buffer.clone() for name, buffer in module.named_buffers()}
    with torch.no_grad():
        found: Tensor = torch.func.functional_call(module, {**ones, **buffers}, (given.detach(),))
    return found
