"""A training to try a layer in: the data that it fits, and a small network with it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from nnviz.blocks import BLOCKS
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.calls import name_of
from nnviz.experiments.layer_stack import Asked
from nnviz.experiments.layer_stack.answer import document_of
from nnviz.spec import ExperimentSpec

DENSE = {"kind": "dense", "width": 16}
CONVOLUTION = {"kind": "convolution", "channels": 8}
ENCODED = [{"kind": "embedding", "width": 16}, {"kind": "positions"}, {"kind": "encoder"}]
BY_AXES = {1: {"name": "mnist1d"}, 2: {"name": "digits"}, 3: {"name": "volumes"}}


def trial(asked: Asked) -> ExperimentSpec:
    """With the block as it was asked for where it fits, else with one like it."""
    if asked.layer.is_block:
        own = document_of(asked)
        for document in _with_block(asked.layer.name, own):
            try:
                return ExperimentSpec.model_validate(document)
            except ValidationError:
                continue
    return ExperimentSpec.model_validate(_like(asked))


def _with_block(kind: str, own: dict[str, Any]) -> list[dict[str, Any]]:
    """Data and blocks around it, the likeliest first."""
    tokens = {"name": "brackets"}
    if BLOCKS[kind].needs == "tokens":
        return [_document(tokens, [own, {"kind": "recurrent", "width": 16}])]
    if BLOCKS[kind].needs == "sequence":
        embedded = {"kind": "embedding", "width": 16}
        after = [] if kind == "recurrent" else [{"kind": "recurrent", "width": 16}]
        return [_document(tokens, [embedded, own, *after])]
    images = [_document(BY_AXES[2], blocks) for blocks in ([CONVOLUTION, own], [own])]
    return [*images, _document({"name": "moons"}, [DENSE, own])]


def _like(asked: Asked) -> dict[str, Any]:
    name, family = asked.layer.name, asked.layer.family
    n = int(name[-2]) if name[-2:] in ("1d", "2d", "3d") else 0
    if family == "Sequence" and name in ("RNN", "LSTM", "GRU"):
        cell = {"kind": "recurrent", "cell": name.lower(), "width": 32}
        return _document({"name": "adding"}, [cell])
    if family == "Sequence":
        blocks = [*ENCODED[:1], DENSE] if name == "Embedding" else [*ENCODED, DENSE]
        return _document({"name": "brackets"}, blocks)
    data = BY_AXES.get(n or (2 if family in ("Pooling", "Shape", "Blocks of nnviz") else 0))
    if data is None:
        return _document({"name": "moons"}, [DENSE, DENSE], **_around(name, family))
    pooled = [{"kind": "pool"}] if family == "Pooling" else []
    flat = [{"kind": "flatten"}] if family == "Shape" else []
    blocks = [CONVOLUTION, *pooled, CONVOLUTION, *flat]
    return _document(data, blocks, **_around(name, family))


def _around(name: str, family: str) -> dict[str, Any]:
    """What stands around weights is a setting of the network."""
    if family == "Activation":
        calls = {name_of(a.call.function): key for key, a in ACTIVATIONS.items()}
        return {"activation": calls[f"nn.{name}"]}
    if family == "Normalization":
        return {"normalization": name.split("Norm")[0].lower()}
    return {"dropout": 0.3} if family == "Dropout" else {}


def _document(data: dict[str, Any], blocks: list[Any], **network: Any) -> dict[str, Any]:
    return {"data": data, "network": {"blocks": blocks, **network}}
