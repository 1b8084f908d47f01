"""The network of one update as columns and edges of a drawing, and what changed of a unit.

Shapes: U units of a column; P positions of a unit; T, F units that an edge goes to and comes from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.experiments.update.backward import following
from nnviz.experiments.update.looked import Looked, gradient
from nnviz.experiments.update.naming import feeds, source, unit_name
from nnviz.experiments.update.records import Changed, Column, Edges, Line, ParameterKind, Phase
from nnviz.experiments.update.taken import BlockPass, Taken
from nnviz.records import FloatArray

MAX_UNITS = 12
MAX_SIDE = 32
"""Positions of a drawn unit a side; larger maps are drawn coarser."""
MAX_CHANGED = 5


def columns(
    taken: Taken, looked: Looked, lines: Mapping[Phase, Sequence[Line]]
) -> tuple[Column, ...]:
    """The input and every block, from left to right; blocks that only flatten are left out."""
    wanted = _wanted(taken, looked, lines)
    found = [_column(taken, looked, "input", "", taken.x, taken.x, False, wanted)]
    for block in taken.blocks:
        if block.shape.kind == "flatten":
            continue
        learned = block.learned
        slopes = block.output if learned is None else learned.result
        words = caption(block)
        values = block.output
        found.append(
            _column(taken, looked, block.name, words, values, slopes, learned is not None, wanted)
        )
    return tuple(found)


def _wanted(
    taken: Taken, looked: Looked, lines: Mapping[Phase, Sequence[Line]]
) -> dict[str, list[int]]:
    """Units that are always drawn, by block: the chosen one, and those of its largest terms."""
    _, from_unit = source(taken, looked, looked.source)
    found = {looked.block.name: [looked.unit]}
    found[feeds(taken, looked)] = [from_unit, *(term.unit for term in lines["forward"][0].terms)]
    if (behind := following(taken, looked.block)) is not None:
        name = next(block.name for block in taken.blocks if behind[0] in block.parts)
        found[name] = [term.unit for term in lines["backward"][0].terms]
    return found


def _drawn(n_units: int, wanted: Sequence[int]) -> list[int]:
    """The first units, the last of them giving way to wanted ones."""
    first = [*range(min(n_units, MAX_UNITS))]
    missing = {unit for unit in wanted if unit >= len(first)}
    kept = [unit for unit in reversed(first) if unit not in wanted][len(missing) :]
    return sorted({*kept, *missing, *(unit for unit in first if unit in wanted)})


def caption(block: BlockPass) -> str:
    """What stands behind the weights: "batch norm → relu"."""
    settings = block.shape.settings
    if settings is None:
        return "" if block.shape.kind in ("output", "residual") else block.shape.kind
    words = {
        "normalization": f"{settings.normalization} norm",
        "activation": settings.activation.replace("_", " "),
        "dropout": f"dropout {settings.dropout:g}",
    }
    return " → ".join(words[part.name] for part in block.around if part.name in words)


def _column(
    taken: Taken,
    looked: Looked,
    name: str,
    words: str,
    values: Tensor,
    slopes: Tensor,
    learns: bool,
    wanted: Mapping[str, Sequence[int]],
) -> Column:
    n_units = values.shape[1]
    units = _drawn(n_units, wanted.get(name, ()))
    names = tuple(unit_name(taken, name, unit) for unit in units)
    is_own = name == looked.block.name
    shown = _of(looked, values, units, torch.mean, is_own)
    back = _of(looked, gradient(slopes), units, torch.sum, is_own)
    return Column(
        name, words, learns, n_units, tuple(units), names, shown.shape[1:],
        shown.reshape(len(units), -1), back.reshape(len(units), -1),
    )  # fmt: skip


def _of(
    looked: Looked,
    values: Tensor,
    units: list[int],
    over_batch: Callable[[Tensor, int], Tensor],
    is_own: bool,
) -> FloatArray:
    """(units, …positions) of the sample, or over the batch, coarse enough to be sent."""
    chosen = values.detach()[:, units].double()
    own = over_batch(chosen, 0) if looked.sample is None else chosen[looked.sample]
    if own.dim() == 4:  # of a volume the slice that is looked at, else the middle one
        own = own[:, looked.at[0] if is_own else own.shape[1] // 2]
    strides = (slice(None), *(slice(None, None, math.ceil(n / MAX_SIDE)) for n in own.shape[1:]))
    return own[strides].cpu().numpy()


def spot(looked: Looked) -> int:
    """Where in the drawn map of the unit its position is, counted over rows."""
    sizes, at = looked.learned.result.shape[2:][-2:], looked.at[-2:]
    index = 0
    for n, place in zip(sizes, at, strict=True):
        stride = math.ceil(n / MAX_SIDE)
        index = index * math.ceil(n / stride) + place // stride
    return index


def edges(taken: Taken, drawn: tuple[Column, ...]) -> tuple[Edges, ...]:
    """The weights between neighbouring columns whose weights can be drawn one by one."""
    blocks = {block.name: block for block in taken.blocks}
    return tuple(
        found
        for place, (left, right) in enumerate(pairwise(drawn), 1)
        for found in _edges(taken, place, left, right, blocks[right.name])
    )


def _edges(
    taken: Taken, place: int, left: Column, right: Column, block: BlockPass
) -> Iterator[Edges]:
    learned = block.learned
    if learned is None:
        return
    weight = learned.module.get_parameter("weight")
    if weight.shape[1] != left.n_units or (isinstance(learned.module, nn.Linear) and left.shape):
        return
    grid = np.ix_(right.units, left.units)
    kernels = weight.dim() > 2

    def shown(flat: Tensor) -> FloatArray:
        own = taken.of(flat, weight).double()
        return (own.flatten(2).norm(dim=2) if kernels else own).cpu().numpy()[grid]

    yield Edges(place, kernels, shown(taken.before), shown(taken.after), shown(taken.raw))


def changed(taken: Taken, looked: Looked) -> tuple[Changed, ...]:
    """The unit's parameters: the weights of the largest gradients, the chosen one, all others."""
    slopes_F = taken.of(taken.raw, looked.parameter_of("weight"))[looked.unit].flatten()
    order = slopes_F.abs().argsort(descending=True, stable=True)[:MAX_CHANGED].tolist()
    if looked.of == "weight" and looked.source not in order:
        order = [looked.source, *order[:-1]]
    rows: list[tuple[ParameterKind, int, str]] = [
        ("weight", weight, f"w from {source(taken, looked, weight)[0]}") for weight in order
    ]
    words = {"bias": "b", "gamma": "γ", "beta": "β", "slope": "α"}
    rows += [(kind, 0, words[kind]) for kind in looked.kinds if kind != "weight"]
    return tuple(_changed(taken, looked, *row) for row in rows)


def _changed(taken: Taken, looked: Looked, kind: ParameterKind, index: int, label: str) -> Changed:
    raw, before, after = (
        looked.number(flat, kind, index) for flat in (taken.raw, taken.before, taken.after)
    )
    return Changed(label, kind, index, raw, before, after)
