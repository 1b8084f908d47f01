"""Every layer as a calculator: a shape goes in, what comes out?"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Annotated, Any

import streamlit as st
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.blocks.sample import Shape
from nnviz.experiments.layer_stack import (
    KNOWN,
    Asked,
    LayerAnswer,
    ReadError,
    answer_of,
    read_layer,
    read_shape,
)
from nnviz.spec import ExperimentSpec
from nnviz.ui import frame
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.layers.trials import trial
from nnviz.ui.exhibits.scene import Scene

START = KNOWN["Conv2d"]


class CalculatorSettings(Spec):
    """A layer as code, and the shape of what goes in."""

    line: Annotated[str, Field(max_length=300)] = Field(
        START.line,
        title="Layer",
        description="One of torch's layers, or a block of nnviz, with plain numbers.",
    )
    shape: Annotated[str, Field(max_length=60)] = Field(
        START.shape, title="Shape that goes in", description="The batch first: 32, 3, 28, 28."
    )

    @model_validator(mode="after")
    def _can_be_read(self) -> CalculatorSettings:
        read_layer(self.line)
        read_shape(self.shape)
        return self


@dataclass(frozen=True)
class Calculated:
    """The layer as it was read, what goes in, and the answer."""

    asked: Asked
    arrives: Shape
    answer: LayerAnswer


def measure(settings: CalculatorSettings) -> Calculated:
    """The answer of torch's meta device."""
    asked, shape = read_layer(settings.line), read_shape(settings.shape)
    return Calculated(asked, shape, answer_of(asked, shape))


def picture(settings: CalculatorSettings, shown: Calculated) -> Scene:
    """What goes in, the layer with its arguments to be turned, what comes out."""
    asked, answer = shown.asked, shown.answer
    facts = {
        "families": _families(),
        "name": asked.layer.name,
        "line": asked.code,
        "rule": asked.layer.rule,
        "arithmetic": list(answer.arithmetic),
        "arguments": [_argument(asked, name) for name in asked.layer.defaults],
        "arrives": list(shown.arrives),
        "axes": [_axis(shown.arrives, k) for k in range(len(shown.arrives))],
        "output": None if answer.output is None else list(answer.output),
        "reason": answer.reason,
        "tensors": [[name, list(shape)] for name, shape in answer.tensors],
        "torch": list(answer.torch_lines) if asked.layer.is_block else [],
    }
    return Scene("layers", facts)


def _families() -> list[list[Any]]:
    """Family, and in it each layer's name with what to begin with."""
    found: dict[str, list[Any]] = {}
    for layer in KNOWN.values():
        found.setdefault(layer.family, []).append([layer.name, layer.line, layer.shape])
    return [[family, layers] for family, layers in found.items()]


def _argument(asked: Asked, name: str) -> dict[str, Any]:
    """Its value, and the line with it one less, one more, or switched."""
    default = asked.layer.defaults[name]
    value = asked.arguments.get(name, default)
    if name == "blocks":
        value = ", ".join(block.code for block in asked.blocks)
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    steps = [value - 1, value + 1] if is_whole else []
    if isinstance(value, bool):
        steps = [not value]
    return {
        "name": name,
        "value": value if isinstance(value, str) else repr(value),
        "set": name in asked.arguments or default is inspect.Parameter.empty,
        "steps": [_line_if_any(asked.with_(**{name: step})) for step in steps],
    }


def _line_if_any(line: str) -> str | None:
    try:
        return read_layer(line).code
    except ReadError:
        return None


def _axis(shape: Shape, place: int) -> list[str | None]:
    """The shape with this axis one less and one more."""
    changed = ((*shape[:place], shape[place] + by, *shape[place + 1 :]) for by in (-1, 1))
    return [", ".join(map(str, each)) if min(each) > 0 else None for each in changed]


def notice(settings: CalculatorSettings, shown: Calculated) -> str:
    """What came out and what is learned, or why nothing did."""
    answer, name = shown.answer, shown.asked.layer.name
    if answer.reason or answer.output is None:
        return f"**It does not fit.** {answer.reason}"
    same = "the same shape" if answer.output == shown.arrives else f"{answer.output}"
    learned = f"**{answer.n_parameters:,} parameters**" if answer.tensors else "nothing to learn"
    more = " Beside it come the last states or the weights: it is a tuple." * answer.gives_more
    return f"{name} turns {shown.arrives} into {same}, with {learned}.{more}"


CODE = """\
import torch
from torch import nn

layer = {line}
x = {x}
output = layer({inputs}){first}
print(tuple(output.shape), sum(p.numel() for p in layer.parameters()))
"""
BLOCK_CODE = """\
import torch
from nnviz import NetworkSpec, build_network
from nnviz.blocks.sample import Sample

spec = NetworkSpec.model_validate({{"blocks": [{document}]}})
layer = build_network(spec, Sample({sample}, {vocabulary}), 1)[0]
x = torch.zeros({shape})
print(tuple(layer(x).shape), sum(p.numel() for p in layer.parameters()))
"""


def code(settings: CalculatorSettings) -> str:
    """It prints the shape and the number of parameters that the picture shows."""
    from nnviz.experiments.layer_stack.answer import VOCABULARY, document_of

    asked, shape = read_layer(settings.line), read_shape(settings.shape)
    layer = asked.layer
    if layer.is_block:
        return BLOCK_CODE.format(
            document=document_of(asked),
            sample=shape[1:],
            vocabulary=VOCABULARY if layer.takes_tokens else 0,
            shape=", ".join(map(str, shape)),
        )
    sizes = ", ".join(map(str, shape))
    more = layer.name in ("RNN", "LSTM", "GRU", "MultiheadAttention")
    return CODE.format(
        line=asked.code,
        x=f"torch.zeros({sizes}, dtype=torch.long)" if layer.takes_tokens
        else f"torch.randn({sizes})",
        inputs=", ".join(["x"] * layer.n_inputs),
        first="[0]" * more,
    )  # fmt: skip


def experiment(settings: CalculatorSettings) -> ExperimentSpec:
    """A training with such a layer in it."""
    return trial(read_layer(settings.line))


def watch(settings: CalculatorSettings, shown: Calculated) -> None:
    """The way to the page that is about such layers."""
    if page := shown.asked.layer.page:
        title = next(t[page] for t in frame.SECTIONS.values() if page in t)
        path = str(frame.ROOT / "pages" / f"{page}.py")
        st.page_link(path, label=f"More of such layers: {title}", icon=":material/arrow_forward:")


CALCULATOR = Exhibit(
    name="calculator",
    title="One layer",
    lead="Choose a layer and turn its arguments and the sizes that go in: what comes out?",
    settings=CalculatorSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="torch.nn, asked on its meta device; Dumoulin & Visin 2016 (convolution arithmetic).",
    experiment=experiment,
    watch=watch,
)
