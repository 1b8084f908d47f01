"""A comparison: one base experiment and two to four lanes, each with settings of its own."""

from __future__ import annotations

import copy
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from nnviz.base import Spec, SpecError, readable_errors
from nnviz.blocks import BLOCKS
from nnviz.spec.code import decoded, encoded
from nnviz.spec.experiment import ExperimentSpec
from nnviz.spec.network import MAX_BLOCKS

MIN_LANES, MAX_LANES = 2, 4
MAX_OVERRIDES = 12
WIDTH, DEPTH = "network.width", "network.depth"
"""Shortcuts: units of every dense block, and how many dense blocks there are."""

KEPT_WITH_ANOTHER_NAME = {
    "learning_rate", "weight_decay", "test_fraction", "scaling", "seed", "label_noise",
}  # fmt: skip
"""Settings that outlast a change of the data set, initializer, optimizer or schedule."""

LaneName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[\w .,;=+%→–()-]*$"),
    Field(min_length=1, max_length=32),
]
Path = Annotated[
    str, Field(max_length=80, pattern=r"^(data|network|training)(\.[a-z][a-z0-9_]*|\.[0-9]{1,2})+$")
]
Value = bool | int | float | Annotated[str, Field(max_length=40)] | None


class OverrideSpec(Spec):
    """One setting in which a lane differs: a dotted path of an ExperimentSpec and its value."""

    path: Path
    value: Value = None


def _once(overrides: tuple[OverrideSpec, ...]) -> tuple[OverrideSpec, ...]:
    paths = [override.path for override in overrides]
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        raise ValueError(f"{twice} is set twice in one lane")
    return overrides


class LaneSpec(Spec):
    """A lane's name and its own settings; all others are the base's."""

    name: LaneName
    overrides: Annotated[
        tuple[OverrideSpec, ...], Field(max_length=MAX_OVERRIDES), AfterValidator(_once)
    ] = ()


class ComparisonSpec(Spec):
    """What to train side by side. Raises ValidationError where a lane's experiment can't be."""

    version: Literal[1] = 1
    base: ExperimentSpec
    lanes: Annotated[tuple[LaneSpec, ...], Field(min_length=MIN_LANES, max_length=MAX_LANES)]

    @model_validator(mode="after")
    def _lanes_can_be_trained(self) -> ComparisonSpec:
        names = self.names
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"lanes need different names; {twice!r} is there twice")
        _ = self.experiments  # names the lane whose experiment can't be
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The lanes' names, in order."""
        return tuple(lane.name for lane in self.lanes)

    @property
    def experiments(self) -> tuple[ExperimentSpec, ...]:
        """Each lane's whole experiment, in order."""
        return tuple(lane_experiment(self.base, lane) for lane in self.lanes)

    def to_code(self) -> str:
        """The comparison as a short text for URLs, without what is at its default."""
        document = self.model_dump(mode="json")
        return encoded(document, {"version": 1, "base": ExperimentSpec().model_dump(mode="json")})

    @classmethod
    def from_code(cls, code: str) -> ComparisonSpec:
        """The comparison of a code. Raises SpecError for anything else, whatever it is."""
        document = decoded(code)
        try:
            base = document.get("base", {}) if isinstance(document, dict) else {}
            return cls.model_validate({**document, "base": base})
        except ValidationError as error:
            raise SpecError("; ".join(readable_errors(error)[:3])) from error
        except TypeError as error:
            raise SpecError("this link holds no comparison") from error


def lane_experiment(base: ExperimentSpec, lane: LaneSpec) -> ExperimentSpec:
    """The base with a lane's own settings. Raises SpecError, which names the lane."""
    document = base.model_dump(mode="json")
    try:
        for override in sorted(lane.overrides, key=lambda one: not one.path.endswith(".name")):
            _set(document, override.path, override.value)
        return ExperimentSpec.model_validate(document)
    except ValidationError as error:
        raise SpecError(f"{lane.name}: {'; '.join(readable_errors(error)[:2])}") from error
    except SpecError as error:
        raise SpecError(f"{lane.name}: {error}") from error


def _set(document: dict[str, Any], path: str, value: Value) -> None:
    if path in (WIDTH, DEPTH):
        _set_dense_blocks(document["network"], path, value)
        return
    *place, field = path.split(".")
    part: Any = document
    for name in place:
        part = _inside(part, name, path)
    _inside(part, field, path)
    if isinstance(part, list):
        raise SpecError(f"{path} is a whole block; set one of its fields")
    if field == "kind" and part["kind"] != value:  # a block of another kind has other settings
        if value not in BLOCKS:
            raise SpecError(f"{path} must be one of {', '.join(BLOCKS)}; got {value!r}")
        part.clear()
        part.update(BLOCKS[str(value)]().model_dump(mode="json"))
    elif field == "name" and part["name"] != value:  # so were the arguments of the other one
        part.update(dict.fromkeys(part.keys() - KEPT_WITH_ANOTHER_NAME))
    part[field] = value


def _inside(part: Any, name: str, path: str) -> Any:
    try:
        return part[int(name)] if isinstance(part, list) else part[name]
    except (KeyError, IndexError, ValueError, TypeError):
        raise SpecError(f"there is no setting {path}") from None


def _set_dense_blocks(network: dict[str, Any], path: str, value: Value) -> None:
    if type(value) is not int or not 0 <= value <= 1024:
        raise SpecError(f"{path} must be a whole number up to 1024; got {value!r}")
    dense = [block for block in network["blocks"] if block["kind"] == "dense"]
    if not dense and value:
        raise SpecError(f"{path} needs a dense block in the base experiment")
    if path == WIDTH:
        for block in dense:
            block["width"] = value
        return
    if value > MAX_BLOCKS:
        raise SpecError(f"{path} must be at most {MAX_BLOCKS}; got {value}")
    rest = [block for block in network["blocks"] if block["kind"] != "dense"]
    copies = [copy.deepcopy(dense[-1]) for _ in range(value - len(dense))]
    network["blocks"] = rest + [*dense, *copies][:value]
