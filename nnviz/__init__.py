"""nnviz: build a small neural network, train it live, see what happens inside."""

from nnviz.network import build_network
from nnviz.records import LayerRecord, Snapshot
from nnviz.spec import (
    ConvolutionBlock,
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    FlattenBlock,
    InitializationSpec,
    NetworkSpec,
    OptimizerSpec,
    PoolBlock,
    ScheduleSpec,
    SpecError,
    TrainingSpec,
)
from nnviz.training import TrainingState, advance, initial_state, train

__all__ = [
    "ConvolutionBlock",
    "DataSpec",
    "DenseBlock",
    "ExperimentSpec",
    "FlattenBlock",
    "InitializationSpec",
    "LayerRecord",
    "NetworkSpec",
    "OptimizerSpec",
    "PoolBlock",
    "ScheduleSpec",
    "Snapshot",
    "SpecError",
    "TrainingSpec",
    "TrainingState",
    "advance",
    "build_network",
    "initial_state",
    "train",
]
