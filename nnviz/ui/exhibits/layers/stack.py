"""A stack of layers as text, answered line by line."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.layer_stack import LineAnswer, StackAnswer, answers_of, read_layer
from nnviz.experiments.layer_stack.reading import MAX_TEXT
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.layers.trials import trial
from nnviz.ui.exhibits.scene import Scene

IMAGES = """nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1),
    nn.BatchNorm2d(16),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(1152, 10),
)"""
EXAMPLES = {
    "A small CNN that does not fit": (IMAGES, "32, 1, 28, 28"),
    "An MLP": (
        "nn.Sequential(\n    nn.Flatten(),\n    nn.Linear(784, 256),\n    nn.ReLU(),\n"
        "    nn.Dropout(0.5),\n    nn.Linear(256, 10),\n)",
        "32, 1, 28, 28",
    ),
    "LeNet-5": (
        "nn.Sequential(\n    nn.Conv2d(1, 6, 5, padding=2),\n    nn.Tanh(),\n    nn.AvgPool2d(2),\n"
        "    nn.Conv2d(6, 16, 5),\n    nn.Tanh(),\n    nn.AvgPool2d(2),\n    nn.Flatten(),\n"
        "    nn.Linear(400, 120),\n    nn.Tanh(),\n    nn.Linear(120, 84),\n    nn.Tanh(),\n"
        "    nn.Linear(84, 10),\n)",
        "32, 1, 28, 28",
    ),
    "Signals": (
        "nn.Sequential(\n    nn.Conv1d(1, 25, 5, stride=2, padding=1),\n    nn.ReLU(),\n"
        "    nn.Conv1d(25, 25, 3, stride=2, padding=1),\n    nn.ReLU(),\n"
        "    nn.AdaptiveAvgPool1d(1),\n    nn.Flatten(),\n    nn.Linear(25, 10),\n)",
        "32, 1, 40",
    ),
    "An LSTM in a Sequential": (
        "nn.Sequential(\n    nn.Embedding(1000, 32, padding_idx=0),\n"
        "    nn.LSTM(32, 64, batch_first=True),\n    nn.Linear(64, 2),\n)",
        "32, 20",
    ),
}


class StackSettings(Spec):
    """Layers as code, and the shape of what goes in."""

    text: Annotated[str, Field(max_length=MAX_TEXT)] = Field(IMAGES, title="Layers")
    shape: Annotated[str, Field(max_length=60)] = Field(
        "32, 1, 28, 28", title="Shape that goes in", description="The batch first."
    )


def measure(settings: StackSettings) -> StackAnswer:
    """Every line's answer of torch's meta device."""
    return answers_of(settings.text, settings.shape)


def picture(settings: StackSettings, shown: StackAnswer) -> Scene:
    """The text, and beside each line what comes out of it."""
    facts = {
        "text": settings.text,
        "shape": settings.shape,
        "most": MAX_TEXT,
        "examples": [[name, *example] for name, example in EXAMPLES.items()],
        "arrives": shown.arrives and list(shown.arrives),
        "lines": [_row(line) for line in shown.lines],
        "reason": shown.reason,
        "at": shown.line,
        "total": shown.n_parameters,
        "output": shown.output and list(shown.output),
    }
    return Scene("layer_stack", facts)


def _row(line: LineAnswer) -> dict[str, Any]:
    answer = line.answer
    return {
        "line": line.line,
        "code": line.code,
        "output": answer and answer.output and list(answer.output),
        "parameters": answer.n_parameters if answer and answer.output else None,
        "reason": answer and answer.reason,
    }


def notice(settings: StackSettings, shown: StackAnswer) -> str:
    """The first line that does not fit, or where most parameters are."""
    if shown.reason:
        return "Nothing of it is executed: it is read as plain text, layer by layer."
    if wrong := shown.wrong:
        fitting = sum(line.answer is not None for line in shown.lines) - 1
        return (
            f"**Line {wrong.line} stops the stack**: behind it nothing arrives. The {fitting}"
            f" layers before it fit, with {shown.n_parameters:,} parameters so far."
        )
    if not shown.lines:
        return "Write a layer, such as `nn.Linear(784, 10)`."
    told = f"All {len(shown.lines)} layers fit, with {shown.n_parameters:,} parameters."
    most = max(shown.lines, key=lambda line: line.answer.n_parameters if line.answer else 0)
    if most.answer and most.answer.n_parameters:
        share = most.answer.n_parameters / shown.n_parameters
        told += f" **{share:.0%} of them** are in line {most.line}, `{most.code}`."
    return told


CODE = """\
import torch
from torch import nn

x = {x}
layers = [
{layers}
]
for layer in layers:
    x = layer(x)
    print(tuple(x.shape), sum(p.numel() for p in layer.parameters()))
"""


def code(settings: StackSettings) -> str:
    """It prints what stands beside the lines, as far as they fit."""
    shown = measure(settings)
    fitting = [line for line in shown.lines if line.answer and line.answer.output]
    tokens = fitting and fitting[0].code.startswith("nn.Embedding(")
    sizes = ", ".join(map(str, shown.arrives or (1,)))
    x = f"torch.zeros({sizes}, dtype=torch.long)" if tokens else f"torch.randn({sizes})"
    rows = [line.code for line in fitting]
    if fitting and fitting[-1].answer and fitting[-1].answer.gives_more:
        rows.pop()  # it gives a tuple
    return CODE.format(x=x, layers="\n".join(f"    {row}," for row in rows))


def experiment(settings: StackSettings) -> ExperimentSpec:
    """A training with a network like it: of the first layer's kind."""
    shown = measure(settings)
    return trial(read_layer(shown.lines[0].code if shown.lines else "nn.Linear(1, 1)"))


STACK = Exhibit(
    name="stack",
    title="A stack of layers",
    lead="Write or paste an `nn.Sequential`: beside each line stands what comes out of it, and the"
    " first line that does not fit says why.",
    settings=StackSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="torch.nn, asked on its meta device. The text is read, never executed.",
    experiment=experiment,
    fields=lambda settings: ("shape",),
)
