"""Random samples, and random settings of every kind of block, for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from nnviz.blocks import BLOCKS
from nnviz.blocks.sample import Sample
from nnviz.spec import LayerShape, NetworkSpec, SpecError, layer_shapes
from tests.strategies import dense_blocks, learned_fields

Strategy = st.SearchStrategy[Any]
SMALL = {1: (1, 24), 2: (1, 10), 3: (1, 6)}
"""How long the axes of signals, images and volumes are."""


def _kind(name: str, **fields: Strategy) -> Strategy:
    return st.fixed_dictionaries({"kind": st.just(name)}, optional=fields)


_PLAIN: dict[str, Strategy] = {
    "dense": dense_blocks(),
    "convolution": _kind(
        "convolution",
        **learned_fields(),
        channels=st.integers(1, 6),
        kernel_size=st.integers(1, 5),
        stride=st.integers(1, 4),
        padding=st.sampled_from(("same", "valid")),
        dilation=st.integers(1, 4),
        channel_groups=st.integers(1, 3),
        bias=st.booleans(),
    ),
    "pool": _kind(
        "pool",
        method=st.sampled_from(("max", "average", "global_average", "global_max")),
        size=st.integers(2, 4),
        over=st.sampled_from(("positions", "time")),
    ),
    "flatten": _kind("flatten"),
    "embedding": _kind("embedding", width=st.integers(1, 8)),
    "positions": _kind("positions", form=st.sampled_from(("sinusoidal", "learned", "none"))),
    "recurrent": _kind(
        "recurrent",
        cell=st.sampled_from(("rnn", "lstm", "gru")),
        width=st.integers(1, 6),
        layers=st.integers(1, 3),
        bidirectional=st.booleans(),
        forget_bias=st.none() | st.floats(-2, 2),
        output=st.sampled_from(("last", "mean", "all")),
    ),
    "encoder": _kind(
        "encoder",
        heads=st.integers(1, 3),
        feedforward=st.integers(1, 8),
        layers=st.integers(1, 2),
        norm_first=st.booleans(),
        dropout=st.floats(0, 0.9),
    ),
    "sequence_to_sequence": _kind(
        "sequence_to_sequence",
        heads=st.integers(1, 3),
        feedforward=st.integers(1, 8),
        layers=st.integers(1, 2),
        norm_first=st.booleans(),
        dropout=st.floats(0, 0.9),
    ),
}
_OF_FOUR: list[dict[str, Any]] = [
    {"kind": "dense", "width": 4},
    {"kind": "convolution", "channels": 4},
    {"kind": "positions", "form": "learned"},
    {"kind": "recurrent", "width": 2, "bidirectional": True, "output": "all"},
    {"kind": "encoder", "heads": 2, "feedforward": 3},
]
"""Blocks that give four channels or units."""


def _inside() -> Strategy:
    fitting, any_kind = st.sampled_from(_OF_FOUR), st.one_of(*_PLAIN.values())
    return st.integers(0, 3).flatmap(lambda k: fitting if k else any_kind)


SETTINGS: dict[str, Strategy] = {
    **_PLAIN,
    "residual": st.builds(
        lambda first, last: {"kind": "residual", "blocks": [*first, last]},
        st.lists(_inside(), max_size=1),
        _inside(),
    ),
}
"""The settings of each kind of block, valid for themselves."""


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Rows of numbers or tokens, signals, images and volumes."""
    n_axes = draw(st.integers(0, 3))
    axes = tuple(draw(st.integers(*SMALL[n_axes])) for _ in range(n_axes))
    if n_axes == 1 and draw(st.booleans()):
        return Sample((1, *axes), draw(st.integers(2, 9)))
    return Sample((draw(st.integers(1, 6)), *axes))


def arriving(kind: str) -> st.SearchStrategy[Sample]:
    """Samples that a kind is likely to fit."""
    steps, channels = st.integers(1, 12), st.integers(1, 6)
    if kind == "embedding":
        return st.builds(lambda t, v: Sample((1, t), v), steps, st.integers(2, 9))
    if BLOCKS[kind].needs == "sequence":
        return st.builds(lambda c, t: Sample((c, t)), channels, steps)
    if kind == "residual":
        return samples().map(lambda sample: Sample((4, *sample.shape[1:])))
    return samples()


def layers_of(block: dict[str, Any], arrives: Sample) -> tuple[LayerShape, ...] | str:
    """A network of this one block and 3 answers, or why there is none."""
    try:
        return layer_shapes(NetworkSpec.model_validate({"blocks": [block]}), arrives, 3)
    except SpecError as error:
        return str(error)
