"""Layer normalization after or before each sublayer, at the start of training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.attention.norm_place import BATCH, STEPS, norm_place, start_seed
from nnviz.experiments.attention.records import NormPlaceRecord
from nnviz.feed import Grip, Panel
from nnviz.figures.attention_facts import gradient_by_depth, gradient_by_layer
from nnviz.ui.exhibits.attention.live import learning
from nnviz.ui.exhibits.attention.typed import Seed
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.pieces import in_one


class NormPlaceSettings(Spec):
    """How wide and deep the encoders are, and how many are drawn."""

    depth: Annotated[int, Field(ge=2, le=12)] = Field(
        6, title="Layers", description="Of the encoder whose every layer is shown."
    )
    width: Literal[32, 64] = Field(64, title="Width")
    heads: Literal[1, 2, 4, 8] = Field(4, title="Heads")
    n_seeds: Annotated[int, Field(ge=1, le=5)] = Field(
        3, title="Draws", description="Encoders of each kind; the bands reach over all of them."
    )
    seed: Seed = 0


def picture(settings: NormPlaceSettings, shown: NormPlaceRecord) -> Sequence[Panel]:
    """By depth, and layer by layer."""
    return (
        Panel(
            "depth",
            "The last layer's gradient, by depth",
            gradient_by_depth(shown),
            "Norm of ∂L/∂W of the last layer's second feed-forward weights before any update.",
            height=400,
            span=6,
            grips=(Grip("depth", x=settings.depth, low=2, high=12, step=1, label="{} layers"),),
        ),
        Panel(
            "layers",
            f"Every layer's gradient, of {settings.depth}",
            gradient_by_layer(shown),
            "The same norm, layer by layer from the input on.",
            height=400,
            span=6,
        ),
    )


def notice(settings: NormPlaceSettings, shown: NormPlaceRecord) -> str:
    """Which falls with depth and which does not."""
    after, before = shown.last_PRN.mean(axis=1)
    shallow, deep = shown.depths_N[[1, -1]]
    return (
        f"From {shallow} to {deep} layers the last layer's gradient goes from {after[1]:.3f} to"
        f" {after[-1]:.3f} with the normalization **after** each sum, and from {before[1]:.3f} to"
        f" {before[-1]:.3f} with it **before** each sublayer. Placed before, what runs along the"
        " encoder grows with each layer and the last normalization shrinks it again, and the"
        " gradient with it: deep encoders start gently. Placed after, they need a warm-up of the"
        " learning rate."
    )


CODE = """\
import torch
from torch import nn

def last_gradient(seed, depth, norm_first, width={width}):
    generator = torch.Generator().manual_seed(seed)
    x, target = torch.randn(2, {batch}, width, {steps}, generator=generator)
    torch.set_rng_state(generator.get_state())
    layers = [
        nn.TransformerEncoderLayer(width, {heads}, 4 * width, 0.0, batch_first=True,
                                   norm_first=norm_first)
        for _ in range(depth)
    ]
    end = [nn.LayerNorm(width)] if norm_first else []
    encoder = nn.Sequential(*layers, *end)
    for parameter in encoder.parameters():
        if parameter.dim() > 1:
            nn.init.xavier_normal_(parameter)
    nn.functional.mse_loss(encoder(x.mT).mT, target).backward()
    return layers[-1].linear2.weight.grad.norm()

norms = {{
    (norm_first, depth): [float(last_gradient(seed, depth, norm_first)) for seed in {seeds}]
    for norm_first in (False, True) for depth in (2, 12)
}}
print(norms)
"""


def code(settings: NormPlaceSettings) -> str:
    """Both placements at two depths."""
    return CODE.format(
        width=settings.width,
        batch=BATCH,
        steps=STEPS,
        heads=settings.heads,
        seeds=[start_seed(settings.seed, each) for each in range(settings.n_seeds)],
    )


NORM_PLACE = Exhibit(
    name="norm_place",
    title="Before or after",
    lead="Layer normalization may stand **after** each sum, as at first, or **before** each"
    " sublayer. See how the last layer's gradient changes as encoders get deeper, before the first"
    " update.",
    settings=NormPlaceSettings,
    measure=in_one(
        norm_place,
        lambda s: (s.width, s.heads, s.depth, s.n_seeds, s.seed),
        "Encoders of up to 12 layers, about a second.",
    ),
    grasp=lambda settings, sent: {"depth": round(float(sent["depth"]))},
    picture=picture,
    notice=notice,
    code=code,
    source="Xiong et al. 2020, On Layer Normalization in the Transformer Architecture; here the"
    " squared error of random inputs against random targets, weights by Xavier normal.",
    experiment=lambda settings: learning(layers=3, norm_first=True),
)
