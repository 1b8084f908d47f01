"""Many replicates of one architecture learn at once."""

from nnviz.ensemble.data import EnsembleData, own_data, shared_data
from nnviz.ensemble.ensemble import Ensemble, replicates_at_once, train_ensemble
from nnviz.ensemble.measured import EnsembleSnapshot

__all__ = [
    "Ensemble",
    "EnsembleData",
    "EnsembleSnapshot",
    "own_data",
    "replicates_at_once",
    "shared_data",
    "train_ensemble",
]
