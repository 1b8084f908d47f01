"""The stream of batches of one feature, and the BatchNorm layer that it passes through."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.normalization.running import BatchStream

MOST_STEPS = 300


class RunningSettings(Spec):
    """Batches of one feature, the layer's options, and the data of evaluation."""

    batch_size: Annotated[int, Field(ge=1, le=64)] = Field(
        16, title="Batch size", description="Down to 1, which torch refuses in training mode."
    )
    n_steps: Annotated[int, Field(ge=1, le=MOST_STEPS)] = Field(50, title="Batches seen")
    momentum: Annotated[float, Field(ge=0.01, le=1)] = Field(
        0.1, title="Momentum m", description="new = (1 - m) · old + m · batch",
        json_schema_extra={"step": 0.01},
    )  # fmt: skip
    cumulative: bool = Field(False, title="momentum=None", description="Average of all batches.")
    track: bool = Field(
        True, title="Keep running statistics",
        description="track_running_stats. Off: evaluation normalizes with its own batch.",
    )  # fmt: skip
    mean: Annotated[float, Field(ge=-10, le=10)] = Field(
        2.0, title="Mean of the data", json_schema_extra={"step": 0.1}
    )
    std: Annotated[float, Field(ge=0.1, le=10)] = Field(
        1.5, title="Deviation of the data", json_schema_extra={"step": 0.1}
    )
    shift: Annotated[float, Field(ge=-10, le=10)] = Field(
        1.0, title="Evaluation data: shift of the mean", json_schema_extra={"step": 0.1}
    )
    stretch: Annotated[float, Field(ge=0.1, le=5)] = Field(
        1.5, title="Evaluation data: factor on the deviation", json_schema_extra={"step": 0.1}
    )
    seed: Annotated[int, Field(ge=0, le=9999)] = 0

    @property
    def fields(self) -> list[str]:
        """Those that count, but for the mean, which is set in the picture."""
        unused = {"mean", "seed"}
        if self.cumulative or not self.track:
            unused.add("momentum")
        if not self.track:
            unused.add("cumulative")
        return [name for name in RunningSettings.model_fields if name not in unused]

    @property
    def stream(self) -> BatchStream:
        """The batches."""
        momentum = None if self.cumulative else self.momentum
        return BatchStream(
            self.batch_size, momentum, self.track, self.n_steps, self.mean, self.std, self.seed
        )
