"""No bend: any number of linear layers is one, until an activation stands between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from nnviz.base import Spec
from nnviz.blocks.learned import ActivationName
from nnviz.experiments.nonlinearity.collapse import collapse as computed
from nnviz.experiments.nonlinearity.records import CollapseRecord
from nnviz.feed import Grip, Panel
from nnviz.figures.nonlinearity import collapse_surface, stack_row
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.activations.chosen import on
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.signal_code import module_code

ROUNDING = 1e-5


class CollapseSettings(Spec):
    """The stack, and the bend in it."""

    n_layers: Annotated[int, Field(ge=2, le=12)] = Field(6, title="Linear layers")
    stack_width: Annotated[int, Field(ge=2, le=64)] = Field(16, title="Units between them")
    bend: ActivationName = Field("relu", title="The bend φ")
    bend_after: Annotated[int, Field(ge=0, le=11)] = 0
    seed: Annotated[int, Field(ge=0, le=9999)] = 0

    @property
    def place(self) -> int:
        """The layer that the bend stands behind, inside the stack; 0 is none."""
        return min(self.bend_after, self.n_layers - 1)

    @property
    def phi(self) -> str:
        """The bend's name as the reader sees it."""
        return self.bend.replace("_", " ")


def measure(s: CollapseSettings) -> CollapseRecord:
    """The stack, its product, and the stack with the bend."""
    return computed(s.n_layers, s.stack_width, s.bend, s.place, s.seed)


def picture(settings: CollapseSettings, shown: CollapseRecord) -> Sequence[Panel]:
    """The stack beside the one layer, and below them the bend to be put into it."""
    n_layers, place, phi = settings.n_layers, settings.place, settings.phi
    bend = f", {phi} after layer {place}" * (place > 0)
    handle = Grip("bend_after", place, 0.0, "x", 0, n_layers - 1, 1, phi if place else "φ")
    return (
        Panel(
            "stack", f"{n_layers} Linear layers{bend}",
            collapse_surface(shown, "bent" if place else "stack"),
            "Output of the stack over the plane of its two inputs; lines join equal outputs.",
            340, 6, short=260,
        ),
        Panel(
            "product", "One Linear layer: their product", collapse_surface(shown, "product"),
            "W = W_L … W₂ W₁ and the biases carried along.", 340, 6, short=260,
        ),
        Panel(
            "row", "The stack: drag φ between two of its layers", stack_row(n_layers),
            "The layers from the input to the output; left of all of them φ does nothing.", 80, 12,
            grips=(handle,),
        ),
    )  # fmt: skip


def notice(settings: CollapseSettings, shown: CollapseRecord) -> str:
    """The stack is one layer; one activation changes that."""
    w1, w2 = shown.weight_2.tolist()
    text = (
        f"Like 2 · (3 · x) = 6 · x, {settings.n_layers} Linear layers compute exactly what one"
        f" does: {'−' * (w1 < 0)}{abs(w1):.3f}·x₁ {'+' if w2 >= 0 else '−'} {abs(w2):.3f}·x₂"
        f" {'+' if shown.bias >= 0 else '−'} {abs(shown.bias):.3f}. What is left between them,"
        f" {shown.max_difference:.1e}, is rounding in single precision."
    )
    if not math.isfinite(shown.bend):
        return text + " Drag φ behind any layer and the two part."
    if shown.bend < ROUNDING:
        return text + (
            f" With {settings.phi} nothing changes here: on these inputs it is a straight line."
        )
    return text + (
        f" With {settings.phi} inside, the same weights differ from any single layer by up to"
        f" {shown.bend:.3g}: the level lines are no longer straight."
    )


CODE = """\
import torch
from torch import nn

sizes = {sizes}
torch.manual_seed({seed})
layers = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
for layer in layers:
    nn.init.xavier_normal_(layer.weight)
with torch.no_grad():
    W, b = layers[0].weight, layers[0].bias
    for layer in layers[1:]:
        W, b = layer.weight @ W, layer.weight @ b + layer.bias
    line = torch.linspace(-2, 2, 41)
    x = torch.cartesian_prod(line, line).flip(1)
    one_layer = x @ W.T + b
    difference = (nn.Sequential(*layers)(x) - one_layer).abs().max().item()
    {bend}
    bend = (nn.Sequential(*layers)(x) - one_layer).abs().max().item()
print(f"stack and one layer differ by {{difference:.1e}}, with the activation by {{bend:.3g}}")
"""


def code(settings: CollapseSettings) -> str:
    """The same layers, multiplied."""
    bend = f"layers.insert({settings.place}, {module_code(settings.bend)})"
    return CODE.format(
        sizes=[2, *[settings.stack_width] * (settings.n_layers - 1), 1],
        seed=settings.seed,
        bend=bend if settings.place else "# insert an activation here to see the difference grow",
    )


def experiment(settings: CollapseSettings) -> ExperimentSpec:
    """The stack on spirals, with the bend behind each layer or nowhere."""
    widths = [settings.stack_width] * (settings.n_layers - 1)
    bend = settings.bend if settings.place else "identity"
    return on("spirals", widths, bend, initialization={"name": "default"})


COLLAPSE = Exhibit(
    name="collapse",
    title="No bend",
    lead="Two layers without a bend are one: 2 · (3 · x) = 6 · x. So is this whole stack, until you"
    " drag the bend φ between two of its layers.",
    settings=CollapseSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Linear algebra; weights by Xavier normal.",
    experiment=experiment,
    fields=lambda settings: ("n_layers", "stack_width", "bend"),
    actions=lambda settings, shown: (
        Action("Other weights", {"seed": (settings.seed + 1) % 10_000}, shortcut="n"),
    ),
)
