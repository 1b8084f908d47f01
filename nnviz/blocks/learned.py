"""What stands around the weights of a block: normalization, activation, dropout, initial values."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from nnviz.base import Spec
from nnviz.blocks.initialization import InitializationSpec
from nnviz.blocks.kind import Block
from nnviz.blocks.sample import Shape
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.calls import Call
from nnviz.catalog.choices import one_of
from nnviz.catalog.dropouts import DROPOUT_KINDS, refuse_dropout
from nnviz.catalog.initializers import INITIALIZERS, fits
from nnviz.catalog.normalizations import NORMALIZATIONS, NormalizationOptions

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
DropoutKind = Annotated[
    str,
    AfterValidator(one_of("dropout_kind", DROPOUT_KINDS)),
    Field(json_schema_extra={"choices": list(DROPOUT_KINDS)}),
]
Placement = Literal["before", "after"]
Probability = Annotated[float, Field(ge=0, le=0.95)]
Momentum = Annotated[float, Field(gt=0, le=1)] | Literal["cumulative"]
Groups = Annotated[int, Field(ge=1, le=1024)]


class LearnedBlock(Block):
    """A linear map of what arrives, with an activation; None takes the network's default."""

    activation: ActivationName | None = None
    normalization: NormalizationName | None = None
    placement: Placement | None = None
    groups: Groups | None = None
    momentum: Momentum | None = None
    track_running_stats: bool | None = None
    dropout: Probability | None = None
    dropout_kind: DropoutKind | None = None
    initialization: InitializationSpec | None = None


class ResolvedBlock(Spec):
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

    def after(self, shape: Shape) -> dict[str, Call]:
        """What follows the weights of a block with this output: the parts as placed."""
        parts = {"activation": ACTIVATIONS[self.activation].call}
        if self.normalization != "none":
            entry = NORMALIZATIONS[self.normalization]
            normalization = {"normalization": entry.call(shape, self.normalization_options)}
            before = self.placement == "before"
            parts = {**normalization, **parts} if before else {**parts, **normalization}
        if self.dropout:
            kind = DROPOUT_KINDS[self.dropout_kind]
            parts["dropout"] = kind.call(len(shape), self.dropout)
        return parts

    def refusal(self, shape: Shape, weight_rank: int) -> str | None:
        """Why what stands around can't follow weights of this rank with this output, or None."""
        refused = NORMALIZATIONS[self.normalization].refuse(shape, self.normalization_options)
        if refused is None and self.dropout:
            refused = refuse_dropout(self.dropout_kind, len(shape))
        return refused or self._refuse_initializer(weight_rank)

    def _refuse_initializer(self, weight_rank: int) -> str | None:
        name = self.initialization.name
        if fits(name, weight_rank):
            return None
        low, high = INITIALIZERS[name].ranks
        ranks = f"rank {low}" if low == high else f"ranks {low} to {high}"
        fitting = "dense layers" if low == 2 else "convolutions"
        return f"{name} fits weights of {ranks} ({fitting}), and this block has {weight_rank}"
