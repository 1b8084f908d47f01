"""Lines of code as plain data: known names with literal arguments. Nothing is ever executed."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nnviz.experiments.layer_stack.known import KNOWN, KnownLayer

MAX_TEXT = 4000
MAX_DEPTH = 8
MAX_LAYERS = 64
MAX_NUMBER = 1_000_000
MAX_ITEMS = 8
MAX_AXES = 6
_LAYERS_ARGUMENTS = ("num_layers", "layers")
_ANY_SIGN = ("start_dim", "end_dim", "padding_idx", "forget_bias")
_MAY_BE_ZERO = ("padding", "output_padding", "num_parameters", "inplace")
_TORCH = ("nn", "torch.nn")


class ReadError(ValueError):
    """What can't be read, in words; `line` is where in the text, from 1."""

    def __init__(self, words: str, line: int = 1) -> None:
        super().__init__(words)
        self.line = line


@dataclass(frozen=True)
class Asked:
    """A layer with all that was written between its brackets; `blocks` stand in a residual one."""

    layer: KnownLayer
    arguments: Mapping[str, Any]
    line: int = 1
    blocks: tuple[Asked, ...] = ()

    @property
    def code(self) -> str:
        """As it is written in Python, without what is at its default."""
        return self.with_()

    def with_(self, **changes: Any) -> str:
        """The same line with other values of some arguments."""
        words = [block.code for block in self.blocks]
        values = {**self.arguments, **changes}
        for name, default in self.layer.defaults.items():
            if name not in values:
                continue
            value = values[name]
            if default is inspect.Parameter.empty and not self.layer.is_block:
                words.append(repr(value))
            elif default != value or isinstance(default, bool) != isinstance(value, bool):
                words.append(f"{name}={value!r}")
        return f"{self.layer.prefix}{self.layer.name}({', '.join(words)})"


def read_layer(text: str) -> Asked:
    """The one layer in a line. Raises ReadError."""
    found = read_stack(text)
    if len(found) != 1:
        raise ReadError(f"write one layer here; got {len(found)}")
    return found[0]


def read_stack(text: str) -> tuple[Asked, ...]:
    """Layers in order: an nn.Sequential, or layers with commas or each on a line of its own.

    Raises ReadError with the line.
    """
    found = []
    for statement in _parsed(text).body:
        if isinstance(statement, ast.Assign | ast.Expr):
            for node in _elements(statement.value):
                found.append(_asked(node))
                if len(found) > MAX_LAYERS:
                    raise ReadError(f"write at most {MAX_LAYERS} layers", node.lineno)
        elif not isinstance(statement, ast.Import | ast.ImportFrom):
            raise ReadError("write layers only, such as nn.Linear(784, 128)", statement.lineno)
    return tuple(found)


def read_shape(text: str) -> tuple[int, ...]:
    """A shape such as 32, 3, 28, 28, the batch first. Raises ReadError."""
    words = text.strip().strip("()[]").replace("×", ",").replace("x", ",").split(",")
    sizes = [word.strip() for word in words if word.strip()]
    if not 1 <= len(sizes) <= MAX_AXES:
        raise ReadError(f"write 1 to {MAX_AXES} sizes, such as 32, 3, 28, 28; got {len(sizes)}")
    for size in sizes:
        if not (size.isascii() and size.isdigit() and 1 <= int(size[:9]) <= MAX_NUMBER):
            raise ReadError(f"a size is a whole number from 1 to {MAX_NUMBER:,}; got {size[:20]!r}")
    shape = tuple(int(size[:9]) for size in sizes)
    if math.prod(shape) > 2**40:
        raise ReadError("the sizes multiplied must stay below 2⁴⁰")
    return shape


def _parsed(text: str) -> ast.Module:
    if len(text) > MAX_TEXT:
        raise ReadError(f"write at most {MAX_TEXT:,} characters; got {len(text):,}")
    depth = 0
    for number, row in enumerate(text.splitlines(), start=1):
        for letter in row:
            depth += (letter in "([{") - (letter in ")]}")
            if depth > MAX_DEPTH:
                raise ReadError(f"brackets stand at most {MAX_DEPTH} deep", number)
    try:
        return ast.parse("\n".join(row.strip() for row in text.splitlines()))
    except SyntaxError as error:
        raise ReadError(f"this is no Python: {error.msg}", error.lineno or 1) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ReadError("this is no Python that can be read") from error


def _elements(node: ast.expr) -> Iterator[ast.expr]:
    """The layers in a node: of a tuple, a list or nn.Sequential those inside it."""
    if isinstance(node, ast.Tuple | ast.List):
        inside = node.elts
    elif isinstance(node, ast.Call) and _name(node.func) == "Sequential":
        if node.keywords:
            raise ReadError("nn.Sequential takes layers only", node.lineno)
        inside = node.args
    else:
        yield node
        return
    for each in inside:
        yield from _elements(each)


def _name(node: ast.expr) -> str:
    """The name that is called, without nn. or torch.nn. before it."""
    if isinstance(node, ast.Name):
        return node.id
    if not isinstance(node, ast.Attribute):
        return ""
    before = node.value
    if isinstance(before, ast.Attribute) and isinstance(before.value, ast.Name):
        place = f"{before.value.id}.{before.attr}"
    else:
        place = before.id if isinstance(before, ast.Name) else "…"
    return node.attr if place in _TORCH else f"{place}.{node.attr}"


def _asked(node: ast.expr) -> Asked:
    line = node.lineno
    if not isinstance(node, ast.Call):
        raise ReadError("write a layer with its brackets, such as nn.ReLU()", line)
    name = _name(node.func)
    layer = KNOWN.get(name)
    if layer is None:
        raise ReadError(f"{name[:40] or 'this'} is no layer known here", line)
    blocks: tuple[Asked, ...] = ()
    values = node.args
    if layer.name == "residual":
        blocks, values = tuple(_asked(each) for each in node.args), []
        if not all(block.layer.is_block and not block.blocks for block in blocks):
            raise ReadError("residual(…) holds plain blocks such as dense(width=8)", line)
    return Asked(layer, _bound(layer, values, node.keywords, line), line, blocks)


def _bound(
    layer: KnownLayer, values: list[ast.expr], keywords: list[ast.keyword], line: int
) -> dict[str, Any]:
    names = [name for name in layer.defaults if name != "blocks"]
    if len(values) > len(names) or (layer.is_block and values):
        takes = ", ".join(names) or "nothing"
        raise ReadError(f"{layer.name} takes {takes}" + " by name" * layer.is_block, line)
    pairs = list(zip(names, values, strict=False))
    for keyword in keywords:
        if keyword.arg not in names:
            takes = ", ".join(names) or "no argument"
            got = str(keyword.arg)[:40] if keyword.arg else "**"
            raise ReadError(f"{layer.name} takes {takes}; got {got}", line)
        if keyword.arg in dict(pairs):
            raise ReadError(f"{layer.name} has {keyword.arg} twice", line)
        pairs.append((keyword.arg, keyword.value))
    bound = {name: _literal(node, name, layer) for name, node in pairs}
    empty = inspect.Parameter.empty
    missing = [n for n in names if layer.defaults[n] is empty and n not in bound]
    if missing:
        raise ReadError(f"{layer.name} needs {', '.join(missing)} between its brackets", line)
    return bound


def _literal(node: ast.expr, name: str, layer: KnownLayer) -> Any:
    if isinstance(node, ast.Tuple | ast.List):
        if len(node.elts) > MAX_ITEMS:
            raise ReadError(f"{name} has at most {MAX_ITEMS} numbers", node.lineno)
        return tuple(_literal(each, name, layer) for each in node.elts)
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1, node.operand
    value = node.value if isinstance(node, ast.Constant) else ...
    if isinstance(value, bool | None) or (isinstance(value, str) and len(value) <= 20):
        if sign == 1:
            return value
    elif isinstance(value, int | float) and abs(value) <= MAX_NUMBER:
        return _number(sign * value, name, node.lineno)
    raise ReadError(
        f"{name} must be a plain number up to {MAX_NUMBER:,}, True, False, None or a short word",
        node.lineno,
    )


def _number(value: float, name: str, line: int) -> float:
    if name in _LAYERS_ARGUMENTS and value > 16:
        raise ReadError(f"{name} is at most 16 here; got {value}", line)
    if isinstance(value, int) and name not in _ANY_SIGN:
        least = 0 if name in _MAY_BE_ZERO or name in ("p", "dropout") else 1
        if value < least:
            raise ReadError(f"{name} must be {least} or more; got {value}", line)
    return value
