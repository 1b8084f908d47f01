"""What may be asked of the models with known theory, and of their training sets."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Closed(BaseModel):
    """A request that refuses unknown fields, changes and numbers that are not finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SineSpec(Closed):
    """Training sets y = sin(π x₁) + σ ε with ε ~ N(0, 1) and x uniform on [-1, 1]^F."""

    n_samples: int = Field(default=25, ge=2, le=10_000)
    noise: float = Field(default=0.3, ge=0, le=10)
    """Standard deviation σ of the noise; the noise variance is its square."""
    n_inputs: int = Field(default=1, ge=1, le=50)
    """Inputs beyond the first do not matter to the truth: the model has to find that out."""
    design: Literal["fresh", "fixed"] = "fresh"
    """Fresh inputs for each replicate, or one draw of inputs shared by all of them."""


class PolynomialSpec(Closed):
    """Least squares on the Chebyshev polynomials T_0 … T_degree of one input."""

    kind: Literal["polynomial"] = "polynomial"
    degree: int = Field(default=3, ge=0, le=50)
    ridge: float = Field(default=0.0, ge=0, le=1e6)
    """Weight of ‖w‖² beside the mean squared error; 0 gives the solution of least norm."""


class RandomFeaturesSpec(Closed):
    """Least squares on P random ReLU features max(0, w·x + b) / √P, w and b ~ N(0, 1).

    Double descent peaks at P = M points where P features have rank P: with a few inputs, say
    five. With one input many features are parallel on the data and the peak moves beyond P = M.
    """

    kind: Literal["random_features"] = "random_features"
    n_features: int = Field(default=100, ge=1, le=5_000)
    ridge: float = Field(default=0.0, ge=0, le=1e6)
    """Weight of ‖w‖² beside the mean squared error; 0 gives the solution of least norm."""
    initialization: Literal["fresh", "frozen"] = "fresh"
    """Fresh features for each replicate, or one draw of features shared by all of them."""


class NeighborsSpec(Closed):
    """The mean target of the nearest training points."""

    kind: Literal["neighbors"] = "neighbors"
    n_neighbors: int = Field(default=5, ge=1, le=10_000)


class TreeSpec(Closed):
    """A regression tree; without a `max_depth` it grows until every leaf is pure."""

    kind: Literal["tree"] = "tree"
    max_depth: int | None = Field(default=None, ge=1, le=100)
    min_samples_leaf: int = Field(default=1, ge=1, le=10_000)


ClassicalModelSpec = Annotated[
    PolynomialSpec | RandomFeaturesSpec | NeighborsSpec | TreeSpec, Field(discriminator="kind")
]
