"""The text of a function, with all that it needs, gives what the function gives."""

from __future__ import annotations

import ast
import math
from functools import lru_cache, wraps

import numpy as np
import pytest

from nnviz.catalog import datasets, initializers, schedules
from nnviz.catalog.calls import Call
from nnviz.catalog.schedules import SCHEDULES
from nnviz.catalog.sources import Definitions
from nnviz.seeds import derived_seed

OFFSET: float = 0.5
SCALE = 2 * OFFSET
(LOW, HIGH) = (0, 1)


class Own:
    value = 3


def logged(function):
    @wraps(function)
    def inner(*arguments):
        return function(*arguments)

    return inner


@lru_cache(maxsize=4)
def halved(x: float) -> float:
    return x / 2


def shifted(x: float, by: float = OFFSET, *more: float, **named: int) -> dict[str, float]:
    """Doc π with a colon: and -> an arrow."""
    total: float = SCALE * halved(x)  # comment ü: kept

    def inner(z: float) -> float:
        # kept too
        return z + by

    return {"value": inner(total) + math.fsum(more)}


@logged
def decorated(x):
    return x


def uses_a_class():
    return Own().value


def uses_a_pair():
    return LOW


def uses_nothing_known():
    return nowhere  # noqa: F821


def text_of(*functions):
    needed = Definitions()
    for function in functions:
        needed.add(function)
    return "\n".join([*needed.imports, *needed.texts.values()])


def run(text):
    names = {}
    exec(compile(text, "script.py", "exec"), names)  # noqa: S102
    return names


def test_constants_caches_imports_and_functions_come_along_and_annotations_do_not():
    text = text_of(shifted)
    assert run(text)["shifted"](3.0, 0.25, 1.0, 2.0) == shifted(3.0, 0.25, 1.0, 2.0)
    assert "# comment ü: kept" in text
    assert "# kept too" in text
    assert "Doc π with a colon: and -> an arrow." in text
    nodes = list(ast.walk(ast.parse(text)))
    assert not any(isinstance(node, ast.AnnAssign) for node in nodes)
    assert not any(getattr(node, "annotation", None) for node in nodes)
    assert not any(getattr(node, "returns", None) for node in nodes)
    assert "lru_cache" not in text


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_s_text_gives_its_factors(name):
    factor, arguments = SCHEDULES[name].factor, dict(SCHEDULES[name].arguments)
    theirs = run(text_of(factor))[factor.__name__]
    for step in (0, 1, 7, 29, 30, 99, 100, 5000):
        assert theirs(step, 100, arguments) == factor(step, 100, arguments)


def test_a_function_of_the_package_is_followed_through_its_imports():
    names = run(text_of(derived_seed, datasets._spirals, initializers._kaiming_normal))
    assert names["derived_seed"](3, "draw") == derived_seed(3, "draw")
    ours = datasets._spirals(20, 0.1, 3, np.random.default_rng(2))
    theirs = names["_spirals"](20, 0.1, 3, np.random.default_rng(2))
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_each_definition_stands_once_and_before_it_is_needed():
    needed = Definitions()
    for function in (schedules._one_cycle, schedules._cosine, schedules._one_cycle):
        needed.add(function)
    assert list(needed.texts) == ["_anneal", "_one_cycle", "_cosine"]
    assert list(needed.imports) == ["import math"]


def test_what_a_call_calls_is_added():
    needed = Definitions()
    call = Call(datasets._noisy, truth=datasets._sine)
    assert needed.source_of(call, "400", "0.3", "0", "rng") == (
        "_noisy(400, 0.3, 0, rng, truth=_sine)"
    )
    assert set(needed.texts) == {"_noisy", "_sine"}


def test_a_class_is_written_with_what_it_needs():
    needed = Definitions()
    needed.add(uses_a_class)
    names: dict = {}
    exec("\n".join(needed.texts.values()), names)  # noqa: S102
    assert list(needed.texts) == ["Own", "uses_a_class"]
    assert names["uses_a_class"]() == 3


@pytest.mark.parametrize("function", [uses_a_pair, uses_nothing_known])
def test_a_name_that_can_t_be_written_is_refused(function):
    with pytest.raises(TypeError, match="can't be written into a script"):
        text_of(function)


def test_a_decorator_that_changes_the_function_is_refused():
    with pytest.raises(TypeError, match="decorator of decorated"):
        text_of(decorated)


def test_two_functions_of_one_name_are_refused():
    needed = Definitions()
    needed.add(derived_seed)
    other = type(needed)._define
    with pytest.raises(TypeError, match="derived_seed is defined in"):
        other(needed, datasets, "derived_seed", ast.parse("def derived_seed(): pass").body[0])
