"""An encoder does not see the order of words until positions are added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.attention.order import (
    FEEDFORWARD,
    HEADS,
    LAYERS,
    WIDTH,
    encoder_seed,
    reorder,
)
from nnviz.experiments.attention.records import ROUNDING, OrderRecord
from nnviz.experiments.attention.words import MOST_WORDS, word_seed, words_of
from nnviz.feed import Panel
from nnviz.figures.attention_facts import position_waves
from nnviz.ui.exhibits.attention.live import learning
from nnviz.ui.exhibits.attention.typed import Seed, Words
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.scene import Scene

Place = Annotated[int, Field(ge=0, lt=MOST_WORDS)]


class OrderSettings(Spec):
    """Words in two orders; the second is set by hand."""

    words: Words = "dog bites man"
    positions: bool = Field(
        False,
        title="Positions",
        description="Adds sinusoids to each word's numbers: other ones at each place.",
    )
    order: Annotated[tuple[Place, ...], Field(max_length=MOST_WORDS)] = (2, 1, 0)
    seed: Seed = 0

    @property
    def placed(self) -> tuple[int, ...]:
        """The second order; backwards where the one set by hand was of other words."""
        n = len(words_of(self.words))
        return self.order if sorted(self.order) == [*range(n)] else tuple(reversed(range(n)))


def measure(settings: OrderSettings) -> OrderRecord:
    """The same encoder on both orders."""
    s = settings
    return reorder(words_of(s.words), s.placed, s.positions, s.seed)


def picture(settings: OrderSettings, shown: OrderRecord) -> Scene:
    """Outputs of both orders, and which are the same."""
    facts = {
        "words": list(shown.words),
        "order": shown.order_T.tolist(),
        "before": shown.before_TD.tolist(),
        "after": shown.after_TD.tolist(),
        "change": shown.change_T.tolist(),
        "rounding": ROUNDING,
    }
    return Scene("attend_order", facts)


def notice(settings: OrderSettings, shown: OrderRecord) -> str:
    """What the second order has changed."""
    said = " ".join(shown.words[place] for place in shown.order_T)
    if list(shown.order_T) == sorted(shown.order_T):
        return "Both orders are the same now: move a word."
    if shown.is_same:
        where = "" if not settings.positions else ", though positions were added"
        return (
            f"For “{said}” each word's output **moves along with the word**, equal but for rounding"
            f" (largest difference {shown.change_T.max():.0e}){where}. Whatever is made of these"
            " outputs, who bites and who is bitten can't be told apart. **Switch positions on.**"
        )
    n_changed = int((shown.change_T >= ROUNDING).sum())
    return (
        f"With positions “{said}” is another sentence: {n_changed} of {len(said.split())} outputs"
        f" change, by up to {shown.change_T.max():.2f}. Also a word that kept its place changes,"
        " since the others that it looks at stand elsewhere."
    )


def panels(settings: OrderSettings, shown: OrderRecord) -> Sequence[Panel]:
    """What is added at each place."""
    return (
        Panel(
            "positions",
            "The sinusoids that tell places apart",
            position_waves(),
            "Each row is one number that is added; rows in pairs, sine and cosine, with a"
            " wavelength of 2π·10000^(2i / width) places.",
            height=300,
            span=12,
        ),
    )


CODE = """\
import torch
from torch import nn

words = {words}
order = {order}
x = torch.stack([
    torch.randn({width}, generator=torch.Generator().manual_seed(seed))
    for seed in {seeds}  # one for each word
]).double()

torch.manual_seed({seed})
layers = [
    nn.TransformerEncoderLayer({width}, {heads}, {feedforward}, 0.0, batch_first=True)
    for _ in range({layers})
]
encoder = nn.Sequential(*layers).double().eval()

pair = torch.arange({width}) // 2 * 2
angle = torch.arange(len(words))[:, None] / 10000 ** (pair / {width})
waves = torch.where(torch.arange({width}) % 2 == 0, angle.sin(), angle.cos()).double()
added = waves if {positions} else 0  # positions

with torch.no_grad():
    before = encoder((x + added)[None])[0]
    after = encoder((x[order] + added)[None])[0]
change = (after - before[order]).abs().amax(dim=1)
print(dict(zip([words[place] for place in order], change.tolist())))
"""


def code(settings: OrderSettings) -> str:
    """Both orders through torch's own encoder layers."""
    words = words_of(settings.words)
    return CODE.format(
        words=list(words),
        order=list(settings.placed),
        width=WIDTH,
        heads=HEADS,
        feedforward=FEEDFORWARD,
        layers=LAYERS,
        seeds=[word_seed(word, settings.seed) for word in words],
        seed=encoder_seed(settings.seed),
        positions=settings.positions,
    )


ORDER = Exhibit(
    name="order",
    title="Order",
    lead="An encoder reads the words twice, the second time in **your order**. Green: the word's"
    " output is the same as before; red: another.",
    settings=OrderSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    panels=panels,
    fields=lambda settings: ("words", "positions", "seed"),
    code=code,
    source="Vaswani et al. 2017, §3.5; Zaheer et al. 2017, Deep Sets, on equivariance.",
    experiment=lambda settings: learning(positions=settings.positions),
)
