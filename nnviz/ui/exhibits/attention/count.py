"""How many numbers an encoder learns, and what it costs to compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.attention.count import count
from nnviz.experiments.attention.records import CountRecord
from nnviz.feed import Panel
from nnviz.figures.attention_facts import layer_parts
from nnviz.ui.exhibits.attention.live import learning
from nnviz.ui.exhibits.exhibit import Exhibit


class CountSettings(Spec):
    """The sizes of an encoder, and how long what it reads is."""

    width: Literal[16, 32, 64, 128, 256, 512, 768, 1024] = Field(512, title="Width d")
    heads: Literal[1, 2, 4, 8, 12, 16] = Field(
        8, title="Heads", description="They must divide the width."
    )
    feedforward: Annotated[int, Field(ge=64, le=4096)] = Field(
        2048, title="Feed-forward units f", json_schema_extra={"step": 64}
    )
    layers: Annotated[int, Field(ge=1, le=24)] = Field(6, title="Layers")
    steps: Annotated[int, Field(ge=8, le=8192)] = Field(
        128, title="Length T", description="Words read at once.", json_schema_extra={"step": 8}
    )

    @model_validator(mode="after")
    def _heads_fit(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"heads must divide the width {self.width}; got {self.heads}")
        return self


def measure(settings: CountSettings) -> CountRecord:
    """By formula, and counted by torch."""
    s = settings
    return count(s.width, s.heads, s.feedforward, s.layers, s.steps)


def picture(settings: CountSettings, shown: CountRecord) -> Sequence[Panel]:
    """What each part learns, and what it costs."""
    return (
        Panel(
            "parameters",
            "Parameters of one layer",
            layer_parts(shown, "parameters"),
            "d is the width, f the feed-forward units; the number of heads changes nothing.",
            height=205,
            span=12,
        ),
        Panel(
            "work",
            "Multiplications of one layer",
            layer_parts(shown, "work"),
            "For one sequence of T words, each with d numbers.",
            height=205,
            span=12,
        ),
    )


def numbers(settings: CountSettings, shown: CountRecord) -> Mapping[str, str]:
    """Sums of a layer and of the encoder."""
    work = sum(part.n_multiplications for part in shown.parts)
    return {
        "a layer": f"{shown.of_a_layer:,}",
        f"{settings.layers} layers, by torch": f"{shown.counted:,}",
        "multiplications a layer": f"{work:,}",
    }


def notice(settings: CountSettings, shown: CountRecord) -> str:
    """Where the numbers sit, and when looking costs most."""
    work = {part.name: part.n_multiplications for part in shown.parts}
    looking = (shown.parts[1].n_multiplications + shown.parts[2].n_multiplications) / sum(
        work.values()
    )
    dense = (shown.parts[4].n_parameters + shown.parts[5].n_parameters) / shown.of_a_layer
    return (
        f"A layer has 4d² + 4d + 2df + f + d + 4d = **{shown.of_a_layer:,}** parameters, and torch"
        f" counts {shown.counted:,} in {settings.layers}. {dense:.0%} of them are feed-forward;"
        " looking itself learns nothing, and more heads add none. Its work grows with the **square"
        f" of the length**: {looking:.0%} of all multiplications at T = {settings.steps:,}, half of"
        f" them at T = {2 * settings.width + settings.feedforward:,} (2d + f)."
    )


CODE = """\
from torch import nn

d, heads, f, n_layers = {width}, {heads}, {feedforward}, {layers}
layer = nn.TransformerEncoderLayer(d, heads, f, batch_first=True)
encoder = nn.TransformerEncoder(layer, n_layers, enable_nested_tensor=False)

counted = sum(parameter.numel() for parameter in encoder.parameters())
formula = n_layers * (4 * d**2 + 4 * d + 2 * d * f + f + d + 4 * d)
print(counted, formula)
"""


def code(settings: CountSettings) -> str:
    """Torch counts its own encoder."""
    return CODE.format(**settings.model_dump())


COUNT = Exhibit(
    name="count",
    title="Numbers",
    lead="What a layer **learns** (above) and what it **computes** (below). Make the sequence"
    " longer: which bars grow?",
    settings=CountSettings,
    measure=measure,
    picture=picture,
    numbers=numbers,
    notice=notice,
    code=code,
    source="torch.nn.TransformerEncoderLayer; Vaswani et al. 2017, Table 1 and §3.",
    experiment=lambda settings: learning(heads=min(settings.heads, 4)),
)
