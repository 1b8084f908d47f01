"""The dropout lab's settings: everything that its page shows follows from them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.dropout.masks import SmallNetwork
from nnviz.experiments.dropout.records import BlockShape, InputKind, Order
from nnviz.experiments.dropout.uncertainty import CurveFit

PAGE = "dropout"
VIEWS = {
    "masks": "Masks",
    "variance": "Variances",
    "channels": "Channels",
    "alpha": "Alpha dropout",
    "shift": "Batch norm",
    "uncertainty": "Uncertainty",
}
SHAPES: dict[BlockShape, str] = {
    "image": "images (N, C, H, W): Dropout2d",
    "signal": "signals (N, C, L): Dropout1d",
    "volume": "films (N, C, F, H, W): Dropout3d",
    "table": "table (N, C): Dropout1d?",
}
INPUTS: dict[InputKind, str] = {
    "rectified": "max(z, 0), as a ReLU hands on",
    "half_normal": "|z|, folded",
    "normal": "z, standard normal",
}
ORDERS: dict[Order, str] = {
    "dropout_first": "dropout → linear → batch norm",
    "batch_norm_first": "linear → batch norm → dropout",
}


class DropoutSettings(Spec):
    """The probability of dropping, a seed, and what each view needs; closed and bounded."""

    view: Literal["masks", "variance", "channels", "alpha", "shift", "uncertainty"] = "masks"
    q: Annotated[float, Field(ge=0, le=0.9)] = 0.5
    seed: Annotated[int, Field(ge=0, le=9999)] = 0
    draw: Annotated[int, Field(ge=0, le=9999)] = 0
    width: Annotated[int, Field(ge=1, le=10)] = 6
    depth: Annotated[int, Field(ge=1, le=3)] = 2
    input_q: Annotated[float, Field(ge=0, le=0.9)] = 0.0
    mean: Annotated[float, Field(ge=-5, le=5)] = 1.0
    std: Annotated[float, Field(ge=0, le=5)] = 0.5
    n_inputs: Annotated[int, Field(ge=1, le=32)] = 16
    shape: BlockShape = "image"
    first: Annotated[int, Field(ge=0, le=400)] = 0
    n_layers: Annotated[int, Field(ge=1, le=16)] = 10
    inputs: InputKind = "rectified"
    order: Order = "dropout_first"
    n_steps: Annotated[int, Field(ge=0, le=600)] = 300
    gap_width: Annotated[float, Field(ge=0, le=1.4)] = 0.6

    @property
    def network(self) -> SmallNetwork:
        """The small network whose masks are drawn."""
        return SmallNetwork(self.width, self.depth, self.q, self.input_q, self.seed)

    @property
    def fit(self) -> CurveFit:
        """The curve fitted with dropout."""
        return CurveFit(self.q, self.n_steps, gap_width=self.gap_width, seed=self.seed)
