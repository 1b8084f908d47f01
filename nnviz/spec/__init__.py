"""What was asked: pydantic models, frozen, closed and bounded, and their short codes for URLs."""

from nnviz.spec.base import SpecError, readable_errors
from nnviz.spec.data import DataSpec
from nnviz.spec.experiment import ExperimentSpec
from nnviz.spec.network import (
    BlockSpec,
    ConvolutionBlock,
    DenseBlock,
    FlattenBlock,
    InitializationSpec,
    LearnedBlock,
    NetworkSpec,
    PoolBlock,
)
from nnviz.spec.shapes import LayerShape, layer_shapes
from nnviz.spec.training import OptimizerSpec, ScheduleSpec, TrainingSpec

__all__ = [
    "BlockSpec",
    "ConvolutionBlock",
    "DataSpec",
    "DenseBlock",
    "ExperimentSpec",
    "FlattenBlock",
    "InitializationSpec",
    "LayerShape",
    "LearnedBlock",
    "NetworkSpec",
    "OptimizerSpec",
    "PoolBlock",
    "ScheduleSpec",
    "SpecError",
    "TrainingSpec",
    "layer_shapes",
    "readable_errors",
]
