"""The layers that can be asked for: torch's of the field, and nnviz's own kinds of block."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from nnviz.blocks import BLOCKS
from nnviz.blocks.kind import Block
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.calls import name_of

_IMAGE, _SEQUENCE = "32, 8, 28, 28", "32, 20, 16"
_SPACE = {1: "32, 8, 40", 2: _IMAGE, 3: "32, 8, 12, 12, 12"}


@dataclass(frozen=True)
class KnownLayer:
    """One layer: what makes it, and what to begin with.

    `rule` says in words what it does to a shape; `page` is where more is seen of it. `argument`
    and `shape` are texts that fit each other.
    """

    name: str
    family: str
    make: type[nn.Module] | type[Block]
    rule: str
    arguments: str = ""
    shape: str = _IMAGE
    page: str | None = None
    n_inputs: int = 1

    @property
    def line(self) -> str:
        """A line of code to begin with."""
        return f"{self.prefix}{self.name}({self.arguments})"

    @property
    def prefix(self) -> str:
        """What stands before the name in code."""
        return "" if self.is_block else "nn."

    @property
    def is_block(self) -> bool:
        """Whether it is one of nnviz's own kinds of block."""
        return issubclass(self.make, Block)

    @property
    def takes_tokens(self) -> bool:
        """Whether whole numbers go in."""
        return self.make is nn.Embedding or self.name == "embedding"

    @property
    def defaults(self) -> dict[str, Any]:
        """Every argument with its default; what has none is `inspect.Parameter.empty`."""
        if issubclass(self.make, Block):
            fields = self.make.model_fields.items()
            return {name: field.get_default() for name, field in fields if name != "kind"}
        parameters = inspect.signature(self.make).parameters.values()
        own = (p for p in parameters if p.name not in ("device", "dtype", "args", "kwargs"))
        plain = {p.name: p.default for p in own if not p.name.startswith("_")}
        return plain | ({} if self.make not in _CELLS else _cell_defaults(self.make))


_CELLS = (nn.RNN, nn.LSTM, nn.GRU)


def _cell_defaults(cell: type[nn.Module]) -> dict[str, Any]:
    """What recurrent layers take, whose signature says (*args, **kwargs)."""
    base = inspect.signature(nn.RNNBase.__init__).parameters
    left_out = ("self", "mode", "device", "dtype") + (() if cell is nn.LSTM else ("proj_size",))
    own = {name: p.default for name, p in base.items() if name not in left_out}
    if cell is not nn.RNN:
        return own
    first = {name: own.pop(name) for name in ("input_size", "hidden_size", "num_layers")}
    return {**first, "nonlinearity": "tanh", **own}


def _torch_layers() -> Iterator[KnownLayer]:
    in_channels = "Channels are the second axis."
    yield KnownLayer(
        "Linear", "Dense", nn.Linear,
        "The last axis goes from in_features to out_features; all others stay.",
        "784, 128", "32, 784", "activations",
    )  # fmt: skip
    for n, shape in _SPACE.items():
        yield KnownLayer(
            f"Conv{n}d", "Convolution", getattr(nn, f"Conv{n}d"),
            "Each position axis becomes ⌊(n + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1,"
            f" the channels become out_channels. {in_channels}",
            "8, 16, 3, stride=2, padding=1", shape, "convolution",
        )  # fmt: skip
    for n, shape in _SPACE.items():
        for kind in ("Max", "Avg"):
            yield KnownLayer(
                f"{kind}Pool{n}d", "Pooling", getattr(nn, f"{kind}Pool{n}d"),
                "Each position axis becomes ⌊(n + 2·padding − kernel) / stride⌋ + 1; the stride is"
                " the window unless another is given. Channels stay.",
                "2", shape, "convolution",
            )  # fmt: skip
            yield KnownLayer(
                f"Adaptive{kind}Pool{n}d", "Pooling", getattr(nn, f"Adaptive{kind}Pool{n}d"),
                "The position axes become output_size, whatever they were. Channels stay.",
                "1", shape, "convolution",
            )  # fmt: skip
    yield KnownLayer(
        "Flatten", "Shape", nn.Flatten, "All axes from start_dim to end_dim become one."
    )
    for n, shape in _SPACE.items():
        yield KnownLayer(
            f"BatchNorm{n}d", "Normalization", getattr(nn, f"BatchNorm{n}d"),
            "The shape stays. Mean and variance of each channel are over batch and positions; a"
            " scale and a shift a channel are learned.", "8", shape, "normalization",
        )  # fmt: skip
        yield KnownLayer(
            f"InstanceNorm{n}d", "Normalization", getattr(nn, f"InstanceNorm{n}d"),
            "The shape stays. Mean and variance are over the positions of one channel of one"
            " sample.", "8", shape, "normalization",
        )  # fmt: skip
    yield KnownLayer(
        "LayerNorm", "Normalization", nn.LayerNorm,
        "The shape stays. Mean and variance are over the last axes, which must be"
        " normalized_shape; a scale and a shift for each of their numbers are learned.",
        "16", _SEQUENCE, "normalization",
    )  # fmt: skip
    yield KnownLayer(
        "GroupNorm", "Normalization", nn.GroupNorm,
        "The shape stays. Mean and variance are over groups of channels of one sample.",
        "2, 8", _IMAGE, "normalization",
    )  # fmt: skip
    dropped = "The shape stays. In training {} at random, and what is left is scaled up."
    units, channels = "single numbers are set to 0", "whole channels are set to 0"
    for name, what, shape in (
        ("Dropout", units, "32, 784"),
        *((f"Dropout{n}d", channels, shape) for n, shape in _SPACE.items()),
        ("AlphaDropout", "single numbers get SELU's lowest value", "32, 784"),
        ("FeatureAlphaDropout", "whole channels get SELU's lowest value", _IMAGE),
    ):
        yield KnownLayer(
            name, "Dropout", getattr(nn, name), dropped.format(what), "0.5", shape, "dropout"
        )
    yield KnownLayer(
        "Embedding", "Sequence", nn.Embedding,
        "Each token becomes a vector: one more axis, of embedding_dim numbers. The vector of"
        " padding_idx stays 0.", "1000, 16, padding_idx=0", "32, 20", "sequences",
    )  # fmt: skip
    for cell in ("RNN", "LSTM", "GRU"):
        yield KnownLayer(
            cell, "Sequence", getattr(nn, cell),
            "The last axis becomes hidden_size, or twice that in both directions. It gives the"
            " states of all steps, and the last ones beside them.",
            "16, 32, batch_first=True", _SEQUENCE, "sequences",
        )  # fmt: skip
    yield KnownLayer(
        "MultiheadAttention", "Sequence", nn.MultiheadAttention,
        "Query, key and value go in (here the same three times), the query's shape comes out, and"
        " the attention weights beside it.", "16, 4, batch_first=True", _SEQUENCE, "attention", 3,
    )  # fmt: skip
    yield KnownLayer(
        "TransformerEncoderLayer", "Sequence", nn.TransformerEncoderLayer,
        "The shape stays: attention and two dense layers, each added to what arrives.",
        "16, 4, dim_feedforward=64, batch_first=True", _SEQUENCE, "attention",
    )  # fmt: skip
    for activation in ACTIVATIONS.values():
        yield KnownLayer(
            name_of(activation.call.function).removeprefix("nn."), "Activation",
            activation.call.function,  # type: ignore[arg-type]
            f"The shape stays: {activation.formula} of each number z.", "", "32, 784",
            "activations",
        )  # fmt: skip


_ARGUMENTS = {
    "dense": "width=16",
    "convolution": "channels=16",
    "embedding": "width=16",
    "recurrent": "width=32",
    "residual": "convolution(channels=8)",
}
_SHAPES = {"tokens": "32, 1, 20", "sequence": "32, 16, 20"}
_PAGES = {
    "dense": "activations",
    "flatten": None,
    "embedding": "sequences",
    "recurrent": "sequences",
    "tokens": "sequences",
    "sequence": "attention",
}


def _own_blocks() -> Iterator[KnownLayer]:
    for name, kind in BLOCKS.items():
        shape = "32, 64" if name == "dense" else _SHAPES.get(kind.needs, _IMAGE)
        page = _PAGES.get(name, _PAGES.get(kind.needs, "convolution"))
        rule = " ".join((kind.__doc__ or "").split())
        arguments = _ARGUMENTS.get(name, "")
        yield KnownLayer(name, "Blocks of nnviz", kind, rule, arguments, shape, page)


KNOWN: dict[str, KnownLayer] = {layer.name: layer for layer in (*_torch_layers(), *_own_blocks())}
"""Every layer by its name in code."""
