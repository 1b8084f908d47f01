"""Alpha dropout: it keeps mean 0 and variance 1, and so a deep SELU network alive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from nnviz.experiments.dropout.alpha import N_NUMBERS, N_SAMPLES, WIDTH, compare_alpha
from nnviz.experiments.dropout.records import AlphaRecord
from nnviz.feed import Grip, Panel
from nnviz.figures.distributions import distribution_lines
from nnviz.figures.dropout_moments import depth_lines
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.dropout.dropping import Dropping, on_moons, other_numbers
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.words import full

DEEPEST = 16


class AlphaSettings(Dropping):
    """How deep a network the numbers go through."""

    n_layers: Annotated[int, Field(ge=1, le=DEEPEST)] = Field(
        10, title="Layers of the SELU network"
    )


def picture(settings: AlphaSettings, shown: AlphaRecord) -> Sequence[Panel]:
    """The deviation layer by layer, and what each dropout makes of one layer."""
    three = [shown.original, shown.ordinary, shown.alpha]
    handle = Grip("n_layers", settings.n_layers, None, "x", 1, DEEPEST, 1, "{} layers")
    return (
        Panel(
            "deviation", "Deviation layer by layer",
            depth_lines(shown, "deviation", DEEPEST),
            "After each block linear → SELU → dropout; 1 is what self-normalizing networks keep"
            " up.", 430, 6, short=330, grips=(handle,),
        ),
        Panel(
            "numbers", "N(0, 1) through one layer",
            distribution_lines(three, ["muted", "negative", "density"], "number", spikes=True),
            "Dropout puts dropped numbers at 0, alpha dropout far to the left, and both rescale.",
            430, 6, short=330,
        ),
    )  # fmt: skip


def panels(settings: AlphaSettings, shown: AlphaRecord) -> Sequence[Panel]:
    """The mean layer by layer."""
    return (
        Panel(
            "mean", "Mean through the same network", depth_lines(shown, "mean", DEEPEST),
            "After each block linear → SELU → dropout.", 300, 12,
        ),
    )  # fmt: skip


def numbers(settings: AlphaSettings, shown: AlphaRecord) -> dict[str, str]:
    """The deviations at the end."""
    ends = zip(shown.names, shown.std_KL[:, -1], strict=True)
    return {f"Deviation at the end, {name}": f"{deviation:.3g}" for name, deviation in ends}


def notice(settings: AlphaSettings, shown: AlphaRecord) -> str:
    """What stays standardized and what does not."""
    one, n_layers = shown.alpha, shown.std_KL.shape[1]
    none, alpha, dropout = shown.std_KL[:, -1]
    errors = [full(f" ± {error:.3f}") for error in (one.mean_error, one.variance_error)]
    return (
        f"Alpha dropout gives mean {one.mean:.3f}{errors[0]} and variance"
        f" {one.variance:.3f}{errors[1]}: N(0, 1) stays standardized, but no longer normal, since"
        f" dropped numbers become {shown.dropped_value:.3f} and not 0. Dropout's"
        f" variance becomes 1/(1 - q) = {1 / (1 - shown.q):.3f}. After {n_layers} SELU"
        f" layer{'s' * (n_layers > 1)} the deviation is {alpha:.3g} with alpha dropout,"
        f" {dropout:.3g} with dropout and {none:.3g} without."
    )


CODE = """\
import math

import torch
from torch import nn

torch.manual_seed({seed})
x = torch.randn({n_numbers}, dtype=torch.float64)
dropout = nn.Dropout({q})(x)
alpha = nn.AlphaDropout({q})(x)
print("dropout variance", dropout.var(correction=0).item(), "theory", 1 / (1 - {q}))
print("alpha mean", alpha.mean().item(), "variance", alpha.var(correction=0).item())

deviations = []
for layer in (nn.Identity(), nn.AlphaDropout({q}), nn.Dropout({q})):
    torch.manual_seed({deep_seed})
    h = torch.randn({n_samples}, {width})
    weights = torch.randn({n_layers}, {width}, {width}) / math.sqrt({width})
    for weight in weights:
        h = layer(nn.functional.selu(h @ weight))
    deviations.append(h.std().item())
    print(layer, "deviation after the last layer", deviations[-1])
"""


def code(settings: AlphaSettings) -> str:
    """The same numbers and networks."""
    s = settings
    return CODE.format(
        seed=derived_seed(s.seed, "alpha"), deep_seed=derived_seed(s.seed, "selu network"),
        q=s.q, n_layers=s.n_layers, n_numbers=N_NUMBERS, n_samples=N_SAMPLES, width=WIDTH,
    )  # fmt: skip


def experiment(settings: AlphaSettings) -> ExperimentSpec:
    """A SELU network of this depth with alpha dropout."""
    own = {"activation": "selu", "dropout": settings.q, "dropout_kind": "alpha"}
    weights = {"name": "kaiming_normal", "gain": 1.0}
    return on_moons([32] * settings.n_layers, initialization=weights, **own)


ALPHA = Exhibit(
    name="alpha",
    title="Alpha dropout",
    lead="A SELU network keeps mean 0 and deviation 1 by itself, with alpha dropout too; drag the"
    " depth and see what dropout does.",
    settings=AlphaSettings,
    measure=lambda s: compare_alpha(s.q, s.n_layers, s.seed),
    picture=picture,
    notice=notice,
    code=code,
    source="Klambauer et al. 2017, Self-normalizing neural networks.",
    experiment=experiment,
    panels=panels,
    numbers=numbers,
    fields=lambda settings: ("q", "n_layers"),
    actions=other_numbers,
)
