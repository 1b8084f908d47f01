"""Trainings of a few steps, in which every kind of block takes part."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

ADDING = {"name": "adding", "length": 8, "n_samples": 100}
WORDS = {"name": "brackets", "length": 8, "n_samples": 100}
DIGITS_IN_A_ROW = {"name": "reversal", "length": 6, "n_samples": 100}
SIGNALS = {"name": "mnist1d", "n_samples": 100}
SOLIDS = {"name": "volumes", "n_samples": 60}
EMBEDDED = {"kind": "embedding", "width": 6}
CELL = {"kind": "recurrent", "width": 5}
ENCODER = {"kind": "encoder", "heads": 2, "feedforward": 8}
SGD = {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "batch_size": 16}


def _case(data: Document, *blocks: Document, **training: Any) -> Document:
    return {"data": data, "network": {"blocks": list(blocks)}, "training": {**SGD, **training}}


CASES: dict[str, Document] = {
    "rnn": _case(ADDING, {**CELL, "cell": "rnn", "output": "mean"}),
    "lstm": _case(ADDING, {**CELL, "forget_bias": 1.0, "layers": 2, "bidirectional": True}),
    "gru": _case(
        {**SIGNALS, "n_samples": 80},
        {"kind": "convolution", "channels": 4, "stride": 4, "dilation": 2, "activation": "tanh"},
        {**CELL, "cell": "gru", "output": "all"},
        {"kind": "pool", "over": "time", "method": "average"},
        clip_norm=0.5,
    ),
    "encoder": _case(
        DIGITS_IN_A_ROW,
        EMBEDDED,
        {"kind": "positions", "form": "learned"},
        {**ENCODER, "layers": 2, "dropout": 0.2, "norm_first": True},
    ),
    "sequence to sequence": _case(
        DIGITS_IN_A_ROW,
        EMBEDDED,
        {"kind": "positions"},
        {**ENCODER, "kind": "sequence_to_sequence", "dropout": 0.2, "norm_first": True},
    ),
    "words": _case(
        WORDS,
        EMBEDDED,
        {"kind": "positions"},
        {**ENCODER, "dropout": 0.1},
        {**CELL, "output": "all"},
        {"kind": "pool", "method": "max", "over": "time"},
        {"kind": "dense", "width": 4, "activation": "tanh"},
    ),
    "volumes": _case(
        SOLIDS,
        {
            "kind": "convolution", "channels": 4, "stride": 2, "kernel_size": 4,
            "normalization": "batch", "activation": "tanh", "dropout": 0.1,
        },
        {
            "kind": "residual",
            "blocks": [
                {"kind": "convolution", "channels": 4, "channel_groups": 2, "bias": False,
                 "activation": "tanh", "normalization": "batch"},
                {"kind": "convolution", "channels": 4, "channel_groups": 4, "activation": "tanh"},
            ],
        },
        {"kind": "pool", "method": "average"},
        {"kind": "pool", "method": "global_max"},
        {"kind": "flatten"},
    ),
    "residual": _case(
        {"name": "moons", "n_samples": 80},
        {"kind": "dense", "width": 6, "activation": "tanh"},
        {
            "kind": "residual",
            "blocks": [
                {"kind": "dense", "width": 9, "dropout": 0.2, "activation": "tanh"},
                {"kind": "dense", "width": 6, "normalization": "layer", "activation": "tanh"},
            ],
        },
    ),
    "residual attention": _case(
        WORDS,
        EMBEDDED,
        {"kind": "residual", "blocks": [{**ENCODER, "dropout": 0.1}]},
        {**CELL, "cell": "rnn", "bidirectional": True},
    ),
}  # fmt: skip
ONE_BY_ONE = {
    "rnn": ["Recurrent"],
    "lstm": ["Recurrent"],
    "gru": ["Recurrent"],
    "encoder": ["Positions", "Encoder"],
    "sequence to sequence": ["Positions", "EncoderDecoder"],
    "words": ["Positions", "Encoder", "Recurrent"],
    "residual attention": ["Encoder", "Recurrent"],
}
"""The parts that replicates pass one after another; all parts of other cases they pass at once."""


def kinds(blocks: list[Document]) -> set[str]:
    """Every kind that takes part, also inside others."""
    inside = (kinds(block["blocks"]) for block in blocks if block["kind"] == "residual")
    return {block["kind"] for block in blocks}.union(*inside)
