"""A stack of layers, answered line by line until one does not fit."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.blocks.sample import Shape
from nnviz.experiments.layer_stack.answer import LayerAnswer, answer_of
from nnviz.experiments.layer_stack.reading import Asked, ReadError, read_shape, read_stack


@dataclass(frozen=True)
class LineAnswer:
    """One layer: where in the text it stands, what it gets and what it answers.

    Behind a line that does not fit nothing arrives, and there is no answer.
    """

    line: int
    code: str
    arrives: Shape | None
    answer: LayerAnswer | None


@dataclass(frozen=True)
class StackAnswer:
    """All lines in order; `reason` says what can't be read, at `line` of the text."""

    arrives: Shape | None
    lines: tuple[LineAnswer, ...] = ()
    reason: str | None = None
    line: int = 0

    @property
    def n_parameters(self) -> int:
        """Learned numbers of all lines that fit."""
        return sum(
            each.answer.n_parameters for each in self.lines if each.answer and each.answer.output
        )

    @property
    def wrong(self) -> LineAnswer | None:
        """The first line that does not fit."""
        return next((each for each in self.lines if each.answer and each.answer.reason), None)

    @property
    def output(self) -> Shape | None:
        """What comes out of the last line."""
        if self.reason or not self.lines or self.lines[-1].answer is None:
            return None
        return self.lines[-1].answer.output


def answers_of(text: str, shape: str) -> StackAnswer:
    """The layers of a text on batches of a shape; nothing of the text is executed."""
    try:
        arrives = read_shape(shape)
    except ReadError as error:
        return StackAnswer(None, (), str(error), 0)
    try:
        asked = read_stack(text)
        if any(each.layer.is_block for each in asked):
            line = next(each.line for each in asked if each.layer.is_block)
            raise ReadError("only torch's own layers stand in nn.Sequential", line)
    except ReadError as error:
        return StackAnswer(arrives, (), str(error), error.line)
    lines: list[LineAnswer] = []
    given: Shape | None = arrives
    for place, layer in enumerate(asked):
        answer = None if given is None else _answered(layer, given, asked[:place])
        lines.append(LineAnswer(layer.line, layer.code, given, answer))
        given = answer.output if answer else None
    return StackAnswer(arrives, tuple(lines))


def _answered(asked: Asked, shape: Shape, before: tuple[Asked, ...]) -> LayerAnswer:
    """A layer behind others; what nn.Sequential can't hand on is said in words."""
    name = f"nn.{asked.layer.name}"
    if asked.layer.n_inputs > 1:
        return LayerAnswer(
            None, reason=f"{name} takes query, key and value, and nn.Sequential hands on one tensor"
        )
    if asked.layer.takes_tokens and before:
        return LayerAnswer(
            None, reason=f"{name} takes whole numbers: put it first, where the tokens come in"
        )
    if before and before[-1].layer.family == "Sequence" and _gives_more(before[-1]):
        return LayerAnswer(
            None,
            reason=f"nn.{before[-1].layer.name} gives a tuple, its states and the last of them,"
            f" and {name} takes a tensor: take the first part in a module of your own",
        )
    return answer_of(asked, shape)


def _gives_more(asked: Asked) -> bool:
    return asked.layer.name in ("RNN", "LSTM", "GRU")
