"""Attention on the reader's own words, every number of it."""

from __future__ import annotations

import math
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from nnviz.base import Spec
from nnviz.experiments.attention.by_hand import attend, projection_seed
from nnviz.experiments.attention.records import AttentionRecord
from nnviz.experiments.attention.words import MOST_WORDS, word_seed, words_of
from nnviz.records import FloatArray
from nnviz.ui.exhibits.attention.live import learning
from nnviz.ui.exhibits.attention.typed import Seed, Words
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.scene import Scene


class ByHandSettings(Spec):
    """Words, and how they look at each other."""

    words: Words = "dog sees dog run"
    width: Annotated[int, Field(ge=2, le=8)] = Field(
        4, title="Width d", description="Numbers a word, a query, a key and a value have."
    )
    scaled: bool = Field(
        True, title="Divide by √d", description="Else the products go into the softmax as they are."
    )
    causal: bool = Field(
        False, title="Causal mask", description="No word may look at a word that comes later."
    )
    n_padding: Annotated[int, Field(ge=0, le=MOST_WORDS - 1)] = Field(
        0, title="Padding", description="So many of the last words are filling: nobody looks there."
    )
    seed: Seed = 0

    @model_validator(mode="after")
    def _someone_is_left(self) -> Self:
        if self.n_padding >= (n := len(words_of(self.words))):
            raise ValueError(f"at most {n - 1} of {n} words may be padding; got {self.n_padding}")
        return self


def measure(settings: ByHandSettings) -> AttentionRecord:
    """All matrices."""
    s = settings
    return attend(words_of(s.words), s.width, s.scaled, s.causal, s.n_padding, s.seed)


def picture(settings: ByHandSettings, shown: AttentionRecord) -> Scene:
    """Nine matrices; what is masked is null."""
    weights = dict(zip(("query", "key", "value"), shown.weight_3DD.tolist(), strict=True))
    facts = {
        "words": list(shown.words),
        "width": settings.width,
        "divisor": shown.divisor,
        "padding": settings.n_padding,
        "weights": weights,
        "input": shown.input_TD.tolist(),
        "query": shown.query_TD.tolist(),
        "key": shown.key_TD.tolist(),
        "value": shown.value_TD.tolist(),
        "product": shown.product_TT.tolist(),
        "score": _open(shown.score_TT),
        "share": shown.share_TT.tolist(),
        "mix": shown.mix_TD.tolist(),
    }
    return Scene("attend", facts)


def _open(score_TT: FloatArray) -> list[list[float | None]]:
    return [[None if value == -math.inf else value for value in row] for row in score_TT.tolist()]


def notice(settings: ByHandSettings, shown: AttentionRecord) -> str:
    """Who looks most, what equal words share, what masks do."""
    words, share = shown.words, shown.share_TT
    row, col = np.unravel_index(int(share.argmax()), share.shape)
    told = [
        f"**{words[row]}** (word {row + 1}) looks hardest: {share[row, col]:.0%} of its look goes"
        f" to **{words[col]}** (word {col + 1}). Each row of the softmax sums to 1."
    ]
    folded = [word.lower() for word in words]
    if twice := next((word for word in folded if folded.count(word) > 1), None):
        places = [place for place, word in enumerate(folded) if word == twice]
        same = np.allclose(shown.mix_TD[places[0]], shown.mix_TD[places[1]], atol=1e-6)
        told.append(
            f"“{twice}” stands there twice with the same x, and both take along "
            + ("the same mix: **attention does not see where a word stands**."
               if same else "different mixes, only because the mask lets them see different words.")
        )  # fmt: skip
    if settings.causal:
        told.append("With the causal mask the first word sees itself alone.")
    told.append("The vectors are drawn by chance: what the looks mean comes with training.")
    return " ".join(told)


CODE = """\
import math, torch
import torch.nn.functional as F

words = {words}
x = torch.stack([
    torch.randn({width}, generator=torch.Generator().manual_seed(seed))
    for seed in {seeds}  # one for each word
])
generator = torch.Generator().manual_seed({projections})
w_q, w_k, w_v = torch.randn(3, {width}, {width}, generator=generator) / math.sqrt({width})
q, k, v = x @ w_q, x @ w_k, x @ w_v

may_look = torch.ones({n}, {n}, dtype=torch.bool){tril}
may_look[:, {n_open}:] = False  # padding
scores = (q @ k.T / {divisor}).masked_fill(~may_look, -math.inf)
weights = scores.softmax(dim=1)
mix = weights @ v

torch.testing.assert_close(
    mix, F.scaled_dot_product_attention(q, k, v, attn_mask=may_look, scale=1 / {divisor})
)
print(weights, mix, sep="\\n")
"""


def code(settings: ByHandSettings) -> str:
    """The same numbers, and torch's own function as the judge."""
    words = words_of(settings.words)
    return CODE.format(
        words=list(words),
        width=settings.width,
        seeds=[word_seed(word, settings.seed) for word in words],
        projections=projection_seed(settings.seed),
        n=len(words),
        n_open=len(words) - settings.n_padding,
        tril=".tril()" if settings.causal else "",
        divisor=f"math.sqrt({settings.width})" if settings.scaled else 1,
    )


BY_HAND = Exhibit(
    name="by_hand",
    title="By hand",
    lead="Each word asks a question (**q**), offers a key (**k**) and has something to tell"
    " (**v**). Where question and key fit, it looks. **Click any number** to see where it comes"
    " from, and go on with the arrow keys.",
    settings=ByHandSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Vaswani et al. 2017, Attention Is All You Need, §3.2.1.",
    experiment=lambda settings: learning(),
)
