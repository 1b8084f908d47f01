"""A call as text gives what the call itself gives, and what can't be written is refused."""

import functools
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from nnviz.catalog.activations import ACTIVATIONS, Activation
from nnviz.catalog.calls import Call, Variable, name_of, written
from nnviz.catalog.datasets import DatasetEntry
from nnviz.catalog.schedules import Schedule

NAMES = {"nn": nn, "F": F, "torch": torch}


def double(x):
    return 2 * x


def evaluated(text, **names):
    return eval(text, {**NAMES, **names})  # noqa: S307


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_s_text_makes_the_same_module(name):
    z = torch.linspace(-4, 4, 41)
    call = ACTIVATIONS[name].call
    assert torch.equal(evaluated(call.source())(z), call()(z))


def test_values_stand_first_and_names_last():
    call = Call(F.huber_loss, delta=0.3)
    assert call.source("a", "b") == "F.huber_loss(a, b, delta=0.3)"
    assert Call(nn.Linear, 2, 8).source() == "nn.Linear(2, 8)"
    a, b = torch.tensor([1.0]), torch.tensor([3.0])
    assert call(a, b) == evaluated(call.source("a", "b"), a=a, b=b)


def test_only_what_differs_from_the_function_s_own_default_is_written():
    assert Call(nn.BatchNorm1d, 4, momentum=0.1, track_running_stats=True).source() == (
        "nn.BatchNorm1d(4)"
    )
    assert Call(nn.BatchNorm1d, 4, momentum=None).source() == "nn.BatchNorm1d(4, momentum=None)"
    asked = Call(torch.optim.Adam, lr=0.001, weight_decay=0.0)
    assert asked.source("p", lr="0.001") == "torch.optim.Adam(p, lr=0.001)"
    assert Call(torch.optim.AdamW, lr=0.1, weight_decay=0.0).source("p") == (
        "torch.optim.AdamW(p, lr=0.1, weight_decay=0.0)"
    )


def test_a_variable_is_written_by_its_name():
    weighted = Call(F.cross_entropy, weight=Variable("class_weights"))
    assert weighted.source("x", "y") == "F.cross_entropy(x, y, weight=class_weights)"


@pytest.mark.parametrize(
    "value", [3, 0.1, -1e-12, True, None, "a 'b' \"c\"", (1,), (1, 2.5), [0.5, 2.0], {"every": 7.0}]
)
def test_a_value_s_text_gives_it_again(value):
    assert evaluated(written(value)) == value


def test_a_function_of_one_s_own_is_called_by_its_name():
    call = Call(double)
    assert call.source("3") == "double(3)"
    assert call.own_functions == (double,)
    assert Call(nn.ReLU).own_functions == ()


@pytest.mark.parametrize(
    "nameless",
    [lambda: nn.ReLU(), functools.partial(nn.ELU, 0.5), nn.ReLU().forward, type("Own", (), {})],
    ids=["lambda", "partial", "method", "class"],
)
def test_what_no_script_could_name_is_refused_where_it_is_written(nameless):
    with pytest.raises(TypeError, match="has no name that a script could use"):
        name_of(nameless)
    with pytest.raises(TypeError, match="defined at the top of its file"):
        Activation("own", nameless, "z")
    with pytest.raises(TypeError, match="has no name"):
        Schedule("own", nameless)
    with pytest.raises(TypeError, match="has no name"):
        DatasetEntry("own", nameless, (2,), 2, "")


def test_a_function_inside_another_one_has_no_name():
    def inside(step, n_steps, arguments):
        return 1.0

    with pytest.raises(TypeError, match="has no name"):
        Schedule("own", inside)


@pytest.mark.parametrize("value", [torch.ones(2), object(), {1, 2}])
def test_a_value_without_a_text_is_refused(value):
    with pytest.raises(TypeError, match="can't be written as code"):
        Call(F.cross_entropy, weight=value).source("x", "y")


def test_an_activation_may_be_a_call_with_arguments():
    entry = Activation("slow_elu", Call(nn.ELU, alpha=0.5), "")
    assert entry.call.source() == "nn.ELU(alpha=0.5)"
    assert float(entry.make()(torch.tensor(-1.0))) == pytest.approx(0.5 * (math.exp(-1) - 1))
