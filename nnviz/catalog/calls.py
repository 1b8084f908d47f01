"""A call that can be made and can be written, so that a script says what nnviz computes."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

_NAMESPACES = {"nn.init": nn.init, "nn": nn, "F": F, "torch.optim": torch.optim}


class Variable(str):
    """A value that a script knows by this name."""

    __slots__ = ()


class Call:
    """A function or class with some of its arguments.

    It must have a name that a script can use: one of torch's public ones, or that of a function or
    class defined at the top of its file. Raises TypeError for any other, such as a lambda.
    """

    __slots__ = ("function", "named", "values")

    def __init__(self, function: Callable[..., Any], *values: Any, **named: Any) -> None:
        name_of(function)
        self.function, self.values, self.named = function, values, named

    def __call__(self, *more: Any, **also: Any) -> Any:
        """What the function gives; `also` goes before the call's own named arguments."""
        return self.function(*self.values, *more, **{**self.named, **also})

    def __repr__(self) -> str:
        return self.source()

    def source(self, *more: str, **also: str) -> str:
        """The call as Python code; arguments that are the function's defaults are left out.

        `more` and `also` are texts of further arguments, those of `also` always written.
        """
        parameters = _parameters(self.function)
        own = {
            name: written(value)
            for name, value in self.named.items()
            if name not in also and not _is_default(parameters.get(name), value)
        }
        words = [*map(written, self.values), *more]
        words += [f"{name}={text}" for name, text in {**also, **own}.items()]
        return f"{name_of(self.function)}({', '.join(words)})"

    @property
    def own_functions(self) -> tuple[Callable[..., Any], ...]:
        """The functions named in `source` that are not torch's: a script must define them."""
        functions = (self.function, *filter(callable, (*self.values, *self.named.values())))
        return tuple(each for each in functions if _torch_name(each) is None)


def name_of(function: Callable[..., Any]) -> str:
    """The name by which a script calls a function: nn.ReLU, F.cross_entropy, _spirals."""
    if (name := _torch_name(function)) is not None:
        return name
    name = getattr(function, "__name__", "")
    there = vars(sys.modules.get(getattr(function, "__module__", ""), object))
    is_own = inspect.isclass(function) or inspect.isfunction(inspect.unwrap(function))
    if not is_own or there.get(name) is not function:
        raise TypeError(
            f"{function!r} has no name that a script could use; take a function or class of torch,"
            " or one defined at the top of its file"
        )
    return name


def written(value: object) -> str:
    """A value as Python code. Raises TypeError for one that its code would not give again."""
    if isinstance(value, Variable):
        return str(value)
    if callable(value):
        return name_of(value)
    if isinstance(value, tuple | list):
        texts = ", ".join(map(written, value))
        return f"[{texts}]" if isinstance(value, list) else f"({texts}{',' * (len(value) == 1)})"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{written(key)}: {written(each)}' for key, each in value.items())}}}"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"{type(value).__name__} can't be written as code")


@lru_cache(maxsize=256)
def _torch_name(function: Callable[..., Any]) -> str | None:
    name = getattr(function, "__name__", "")
    for namespace, module in _NAMESPACES.items():
        if name and getattr(module, name, None) is function:
            return f"{namespace}.{name}"
    return None


@lru_cache(maxsize=256)
def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function).parameters)


def _is_default(parameter: inspect.Parameter | None, value: object) -> bool:
    if parameter is None or isinstance(parameter.default, bool) != isinstance(value, bool):
        return False
    return parameter.default is value or parameter.default == value
