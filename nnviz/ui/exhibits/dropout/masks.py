"""Masks: a small network under one mask, and its output under thousands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from nnviz.experiments.distributions import Distribution, distribution_of
from nnviz.experiments.dropout.masks import N_INPUTS, N_MASKS, SmallNetwork, draw_mask
from nnviz.experiments.dropout.records import MaskedLayer, MaskRecord
from nnviz.feed import Panel
from nnviz.figures.distributions import distribution_lines
from nnviz.figures.dropout_network import UNITS, masked_network
from nnviz.ui.charts import ChartClick
from nnviz.ui.exhibits.dropout.dropping import Dropping, on_moons
from nnviz.ui.exhibits.dropout.masks_code import masks_code
from nnviz.ui.exhibits.exhibit import Action, Exhibit, Frame, Play
from nnviz.ui.exhibits.words import full


class MaskSettings(Dropping):
    """The small network, the number of its mask, and the units turned over by hand."""

    depth: Annotated[int, Field(ge=1, le=3)] = Field(2, title="Hidden layers")
    width: Annotated[int, Field(ge=1, le=10)] = Field(6, title="Units in each")
    input_q: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.0,
        title="Probability of dropping an input",
        description="Inputs are often dropped less, 0.2 or not at all.",
    )
    draw: Annotated[int, Field(ge=0, le=9999)] = 0
    by_hand: Annotated[tuple[Annotated[int, Field(ge=0, le=33)], ...], Field(max_length=34)] = ()

    @property
    def asked(self) -> tuple[SmallNetwork, int, tuple[int, ...]]:
        """The network, the number of the mask, and what was changed in it."""
        network = SmallNetwork(self.width, self.depth, self.q, self.input_q, self.seed)
        return network, self.draw, self.by_hand


def picture(settings: MaskSettings, shown: MaskRecord) -> Sequence[Panel]:
    """This pass, and the output under all masks."""
    return _panels(shown, shown.layers, shown.outputs)


def _panels(
    shown: MaskRecord, layers: Sequence[MaskedLayer], outputs: Distribution
) -> Sequence[Panel]:
    passes = [shown.layers, *shown.passes.values()]
    limit = max(float(np.abs(layer.training_D).max()) for each in passes for layer in each) or 1.0
    marks = [
        ("this pass", float(layers[-1].training_D[0]), "lane_2"),
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
            distribution_lines([outputs], ["train"], "output", marks=marks),
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
    unit += N_INPUTS + (layer - 1) * settings.width if layer else 0
    return {"by_hand": sorted({*settings.by_hand} ^ {unit})}


def actions(settings: MaskSettings, shown: MaskRecord) -> Sequence[Action]:
    """Another mask, another network."""
    mask, network = ((number + 1) % 10_000 for number in (settings.draw, settings.seed))
    return (
        Action("Another mask", {"draw": mask, "by_hand": ()}, shortcut="n", primary=True),
        Action("Other weights and inputs", {"seed": network, "by_hand": ()}),
    )


def numbers(settings: MaskSettings, shown: MaskRecord) -> dict[str, str]:
    """One pass, evaluation, and all masks."""
    error = full(f" ± {shown.outputs.mean_error:.1g}")
    return {
        "Output of this pass": f"{shown.layers[-1].training_D[0]:.3f}",
        "In evaluation": f"{shown.evaluation_output:.3f}",
        f"Mean over {N_MASKS:,} masks": f"{shown.outputs.mean:.3f}{error}",
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
        return text + (
            "With one hidden layer evaluation is exactly the mean over all masks, and the variance"
            f" is q/(1 - q)·Σ w²h² = {shown.expected_variance:.3g}; measured"
            f" {outputs.variance:.3g}{full(f' ± {outputs.variance_error:.1g}')}."
        )
    away = abs(outputs.mean - shown.evaluation_output)
    errors = away / outputs.mean_error if outputs.mean_error else 0.0
    return text + (
        "ReLUs between the masks and the output make evaluation an approximation of the mean over"
        f" masks; here the two {'differ' if errors > 3 else 'cannot be told apart'}"
        f"{full(f' ({errors:.1f} standard errors)')}."
    )


MASKS = Exhibit(
    name="masks",
    title="Masks",
    lead="In every training pass random units are silent (✕) and the others speak louder; click a"
    " unit to drop it or bring it back, and play the masks.",
    settings=MaskSettings,
    measure=lambda settings: draw_mask(*settings.asked),
    picture=picture,
    notice=notice,
    code=lambda settings: masks_code(*settings.asked),
    source="Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from"
    " overfitting.",
    experiment=lambda s: on_moons([max(s.width, 2)] * s.depth, dropout=s.q),
    numbers=numbers,
    fields=lambda settings: ("q", "depth", "width", "input_q"),
    more=("input_q",),
    actions=actions,
    play=Play(frames, "Play the masks", 10.0),
    click=click,
)
