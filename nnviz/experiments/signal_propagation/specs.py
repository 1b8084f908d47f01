"""Which untrained network is measured."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from nnviz.base import Spec
from nnviz.blocks.initialization import InitializationSpec
from nnviz.blocks.learned import ActivationName, Groups, NormalizationName, Placement
from nnviz.catalog.normalizations import NORMALIZATIONS, NormalizationOptions

SECONDS_PER_MULTIPLICATION = 2.5e-10
"""Of a batched float64 product on one core, measured; forward and two products backward."""


KAIMING = InitializationSpec(name="kaiming_normal")
Start = Annotated[
    InitializationSpec,
    BeforeValidator(lambda v: {"name": KAIMING.name, **v} if isinstance(v, dict) else v),
]
"""Initial weights, by Kaiming where no name is given: a link leaves out what is by default."""


class SignalSpec(Spec):
    """`depth` equal layers of `width` units on `n_samples` inputs x ~ N(0, 1)^width."""

    activation: ActivationName = "relu"
    width: Annotated[int, Field(ge=2, le=1024)] = 64
    depth: Annotated[int, Field(ge=1, le=60)] = 20
    initialization: Start = KAIMING
    normalization: NormalizationName = "none"
    placement: Placement = "before"
    groups: Groups = 4
    n_samples: Annotated[int, Field(ge=2, le=2048)] = 64
    n_seeds: Annotated[int, Field(ge=1, le=20)] = 3

    @model_validator(mode="after")
    def _normalization_fits(self) -> SignalSpec:
        if refusal := NORMALIZATIONS[self.normalization].refuse((self.width,), self.options):
            raise ValueError(refusal)
        return self

    @property
    def options(self) -> NormalizationOptions:
        """The options as the normalization catalog takes them."""
        return NormalizationOptions(groups=self.groups)


def affordable_seeds(spec: SignalSpec, seconds: float) -> int:
    """How many seeds can be measured within that time on one core, at least one, at most 20."""
    multiplications = 3 * spec.n_samples * spec.width**2
    if spec.initialization.name == "orthogonal":
        multiplications += 8 * spec.width**3
    if spec.initialization.name == "sparse":
        multiplications += 50_000 * spec.width  # torch draws a permutation for each column
    multiplications += 200_000  # seeding and filling, whatever the size
    cost = spec.depth * multiplications * SECONDS_PER_MULTIPLICATION
    return max(1, min(20, int(seconds / cost)))
