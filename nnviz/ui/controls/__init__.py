"""The controls of an experiment: data, network, training; each edits its part of the document."""

from nnviz.ui.controls.data import data_controls
from nnviz.ui.controls.network import network_controls
from nnviz.ui.controls.training import training_controls

__all__ = ["data_controls", "network_controls", "training_controls"]
