"""Why dot products are divided by √d."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.attention.records import ScaleRecord
from nnviz.experiments.attention.scale import N_QUERIES, scale, width_seed
from nnviz.feed import Grip, Panel
from nnviz.figures.attention_facts import largest_weights, product_histograms, softmax_slopes
from nnviz.ui.exhibits.attention.live import learning
from nnviz.ui.exhibits.attention.typed import Seed
from nnviz.ui.exhibits.exhibit import Exhibit

Width = Literal[16, 64, 256, 1024]


class ScaleSettings(Spec):
    """How long queries and keys are, and how many keys there are to choose from."""

    width: Width = Field(
        64, title="Width d", description="Numbers of a query and a key, each N(0, 1)."
    )
    n_keys: Annotated[int, Field(ge=2, le=16)] = Field(8, title="Keys")
    seed: Seed = 0


def measure(settings: ScaleSettings) -> ScaleRecord:
    """Products of random queries and keys at all widths."""
    return scale(settings.width, settings.n_keys, settings.seed)


def picture(settings: ScaleSettings, shown: ScaleRecord) -> Sequence[Panel]:
    """The spread of products, and what softmax makes of it."""
    return (
        Panel(
            "products",
            f"Products q · k at d = {settings.width}",
            product_histograms(shown, settings.width),
            f"Of {N_QUERIES} queries with {settings.n_keys} keys each.",
            height=390,
            span=6,
        ),
        Panel(
            "largest",
            "How much of its look a query gives to one key",
            largest_weights(shown, settings.width, settings.n_keys),
            "Mean over queries; the band holds the middle 80 % of them.",
            height=390,
            span=6,
            grips=(Grip("width", x=settings.width, low=16, high=1024, label="d = {}"),),
        ),
    )


def panels(settings: ScaleSettings, shown: ScaleRecord) -> Sequence[Panel]:
    """What that does to learning."""
    return (
        Panel(
            "slope",
            "What is left of a gradient behind the softmax",
            softmax_slopes(shown, settings.width),
            "Norm of diag(p) − p pᵀ, the derivative of the weights by the scores, a query's mean.",
            height=280,
            span=12,
        ),
    )


def _at(settings: ScaleSettings, shown: ScaleRecord) -> int:
    return int(np.flatnonzero(shown.widths_W == settings.width)[0])


def numbers(settings: ScaleSettings, shown: ScaleRecord) -> Mapping[str, str]:
    """Variance and largest weight, as they are and divided."""
    at = _at(settings, shown)
    return {
        "Var(q · k)": f"{shown.variance_2W[0, at]:.4g}",
        "Var(q · k / √d)": f"{shown.variance_2W[1, at]:.2f}",
        "largest weight": f"{shown.largest_2W[0, at]:.0%}",
        "largest weight, divided": f"{shown.largest_2W[1, at]:.0%}",
    }


def notice(settings: ScaleSettings, shown: ScaleRecord) -> str:
    """Variance d, hard looks, and no gradient."""
    at = _at(settings, shown)
    raw, divided = shown.largest_2W[:, at]
    slopes = shown.slope_2W[:, at]
    return (
        f"A product of {settings.width} terms has variance {shown.variance_2W[0, at]:.4g}, about d."
        f" Undivided, a query gives **{raw:.0%}** of its look to a single key before anything is"
        f" learned; divided by √{settings.width} = {settings.width**0.5:g} it gives {divided:.0%},"
        f" at any width. The softmax hands on {slopes[1] / max(slopes[0], 1e-12):.1f} times the"
        " gradient when divided: a look that is nearly decided can hardly be changed any more."
    )


CODE = """\
import torch

generator = torch.Generator().manual_seed({seed})
query = torch.randn({n}, {width}, generator=generator)
key = torch.randn({n}, {n_keys}, {width}, generator=generator)
product = torch.einsum("qd,qkd->qk", query, key)
scaled = product / {width} ** 0.5

variance = product.var(), scaled.var()
largest = product.softmax(dim=1).amax(dim=1).mean(), scaled.softmax(dim=1).amax(dim=1).mean()
print(variance, largest)
"""


def code(settings: ScaleSettings) -> str:
    """Variance and largest weight at the chosen width."""
    return CODE.format(
        seed=width_seed(settings.width, settings.seed),
        n=N_QUERIES,
        width=settings.width,
        n_keys=settings.n_keys,
    )


def grasp(settings: ScaleSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The width nearest to where the handle was dragged, on its logarithmic axis."""
    return {"width": min(get_args(Width), key=lambda d: abs(np.log(d / float(sent["width"]))))}


SCALE = Exhibit(
    name="scale",
    title="Why √d",
    lead="Queries and keys of **d** random numbers: the longer they are, the wider their products"
    " spread, and the more softmax stares at **one** key. Look where the orange curve goes.",
    settings=ScaleSettings,
    grasp=grasp,
    measure=measure,
    picture=picture,
    panels=panels,
    numbers=numbers,
    notice=notice,
    code=code,
    source="Vaswani et al. 2017, §3.2.1 with footnote 4.",
    experiment=lambda settings: learning(),
)
