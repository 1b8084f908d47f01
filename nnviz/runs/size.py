"""What to make smaller in a training that is too large for its worker."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nnviz.spec import ExperimentSpec
from nnviz.spec.shapes import LayerShape

_SIGNS = (
    "allocate memory",
    "not enough memory",
    "out of memory",
    "bad_alloc",
    "failed to map segment",
)


def is_want_of_memory(error: BaseException) -> bool:
    """Whether Python, torch or the operating system had no memory to give."""
    told = str(error).lower()
    return isinstance(error, MemoryError) or any(sign in told for sign in _SIGNS)


def smaller(lanes: Sequence[ExperimentSpec]) -> str:
    """The settings that count, of the largest lane: "Make conv1's channels (64), … smaller."."""
    spec = max(lanes, key=lambda lane: sum(map(_n_values, lane.layer_shapes)) * _n_samples(lane))
    batch = min(spec.training.batch_size, spec.data.n_train)
    names = [f"the number of samples ({_n_samples(spec):,})"]
    if batch > 1:
        names.insert(0, f"the batch size ({batch:,})")
    learned = [layer for layer in spec.layer_shapes if layer.kind in ("dense", "convolution")]
    if learned:
        widest = max(learned, key=_n_values)
        what = "width" if widest.kind == "dense" else "channels"
        names.insert(0, f"{widest.name}'s {what} ({widest.output_shape[0]:,})")
    return f"Make {', '.join(names[:-1])}{' or ' if names[:-1] else ''}{names[-1]} smaller."


def _n_values(layer: LayerShape) -> int:
    return math.prod(layer.output_shape) + layer.n_parameters


def _n_samples(spec: ExperimentSpec) -> int:
    return spec.data.n_train + spec.data.n_test
