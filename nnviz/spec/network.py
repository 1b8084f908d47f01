"""Which network: blocks in order, with defaults of the network that a block may override."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.choices import one_of
from nnviz.catalog.dropouts import DROPOUT_KINDS
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.catalog.normalizations import NORMALIZATIONS, NormalizationOptions
from nnviz.spec.base import Spec, filled

MAX_BLOCKS = 64

ActivationName = Annotated[
    str,
    AfterValidator(one_of("activation", ACTIVATIONS)),
    Field(json_schema_extra={"choices": list(ACTIVATIONS)}),
]
NormalizationName = Annotated[
    str,
    AfterValidator(one_of("normalization", NORMALIZATIONS)),
    Field(json_schema_extra={"choices": list(NORMALIZATIONS)}),
]
InitializerName = Annotated[
    str,
    AfterValidator(one_of("initialization", INITIALIZERS)),
    Field(json_schema_extra={"choices": list(INITIALIZERS)}),
]
DropoutKind = Annotated[
    str,
    AfterValidator(one_of("dropout_kind", DROPOUT_KINDS)),
    Field(json_schema_extra={"choices": list(DROPOUT_KINDS)}),
]
Placement = Literal["before", "after"]
BlockKind = Literal["dense", "convolution", "pool", "flatten"]
Probability = Annotated[float, Field(ge=0, le=0.95)]
Bounded = Annotated[float, Field(ge=-100, le=100)]
Momentum = Annotated[float, Field(gt=0, le=1)] | Literal["cumulative"]
Groups = Annotated[int, Field(ge=1, le=1024)]


class InitializationSpec(Spec):
    """An initializer with the arguments it takes; one left out takes its default.

    `gain` left out follows the activation behind the layer. Biases start at `bias`, with
    PyTorch's default initializer as torch draws them.
    """

    name: InitializerName = Field(
        "default",
        title="Initial weights",
        description="How weights are drawn before training; 'default' is PyTorch's own.",
    )
    gain: Annotated[float, Field(ge=0, le=100)] | None = Field(None, title="Gain")
    mode: Literal["fan_in", "fan_out"] | None = Field(None, title="Keep the size of")
    mean: Bounded | None = Field(None, title="Mean")
    std: Annotated[float, Field(ge=0, le=100)] | None = Field(None, title="Standard deviation")
    a: Bounded | None = Field(None, title="From (a)")
    b: Bounded | None = Field(None, title="To (b)")
    value: Bounded | None = Field(None, title="Value")
    sparsity: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, title="Sparsity", description="Share of the weights of each unit that start at 0."
    )
    bias: Bounded | None = Field(None, title="Bias")

    @model_validator(mode="before")
    @classmethod
    def _own_defaults(cls, document: Any) -> Any:
        name = document.get("name", "default") if isinstance(document, dict) else None
        entry = INITIALIZERS.get(name) if isinstance(name, str) else None
        return document if entry is None else filled(document, entry.arguments)

    @model_validator(mode="after")
    def _arguments_apply(self) -> InitializationSpec:
        known = INITIALIZERS[self.name].arguments
        for argument in self.arguments:
            if argument not in known:
                takes = ", ".join(known) or "no argument"
                raise ValueError(f"{self.name} takes {takes}; got {argument}")
        if self.name == "default" and self.bias is not None:
            raise ValueError("default draws biases as torch does; choose an initializer first")
        values = {**known, **self.arguments}
        low, high = values.get("a"), values.get("b")
        if low is not None and high is not None and float(low) >= float(high):
            raise ValueError(f"a must be below b; got a = {low}, b = {high}")
        if self.name == "trunc_normal":
            self._check_truncation(*(float(values[k] or 0) for k in ("mean", "std", "a", "b")))
        return self

    def _check_truncation(self, mean: float, std: float, low: float, high: float) -> None:
        if std <= 0:
            raise ValueError(f"trunc_normal needs a std above 0; got {std}")
        if not low <= mean <= high:  # torch would draw, and throw away, almost for ever
            raise ValueError(f"mean must lie between a = {low} and b = {high}; got {mean}")

    @property
    def arguments(self) -> dict[str, float | str]:
        """The arguments that were set."""
        return self.model_dump(exclude={"name", "bias"}, exclude_none=True)


class LearnedBlock(Spec):
    """What dense and convolution blocks share; None takes the network's default."""

    activation: ActivationName | None = None
    normalization: NormalizationName | None = None
    placement: Placement | None = None
    groups: Groups | None = None
    momentum: Momentum | None = None
    track_running_stats: bool | None = None
    dropout: Probability | None = None
    dropout_kind: DropoutKind | None = None
    initialization: InitializationSpec | None = None


class DenseBlock(LearnedBlock):
    """Linear layer of `width` units; what comes before is flattened if it must be."""

    kind: Literal["dense"] = "dense"
    width: Annotated[int, Field(ge=1, le=1024)] = Field(8, title="Units")


class ConvolutionBlock(LearnedBlock):
    """Convolution, 1-D over signals and 2-D over images; "same" at stride 1 keeps the size."""

    kind: Literal["convolution"] = "convolution"
    channels: Annotated[int, Field(ge=1, le=256)] = Field(8, title="Channels")
    kernel_size: Annotated[int, Field(ge=1, le=15)] = Field(3, title="Kernel size")
    stride: Annotated[int, Field(ge=1, le=8)] = Field(1, title="Stride")
    padding: Literal["same", "valid"] = Field(
        "same",
        title="Padding",
        description="'same' adds zeros around, 'valid' lets the edges shrink.",
    )

    @property
    def zeros(self) -> tuple[int, int]:
        """Zeros before and after each axis; of an odd number the one more stands behind, as
        torch's padding="same" has it."""
        total = self.kernel_size - 1 if self.padding == "same" else 0
        return total // 2, total - total // 2


class PoolBlock(Spec):
    """Pooling over windows of `size`, or over all positions ("global_average")."""

    kind: Literal["pool"] = "pool"
    method: Literal["max", "average", "global_average"] = Field("max", title="Method")
    size: Annotated[int, Field(ge=2, le=8)] = Field(2, title="Window")


class FlattenBlock(Spec):
    """All numbers of a sample in one row."""

    kind: Literal["flatten"] = "flatten"


BlockSpec = Annotated[
    DenseBlock | ConvolutionBlock | PoolBlock | FlattenBlock, Field(discriminator="kind")
]


BLOCKS: dict[str, type[Spec]] = {
    "dense": DenseBlock,
    "convolution": ConvolutionBlock,
    "pool": PoolBlock,
    "flatten": FlattenBlock,
}
"""The kinds of block by name."""


class ResolvedBlock(LearnedBlock):
    """The settings of a learned block with the network's defaults filled in."""

    activation: ActivationName
    normalization: NormalizationName
    placement: Placement
    groups: Groups
    momentum: Momentum
    track_running_stats: bool
    dropout: Probability
    dropout_kind: DropoutKind
    initialization: InitializationSpec

    @property
    def normalization_options(self) -> NormalizationOptions:
        """The options as the normalization catalog takes them."""
        momentum = None if self.momentum == "cumulative" else float(self.momentum)
        return NormalizationOptions(self.groups, momentum, self.track_running_stats)


class NetworkSpec(Spec):
    """Hidden blocks in order, then a linear output layer; and defaults for all blocks."""

    blocks: Annotated[tuple[BlockSpec, ...], Field(max_length=MAX_BLOCKS)] = (
        DenseBlock(width=8),
        DenseBlock(width=8),
    )
    activation: ActivationName = Field(
        "relu",
        title="Activation",
        description="The function behind every hidden layer that does not choose its own.",
    )
    normalization: NormalizationName = Field(
        "none", title="Normalization", description="Which numbers share a mean and a variance."
    )
    placement: Placement = Field("before", title="Normalization stands")
    groups: Groups = Field(
        4, title="Groups", description="Of channels (or units) that are normalized together."
    )
    momentum: Momentum = Field(
        0.1,
        title="Running momentum",
        description="Weight of the newest batch in the running mean and variance; cumulative"
        " averages over all batches.",
        json_schema_extra={"choices": [0.01, 0.1, 0.3, 1.0, "cumulative"]},
    )
    track_running_stats: bool = Field(
        True,
        title="Running statistics",
        description="Keep the running mean and variance, and use them in evaluation.",
    )
    dropout: Probability = Field(
        0.0,
        title="Dropout",
        description="Probability of dropping a unit in training.",
        json_schema_extra={"step": 0.05},
    )
    dropout_kind: DropoutKind = Field("auto", title="Dropout drops")
    initialization: InitializationSpec = InitializationSpec()

    def resolved(self, block: LearnedBlock) -> ResolvedBlock:
        """The block's settings, the network's where the block leaves one out."""
        fields: dict[str, Any] = {
            name: own if (own := getattr(block, name)) is not None else getattr(self, name)
            for name in LearnedBlock.model_fields
        }
        return ResolvedBlock(**fields)

    @property
    def depth(self) -> int:
        """Number of hidden layers with weights."""
        return sum(isinstance(block, LearnedBlock) for block in self.blocks)
