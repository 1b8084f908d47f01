"""Small measured records, as the figures of bias, variance and overfitting take them."""

from __future__ import annotations

from functools import cache

from nnviz.experiments.complexity.collecting import Collector
from nnviz.experiments.complexity.measured import measure_piece
from nnviz.experiments.complexity.pieces import pieces_for
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.experiments.overfitting.collecting import gap_record, learning_curve, remedies_record
from nnviz.experiments.overfitting.remedies_settings import RemediesSettings
from nnviz.experiments.overfitting.settings import GapSettings, SizesSettings
from nnviz.experiments.overfitting.settings import pieces_for as lane_pieces
from nnviz.experiments.overfitting.training import train_lane

TINY = {
    "network": {"blocks": [{"kind": "dense", "width": 4}]},
    "training": {"n_steps": 32, "batch_size": 10},
}


@cache
def complexity(name):
    """Curves of "polynomial", "features", "moons", "digits", "wine"; "begun" has two values."""
    settings = ComplexitySettings.model_validate(_ASKED[name])
    pieces = pieces_for(settings)[: 2 if name == "begun" else None]
    return Collector(settings).record(settings, [measure_piece(settings, p) for p in pieces])


@cache
def overfitting(view):
    """The record of a view: "training", "sizes" or "remedies"."""
    kind, make, own = _OVERFITTING[view]
    settings = kind.model_validate(
        {"experiment": {**TINY, "data": {"name": "moons", "n_samples": 40}}, "n_seeds": 12, **own}
    )
    return make(settings, [train_lane(settings, piece) for piece in lane_pieces(settings)])


_OVERFITTING = {
    "training": (GapSettings, gap_record, {}),
    "sizes": (SizesSettings, learning_curve, {}),
    "remedies": (RemediesSettings, remedies_record,
                 {"remedies": ["early_stopping", "l2", "dropout"], "dose": "strong"}),
}  # fmt: skip


def _network(data, **changes):
    width = {"model": "network", "axis": "width", "low": 1, "high": 8, "n_values": 3}
    return {**width, "n_replicates": 4, "experiment": {**TINY, "data": data}, **changes}


_ASKED = {
    "polynomial": {"n_replicates": 16},
    "begun": {"n_replicates": 16},
    "features": {"model": "random_features", "axis": "n_features", "low": 5, "high": 80,
                 "n_values": 5, "n_samples": 20, "n_inputs": 3, "n_replicates": 4},
    "moons": _network({"name": "moons", "n_samples": 60}, loss="domingos"),
    "digits": _network({"name": "digits", "n_samples": 80}),
    "wine": _network({"name": "wine"}, loss="kohavi_wolpert"),
}  # fmt: skip
