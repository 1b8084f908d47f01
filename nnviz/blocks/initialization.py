"""How the weights of a block are asked to start."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from nnviz.base import Spec, filled
from nnviz.catalog.choices import one_of
from nnviz.catalog.initializers import INITIALIZERS

InitializerName = Annotated[
    str,
    AfterValidator(one_of("initialization", INITIALIZERS)),
    Field(json_schema_extra={"choices": list(INITIALIZERS)}),
]
Bounded = Annotated[float, Field(ge=-100, le=100)]


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
