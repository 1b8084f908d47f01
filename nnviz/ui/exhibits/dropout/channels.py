"""Channels: single numbers of feature maps dropped, or whole channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from nnviz.experiments.dropout import channels as own
from nnviz.experiments.dropout.channels import FILTERS, LAYERS
from nnviz.experiments.dropout.records import BlockShape, ChannelRecord
from nnviz.feed import Panel
from nnviz.figures.dropout_channels import feature_maps_figure, tile_at
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.charts import ChartClick
from nnviz.ui.exhibits.dropout.dropping import Dropping
from nnviz.ui.exhibits.exhibit import Action, Exhibit


class ChannelSettings(Dropping):
    """What is dropped from, the number of the mask, and the channels turned over by hand."""

    shape: BlockShape = Field(
        "image",
        title="What is dropped from",
        description="Images (N, C, H, W), signals (N, C, L), films (N, C, F, H, W), or a table"
        " (N, C), where whole channels make no sense.",
    )
    first: Annotated[int, Field(ge=0, le=400)] = Field(
        0, title="First digit shown", json_schema_extra={"step": 3}
    )
    draw: Annotated[int, Field(ge=0, le=9999)] = 0
    by_hand: Annotated[tuple[Annotated[int, Field(ge=0, le=17)], ...], Field(max_length=18)] = ()


def measure(s: ChannelSettings) -> ChannelRecord:
    """The same maps under both kinds of mask."""
    return own.drop_channels(s.shape, s.q, s.seed, s.draw, s.first, s.by_hand)


def picture(settings: ChannelSettings, shown: ChannelRecord) -> Sequence[Panel]:
    """Elementwise beside whole channels."""
    layer, limit = LAYERS[shown.shape][0], float(np.abs(shown.before).max())
    title = f"Whole samples: what {layer} would do" if shown.refusal else f"Whole channels: {layer}"
    return (
        Panel(
            "elementwise", "Single numbers: Dropout",
            feature_maps_figure(shown.elementwise, shown.elementwise_kept, limit),
            f"Every number is dropped by itself; grey is dropped. Filters: {', '.join(FILTERS)}.",
            330, 6, short=290,
        ),
        Panel(
            "channel", title, feature_maps_figure(shown.channel, shown.channel_kept, limit),
            "A channel of a sample is dropped as a whole or not at all; a click turns one over.",
            330, 6, short=290,
        ),
    )  # fmt: skip


def click(settings: ChannelSettings, clicked: ChartClick) -> dict[str, object]:
    """The channel of this sample is dropped, or kept, by hand."""
    if clicked.panel != "channel" or settings.shape == "table":
        return {}
    sample, channel = tile_at(measure(settings).channel, float(clicked.x), float(clicked.y))
    return {"by_hand": sorted({*settings.by_hand} ^ {sample * len(FILTERS) + channel})}


def refusal(settings: ChannelSettings, shown: ChannelRecord) -> str:
    """Why a table has no channel dropout."""
    why = "torch reads the (N, C) table as one sample with N channels and raises no error."
    return f"Refused: {shown.refusal}. {why}" if shown.refusal else ""


def notice(settings: ChannelSettings, shown: ChannelRecord) -> str:
    """What each took, and what neighbours still tell."""
    single, whole = shown.elementwise_kept, shown.channel_kept
    if shown.refusal:
        gone = int((~whole.any(axis=1)).sum())
        return (
            f"In this draw torch would drop {gone} of {len(whole)} samples with all their features,"
            " so that their loss does not depend on the input. Take elementwise dropout for tables."
        )
    channels = whole.any(axis=tuple(range(2, whole.ndim)))
    return (
        f"Elementwise dropout took {np.mean(~single):.0%} of the numbers here, one by one; channel"
        f" dropout took {int((~channels).sum())} of {channels.size} whole channels. Neighbouring"
        f" numbers of a map are correlated (r = {shown.neighbour_correlation:.2f} here), so those"
        " around a single dropped number still tell something about it. Inside a dropped channel"
        " nothing is left to tell."
    )


CODE = """\
import torch
from sklearn.datasets import load_digits
from torch import nn

images = torch.tensor(load_digits().images[{first} : {last}, None] / 16)
kernels = torch.tensor({filters}, dtype=torch.float64)
kernels = kernels / kernels.abs().sum(dim=(1, 2), keepdim=True)


def filtered(images):
    return nn.functional.conv2d(images, kernels[:, None], padding=1)


{maps}
torch.manual_seed({seed})
elementwise = nn.Dropout({q})(maps)
mask = nn.{layer}({q})(torch.ones_like(maps))  # 0 or 1/(1 - q)
for sample, channel in {turned}:  # by hand
    mask[sample, channel] = 1 / (1 - {q}) - mask[sample, channel]
channel = maps * mask
print("numbers left:", (elementwise != 0).sum().item(), "and", (channel != 0).sum().item())
"""
SHAPING: dict[BlockShape, str] = {
    "image": "maps = filtered(images)",
    "signal": f"maps = filtered(images)[:, :, {own.ROW}]  # one row of pixels",
    "table": "maps = filtered(images).abs().mean(dim=(2, 3))",
    "volume": f"frames = [images.roll(step, dims=-1) for step in range({own.N_FRAMES})]\n"
    "maps = torch.stack([filtered(frame) for frame in frames], dim=2)",
}


def code(settings: ChannelSettings) -> str:
    """The same maps and masks."""
    s = settings
    return CODE.format(
        first=s.first, last=s.first + own.N_IMAGES, filters=list(FILTERS.values()), q=s.q,
        maps=SHAPING[s.shape], seed=derived_seed(s.seed, s.shape, s.draw),
        layer=LAYERS[s.shape][0], turned=[divmod(place, len(FILTERS)) for place in s.by_hand],
    )  # fmt: skip


def experiment(settings: ChannelSettings) -> ExperimentSpec:
    """Convolutions with this q; dense layers for a table."""
    data = "digits" if settings.shape in ("image", "volume") else "mnist1d"
    block = {"kind": "convolution", "channels": len(FILTERS)}
    if settings.shape == "table":
        block = {"kind": "dense", "width": 32}
    network = {"blocks": [block] * 2, "dropout": settings.q}
    return ExperimentSpec.model_validate({"data": {"name": data}, "network": network})


CHANNELS = Exhibit(
    name="channels",
    title="Channels",
    lead="Three digits through six filters: left, single numbers are dropped, right, whole"
    " channels; click one to drop it or bring it back.",
    settings=ChannelSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Tompson et al. 2015, Efficient object localization using convolutional networks.",
    experiment=experiment,
    refusal=refusal,
    fields=lambda settings: ("q", "shape", "first"),
    actions=lambda settings, shown: (
        Action("Another mask", {"draw": (settings.draw + 1) % 10_000, "by_hand": ()}, shortcut="n"),
    ),
    click=click,
)
