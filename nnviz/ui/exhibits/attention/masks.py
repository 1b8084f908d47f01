"""Masks, and what they cut: derivatives of all outputs by all inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.attention.masks import (
    FEEDFORWARD,
    HEADS,
    WIDTH,
    influence,
    inputs_seed,
    layers_seed,
)
from nnviz.experiments.attention.records import MaskRecord
from nnviz.ui.exhibits.attention.live import learning
from nnviz.ui.exhibits.attention.typed import Seed
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.scene import Scene

MOST_STEPS = 8
Closed = Annotated[int, Field(ge=0, lt=MOST_STEPS**2)]


class MaskSettings(Spec):
    """Who may look at whom, and through how many layers."""

    mask: Literal["causal", "padding", "own"] = Field(
        "causal",
        title="Mask",
        description="Your own is opened and closed in the picture; it starts with nothing closed.",
    )
    steps: Annotated[int, Field(ge=3, le=MOST_STEPS)] = Field(6, title="Steps")
    n_padding: Annotated[int, Field(ge=1, le=2)] = Field(
        2, title="Padding", description="So many of the last steps are filling: nobody looks there."
    )
    closed: Annotated[tuple[Closed, ...], Field(max_length=MOST_STEPS**2)] = ()
    n_layers: Annotated[int, Field(ge=1, le=4)] = Field(2, title="Layers")
    seed: Seed = 0

    @property
    def is_open(self) -> list[list[bool]]:
        """A row a step that looks; in an own mask each step sees itself."""
        t = self.steps
        open_TT = np.ones((t, t), dtype=bool)
        if self.mask == "causal":
            open_TT = np.tril(open_TT)
        elif self.mask == "padding":
            open_TT[:, t - self.n_padding :] = False
        elif self.mask == "own":
            open_TT.flat[[cell for cell in self.closed if cell < t * t]] = False
            np.fill_diagonal(open_TT, True)
        rows: list[list[bool]] = open_TT.tolist()
        return rows


def _fields(settings: MaskSettings) -> Sequence[str]:
    padding = ("n_padding",) if settings.mask == "padding" else ()
    return ("mask", "steps", *padding, "n_layers", "seed")


def measure(settings: MaskSettings) -> MaskRecord:
    """The Jacobian of an encoder that is not trained."""
    return influence(settings.is_open, settings.n_layers, settings.seed)


def picture(settings: MaskSettings, shown: MaskRecord) -> Scene:
    """The mask, the first layer's looks and the Jacobian beside each other."""
    facts = {
        "open": shown.is_open_TT.tolist(),
        "share": shown.share_LTT[0].tolist(),
        "influence": shown.influence_TT.tolist(),
        "reach": shown.reach_TT.tolist(),
        "layers": settings.n_layers,
    }
    return Scene("attend_masks", facts)


def notice(settings: MaskSettings, shown: MaskRecord) -> str:
    """How much is cut, and what finds a way around."""
    n_zero = int((shown.influence_TT == 0).sum())
    told = [f"{n_zero} of {shown.influence_TT.size} derivatives are **exactly 0**."]
    around_TT = ~shown.is_open_TT & (shown.influence_TT != 0)
    np.fill_diagonal(around_TT, False)
    if settings.mask == "causal":
        told.append(
            "None leads from a later input to an earlier output, through however many layers: so a"
            " network may learn from all places of a text at once and never see what it is to say."
        )
    elif settings.mask == "padding":
        told.append("What the filling says reaches no other step: its columns are 0.")
    elif shown.is_open_TT.all():
        told.append("Every output depends on all inputs. **Click a cell of the mask to close it.**")
    if around_TT.any():
        row, col = np.argwhere(around_TT)[0] + 1
        told.append(
            f"Step {row} may not look at step {col}, and depends on it all the same: a step between"
            f" carries it on to the next layer. With one layer that is cut too."
        )
    return " ".join(told)


CODE = """\
import torch
from torch import nn

may_look = torch.tensor({is_open})
generator = torch.Generator().manual_seed({inputs})
x = torch.randn({steps}, {width}, generator=generator).double()

torch.manual_seed({seed})
layers = [
    nn.TransformerEncoderLayer({width}, {heads}, {feedforward}, 0.0, batch_first=True).double()
    for _ in range({layers})
]

def encoder(x):
    out = x[None]
    for layer in layers:
        out = layer(out, src_mask=~may_look)  # torch's masks are True where closed
    return out[0]

jacobian = torch.autograd.functional.jacobian(encoder, x)  # (steps, width, steps, width)
influence = jacobian.square().sum(dim=(1, 3)).sqrt()
print(influence)
"""


def code(settings: MaskSettings) -> str:
    """The Jacobian through torch's own encoder layers."""
    return CODE.format(
        is_open=settings.is_open,
        inputs=inputs_seed(settings.seed),
        steps=settings.steps,
        width=WIDTH,
        seed=layers_seed(settings.seed),
        heads=HEADS,
        feedforward=FEEDFORWARD,
        layers=settings.n_layers,
    )


MASKS = Exhibit(
    name="masks",
    title="Masks",
    lead="A mask says who may look at whom. **Click its cells** to open and close them, and see at"
    " the right on which inputs each output depends: a grey 0 is exactly 0.",
    settings=MaskSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    fields=_fields,
    code=code,
    source="Vaswani et al. 2017, §3.2.3; derivatives by torch.autograd.",
    experiment=lambda settings: learning(layers=min(settings.n_layers, 3)),
)
