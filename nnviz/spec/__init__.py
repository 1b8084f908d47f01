"""What was asked: pydantic models, frozen, closed and bounded, and their short codes for URLs."""

from nnviz.base import SpecError, readable_errors
from nnviz.blocks import BlockSpec
from nnviz.blocks.convolution import ConvolutionBlock
from nnviz.blocks.dense import DenseBlock
from nnviz.blocks.flatten import FlattenBlock
from nnviz.blocks.initialization import InitializationSpec
from nnviz.blocks.learned import LearnedBlock
from nnviz.blocks.pool import PoolBlock
from nnviz.spec.comparison import ComparisonSpec, LaneSpec, OverrideSpec, lane_experiment
from nnviz.spec.data import DataSpec
from nnviz.spec.experiment import ExperimentSpec
from nnviz.spec.network import NetworkSpec
from nnviz.spec.shapes import LayerShape, layer_shapes
from nnviz.spec.training import OptimizerSpec, ScheduleSpec, TrainingSpec

__all__ = [
    "BlockSpec",
    "ComparisonSpec",
    "ConvolutionBlock",
    "DataSpec",
    "DenseBlock",
    "ExperimentSpec",
    "FlattenBlock",
    "InitializationSpec",
    "LaneSpec",
    "LayerShape",
    "LearnedBlock",
    "NetworkSpec",
    "OptimizerSpec",
    "OverrideSpec",
    "PoolBlock",
    "ScheduleSpec",
    "SpecError",
    "TrainingSpec",
    "lane_experiment",
    "layer_shapes",
    "readable_errors",
]
