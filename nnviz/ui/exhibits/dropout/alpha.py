"""Alpha dropout: it keeps mean 0 and variance 1, and so a deep SELU network alive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.dropout.alpha import N_NUMBERS, N_SAMPLES, WIDTH, compare_alpha
from nnviz.experiments.dropout.records import AlphaRecord
from nnviz.feed import Grip, Panel
from nnviz.figures.distributions import distribution_lines
from nnviz.figures.dropout_moments import depth_lines
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.words import full

DEEPEST = 16


class AlphaSettings(Spec):
    """How much is dropped, in how deep a network."""

    q: Annotated[float, Field(ge=0, le=0.9)] = Field(0.5, title="Probability of dropping q")
    n_layers: Annotated[int, Field(ge=1, le=DEEPEST)] = Field(
        10, title="Layers of the SELU network"
    )
    seed: Annotated[int, Field(ge=0, le=9999)] = 0


def measure(settings: AlphaSettings) -> AlphaRecord:
    """Numbers N(0, 1) and a deep network through both dropouts."""
    return compare_alpha(settings.q, settings.n_layers, settings.seed)


def picture(settings: AlphaSettings, shown: AlphaRecord) -> Sequence[Panel]:
    """The deviation layer by layer, and what each dropout makes of one layer."""
    three = [shown.original, shown.ordinary, shown.alpha]
    handle = Grip("n_layers", settings.n_layers, None, "x", 1, DEEPEST, 1, "{} layers")
    return (
        Panel(
            "deviation", "Deviation through a deep SELU network",
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
    """Both variances after one layer, and the deviations at the end."""
    last = dict(zip(shown.names, shown.std_KL[:, -1], strict=True))
    return {
        "Variance, alpha dropout": f"{shown.alpha.variance:.3f}"
        + full(f" ± {shown.alpha.variance_error:.3f}"),
        "Variance, dropout": f"{shown.ordinary.variance:.3f}"
        + full(f" ± {shown.ordinary.variance_error:.3f}"),
        "Deviation at the end, alpha": f"{last['alpha dropout']:.3g}",
        "with dropout": f"{last['dropout']:.3g}",
        "with none": f"{last['no dropout']:.3g}",
    }


def notice(settings: AlphaSettings, shown: AlphaRecord) -> str:
    """What stays standardized and what does not."""
    last = dict(zip(shown.names, shown.std_KL[:, -1], strict=True))
    n_layers = shown.std_KL.shape[1]
    return (
        f"Alpha dropout gives mean {shown.alpha.mean:.3f}{full(f' ± {shown.alpha.mean_error:.3f}')}"
        f" and variance {shown.alpha.variance:.3f}: N(0, 1) stays standardized, but no longer"
        f" normal, since dropped numbers become {shown.dropped_value:.3f} and not 0. Dropout's"
        f" variance is {shown.ordinary.variance:.3f}; theory: 1/(1 - q) = {1 / (1 - shown.q):.3f}."
        f" After {n_layers} SELU layer{'s' * (n_layers > 1)} the deviation is"
        f" {last['alpha dropout']:.3g} with alpha dropout, {last['dropout']:.3g} with dropout and"
        f" {last['no dropout']:.3g} without."
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
    return CODE.format(
        seed=derived_seed(settings.seed, "alpha"),
        deep_seed=derived_seed(settings.seed, "selu network"),
        q=settings.q,
        n_layers=settings.n_layers,
        n_numbers=N_NUMBERS,
        n_samples=N_SAMPLES,
        width=WIDTH,
    )


def experiment(settings: AlphaSettings) -> ExperimentSpec:
    """A SELU network of this depth with alpha dropout."""
    network = {
        "activation": "selu",
        "dropout": settings.q,
        "dropout_kind": "alpha",
        "initialization": {"name": "kaiming_normal", "gain": 1.0},
        "blocks": [{"kind": "dense", "width": 32}] * settings.n_layers,
    }
    data = {"name": "moons", "noise": 0.3, "n_samples": 200}
    return ExperimentSpec.model_validate({"data": data, "network": network})


ALPHA = Exhibit(
    name="alpha",
    title="Alpha dropout",
    lead="A SELU network keeps mean 0 and deviation 1 by itself, with alpha dropout too; drag the"
    " depth and see what dropout does.",
    settings=AlphaSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Klambauer et al. 2017, Self-normalizing neural networks.",
    experiment=experiment,
    panels=panels,
    numbers=numbers,
    fields=lambda settings: ("q", "n_layers"),
    actions=lambda settings, shown: (
        Action("Other numbers", {"seed": (settings.seed + 1) % 10_000}, shortcut="n"),
    ),
)
