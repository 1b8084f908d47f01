"""What every kind of block says of itself: when it fits, what it computes, what it learns.

A kind is one file with one class, entered in `nnviz.blocks`. Its fields are the block's settings,
described for forms; its methods answer whoever builds, trains, measures or writes such a block.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from torch import Tensor, nn

from nnviz.base import Spec, SpecError
from nnviz.blocks.layout import Layer
from nnviz.blocks.sample import Sample, Shape
from nnviz.catalog.calls import Call

Need = Literal["anything", "positions", "sequence", "tokens"]
"""What a kind is offered for: any sample, one with positions, with positions in time, tokens."""


@dataclass(frozen=True)
class Core:
    """What a block computes before normalization, activation and dropout stand around it.

    `parts` are torch modules in the order of computation; the one with weights, if any, is called
    `learned`. Work is counted for one sample; `n_inside` are the numbers that it keeps for the
    backward pass besides its output.
    """

    output: Sample
    parts: Mapping[str, Call]
    learned: str | None = None
    n_multiplications: int = 0
    n_inside: int = 0
    dropouts: Mapping[str, Shape] = field(default_factory=dict)
    """Dropout modules inside the learned part, by their path in it, and what each one gets."""


@dataclass(frozen=True)
class LearnedTensor:
    """One tensor that a block learns, or the rows of one: what it is for, and where it is.

    `values` is a view of the parameter `name`, its `rows` all of them or one gate's.
    """

    role: str
    name: str
    rows: slice
    values: Tensor


@dataclass(frozen=True)
class Seen:
    """What can be seen inside a block for a few examples; each axis of `values` has a name.

    `axes` begins with "example" where every example has its own.
    """

    name: str
    axes: tuple[str, ...]
    values: Tensor


class Block(Spec):
    """One block as it is asked for; a kind adds `kind`, its settings and these answers."""

    needs: ClassVar[Need] = "anything"
    brief: ClassVar[str]
    """The kind's name where there is little room."""
    sized_by: ClassVar[str | None] = None
    """The field that says how large the block is."""
    learns: ClassVar[bool] = True
    """Whether it counts as a layer with weights."""

    if TYPE_CHECKING:

        @property
        def kind(self) -> str:
            """The kind's name in documents."""

    @property
    def keeps_positions(self) -> bool:
        """Whether what comes out still has positions where what arrives has them."""
        return True

    @property
    def n_layers(self) -> int:
        """How many layers stand behind each other in it."""
        return 1

    def core(self, arrives: Sample) -> Core:
        """What the block computes of such samples.

        Raises SpecError, which says what arrives and what would fit.
        """
        raise NotImplementedError

    def tensors(self, part: nn.Module) -> tuple[LearnedTensor, ...]:
        """The weights of the learned part, each with its role; biases are left out."""
        return tuple(
            LearnedTensor(name.replace("_", " ").replace(".", " "), name, slice(None), tensor)
            for name, tensor in part.named_parameters()
            if tensor.dim() > 1
        )

    def seen(self, part: nn.Module, given: Tensor) -> tuple[Seen, ...]:
        """What its learned part does inside with these examples, in evaluation mode."""
        return ()

    def batched(self, name: str, part: nn.Module, arrives: Shape) -> Layer | None:
        """The part for all replicates at once, None where they go one after another."""
        return None


def positions_of(arrives: Sample) -> Shape:
    """The sizes of the axes that samples have besides their channels. Raises SpecError for none."""
    if len(arrives.shape) == 1:
        raise SpecError(
            f"needs an image, a signal or a sequence, but gets {arrives.shape[0]} plain numbers;"
            " put it before dense and flatten blocks, on data with positions such as digits or"
            " mnist1d"
        )
    return arrives.shape[1:]


def steps_of(arrives: Sample) -> int:
    """How many steps a sequence has. Raises SpecError for what is none."""
    if len(arrives.shape) != 2:
        raise SpecError(
            f"needs a sequence (channels, steps), but gets {arrives.shape};"
            " use data with one axis of positions such as mnist1d or adding, before dense and"
            " flatten blocks"
        )
    return arrives.shape[1]
