"""Masks: a small network under one mask, and its output under thousands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.distributions import Distribution, distribution_of
from nnviz.experiments.dropout.masks import N_INPUTS, N_MASKS, SmallNetwork, draw_mask
from nnviz.experiments.dropout.records import MaskedLayer, MaskRecord
from nnviz.feed import Panel
from nnviz.figures.distributions import Bell, distribution_lines
from nnviz.figures.dropout_network import UNITS, masked_network
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.charts import ChartClick
from nnviz.ui.exhibits.exhibit import Action, Exhibit, Frame, Play
from nnviz.ui.exhibits.words import full


class MaskSettings(Spec):
    """The small network, the number of its mask, and what was changed in it by hand."""

    q: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.5,
        title="Probability of dropping q",
        description="Each hidden unit is dropped with it, anew in every training pass.",
    )
    depth: Annotated[int, Field(ge=1, le=3)] = Field(2, title="Hidden layers")
    width: Annotated[int, Field(ge=1, le=10)] = Field(6, title="Units in each")
    input_q: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.0,
        title="Probability of dropping an input",
        description="Inputs are often dropped less, 0.2 or not at all.",
    )
    seed: Annotated[int, Field(ge=0, le=9999)] = 0
    draw: Annotated[int, Field(ge=0, le=9999)] = 0
    by_hand: Annotated[tuple[Annotated[int, Field(ge=0, le=33)], ...], Field(max_length=34)] = ()


def measure(settings: MaskSettings) -> MaskRecord:
    """This mask, and thousands."""
    s = settings
    return draw_mask(SmallNetwork(s.width, s.depth, s.q, s.input_q, s.seed), s.draw, s.by_hand)


def picture(settings: MaskSettings, shown: MaskRecord) -> Sequence[Panel]:
    """This pass, and the output under all masks."""
    return _panels(shown, shown.layers, shown.outputs)


def _panels(
    shown: MaskRecord, layers: Sequence[MaskedLayer], outputs: Distribution
) -> Sequence[Panel]:
    passes = [shown.layers, *shown.passes.values()]
    limit = max(float(np.abs(layer.training_D).max()) for each in passes for layer in each) or 1.0
    bells = []
    if np.isfinite(shown.expected_variance) and shown.expected_variance > 0:
        std = math.sqrt(shown.expected_variance)
        bells = [Bell("normal, theory's deviation", shown.evaluation_output, std)]
    marks = [
        ("this pass", float(layers[-1].training_D[0]), "guide"),
        ("evaluation", shown.evaluation_output, "negative"),
        ("mean over masks", outputs.mean, "ink"),
    ]
    return (
        Panel(
            "network", "One pass in training mode", masked_network(layers, shown.weights, limit),
            "The number is what a unit hands on: 0 when dropped (✕), else its activation times"
            " 1/(1 - q). Blue weights are positive, orange ones negative. A click drops a unit or"
            " brings it back.", 430, 6, short=330,
        ),
        Panel(
            "outputs", "The output under many masks",
            distribution_lines([outputs], ["train"], "output", bells, marks),
            "One input and one set of weights; only the mask changes.", 430, 6, short=330,
        ),
    )  # fmt: skip


def frames(settings: MaskSettings, shown: MaskRecord) -> Sequence[Frame]:
    """Masks one after the other; the outputs pile up."""
    found = []
    for number, layers in shown.passes.items():
        so_far = distribution_of(shown.outputs.label, shown.outputs_M[:number], shown.outputs.edges)
        words = f"After {number:,} mask{'s' * (number > 1)} the mean is {so_far.mean:.3f}"
        found.append(Frame(words, _panels(shown, layers, so_far)))
    return found


def click(settings: MaskSettings, clicked: ChartClick) -> dict[str, object]:
    """The unit is dropped, or kept, by hand."""
    layer, unit = clicked.curve - UNITS, clicked.point
    if clicked.panel != "network" or not 0 <= layer <= settings.depth or not isinstance(unit, int):
        return {}
    turned = unit if layer == 0 else N_INPUTS + (layer - 1) * settings.width + unit
    return {"by_hand": sorted({*settings.by_hand} ^ {turned})}


def actions(settings: MaskSettings, shown: MaskRecord) -> Sequence[Action]:
    """Another mask, another network."""
    draw, seed = (settings.draw + 1) % 10_000, (settings.seed + 1) % 10_000
    other = {"seed": seed, "by_hand": ()}
    return (
        Action("Another mask", {"draw": draw, "by_hand": ()}, shortcut="n", primary=True),
        Action("Other weights and inputs", other),
    )


def numbers(settings: MaskSettings, shown: MaskRecord) -> dict[str, str]:
    """One pass, evaluation, and all masks."""
    error = full(f" ± {shown.outputs.mean_error:.1g}")
    return {
        "Output of this pass": f"{shown.layers[-1].training_D[0]:.3f}",
        "In evaluation": f"{shown.evaluation_output:.3f}",
        f"Mean over {N_MASKS:,} masks": f"{shown.outputs.mean:.3f}{error}",
        "Deviation over them": f"{math.sqrt(shown.outputs.variance):.3f}",
    }


def notice(settings: MaskSettings, shown: MaskRecord) -> str:
    """What the mask took, and whether evaluation is the mean over masks."""
    if shown.n_maskable == 0:
        return "With q = 0 nothing is dropped: training and evaluation give the same output."
    kept = [layer.kept_D for layer in shown.layers if layer.kept_D is not None]
    dropped, outputs = sum(int((~kept_D).sum()) for kept_D in kept), shown.outputs
    text = (
        f"This mask drops {dropped} of {shown.n_maskable} units; each survivor counts"
        f" {1 / (1 - shown.q):.3g} times in the hidden layers. There are 2^{shown.n_maskable} ="
        f" {2**shown.n_maskable:,} masks, and all share their weights. "
    )
    if np.isfinite(shown.expected_variance):
        measured = f" ± {outputs.variance_error:.1g}"
        return text + (
            "With one hidden layer evaluation is exactly the mean over all masks, and the variance"
            f" is q/(1 - q)·Σ w²h² = {shown.expected_variance:.3g}; measured"
            f" {outputs.variance:.3g}{full(measured)}."
        )
    away = abs(outputs.mean - shown.evaluation_output)
    errors = away / outputs.mean_error if outputs.mean_error else 0.0
    verdict = "differ" if errors > 3 else "cannot be told apart"
    return text + (
        "ReLUs between the masks and the output make evaluation an approximation of the mean over"
        f" masks; here the two {verdict}{full(f' ({errors:.1f} standard errors)')}."
    )


CODE = """\
import torch
from torch import nn

torch.manual_seed({seed})
sizes = {sizes}
layers = [nn.Dropout({input_q})]
for n_in, n_out in zip(sizes, sizes[1:]):
    layers += [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout({q})]
net = nn.Sequential(*layers, nn.Linear(sizes[-1], 1)).double()
x = torch.randn({n_inputs}, dtype=torch.float64)

with torch.no_grad():
    evaluation = net.eval()(x)
    torch.manual_seed({mask_seed})
    {training}
    torch.manual_seed({many_seed})
    outputs = net(x.expand({n_masks}, -1))  # each row under a mask of its own
print("evaluation", evaluation.item(), "this mask", training.item())
print("mean over masks", outputs.mean().item(), "variance", outputs.var(correction=0).item())
"""
BY_HAND = """\
training, turned = x, iter({turned})  # by hand: units of each dropout layer
    for layer in net.train():
        if isinstance(layer, nn.Dropout):
            mask, units = layer(torch.ones_like(training)), next(turned)  # 0 or 1/(1 - q)
            mask[units] = 1 / (1 - layer.p) - mask[units]
        training = training * mask if isinstance(layer, nn.Dropout) else layer(training)"""


def code(settings: MaskSettings) -> str:
    """The same network, mask and masks."""
    s = settings
    starts = [0, *range(N_INPUTS, N_INPUTS + s.depth * s.width, s.width)]
    turned = [
        [unit - start for unit in s.by_hand if start <= unit < start + size]
        for start, size in zip(starts, [N_INPUTS, *[s.width] * s.depth], strict=True)
    ]
    plain = "training = net.train()(x)  # under one mask"
    return CODE.format(
        seed=derived_seed(s.seed, "small network"), mask_seed=derived_seed(s.seed, "mask", s.draw),
        many_seed=derived_seed(s.seed, "many masks"), sizes=[N_INPUTS, *[s.width] * s.depth],
        q=s.q, input_q=s.input_q, n_inputs=N_INPUTS, n_masks=N_MASKS,
        training=BY_HAND.format(turned=turned) if any(turned) else plain,
    )  # fmt: skip


def experiment(settings: MaskSettings) -> ExperimentSpec:
    """A network of these sizes on moons, with this q."""
    blocks = [{"kind": "dense", "width": max(settings.width, 2)}] * settings.depth
    data = {"name": "moons", "noise": 0.3, "n_samples": 200}
    network = {"blocks": blocks, "dropout": settings.q}
    return ExperimentSpec.model_validate({"data": data, "network": network})


MASKS = Exhibit(
    name="masks",
    title="Masks",
    lead="In every training pass random units are silent (✕) and the others speak louder; click a"
    " unit to drop it or bring it back, and play the masks.",
    settings=MaskSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from"
    " overfitting.",
    experiment=experiment,
    numbers=numbers,
    fields=lambda settings: ("q", "depth", "width", "input_q"),
    more=("input_q",),
    actions=actions,
    play=Play(frames, "Play the masks", 10.0),
    click=click,
)
