"""The views of families of layers: what convolutions, recurrent layers and attention do inside."""

from __future__ import annotations

from collections.abc import Sequence

from nnviz import figures
from nnviz.feed.view import Applies, Shown, View, one
from nnviz.figures import FigureDict
from nnviz.spec import ExperimentSpec


def _has(*kinds: str) -> Applies:
    def applies(specs: Sequence[ExperimentSpec]) -> bool:
        return any(layer.kind in kinds for spec in specs for layer in spec.layer_shapes)

    return applies


def _feature_maps(s: Shown) -> list[FigureDict]:
    lanes = zip(s.snapshots, s.data, strict=True)
    return [
        figures.feature_maps(taken, data, s.layer_index, s.asked.example) for taken, data in lanes
    ]


def _attention(s: Shown) -> list[FigureDict]:
    lanes = zip(s.snapshots, s.data, strict=True)
    return [figures.attention(taken, data, s.layer_index, s.asked.example) for taken, data in lanes]


def _states(s: Shown) -> list[FigureDict]:
    return [figures.states(taken, s.layer_index, s.asked.example) for taken in s.snapshots]


def _kernels(s: Shown) -> list[FigureDict]:
    return [figures.kernels(taken, s.layer_index) for taken in s.snapshots]


FAMILY_VIEWS: tuple[View, ...] = (
    View(
        "kernels",
        "Kernels",
        "The weights that a convolution moves over its input: blue positive, orange negative. With"
        " several input channels a row is a channel, a column what it reads.",
        _kernels,
        per_lane=True,
        applies=_has("convolution"),
    ),
    View(
        "feature_maps",
        "Feature maps",
        "What each channel of the chosen block hands on for the chosen test point; at the left"
        " the input.",
        _feature_maps,
        per_lane=True,
        applies=_has("convolution", "encoder"),
    ),
    View(
        "states",
        "State over the steps",
        "What a recurrent layer holds at each step of the chosen test point, and how far its gates"
        " are open (0 to 1). Gates are named in torch's order: i, f, g, o of an LSTM, r, z, n of a"
        " GRU.",
        _states,
        per_lane=True,
        applies=_has("recurrent"),
    ),
    View(
        "step_gradients",
        "Gradient at each step",
        "Root mean square of ∂L/∂x at every step of the sequence, in the training step: how far"
        " back the error is felt.",
        one(lambda s: figures.step_gradients(s.snapshots, s.names)),
        applies=_has("recurrent", "encoder", "sequence_to_sequence"),
    ),
    View(
        "attention",
        "Attention",
        "Whom each step (row) looks at (column) in every layer and head, for the chosen test"
        " point; rows add up to 1. Of an encoder-decoder the encoder's layers come first, then whom"
        " the decoder's look at in the encoder.",
        _attention,
        span=8,
        height=320,
        per_lane=True,
        applies=_has("encoder", "sequence_to_sequence"),
    ),
)
