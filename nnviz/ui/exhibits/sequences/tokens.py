"""Tokens to vectors: what an embedding learns about the letters of a text."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.blocks.dense import DenseBlock
from nnviz.blocks.embedding import EmbeddingBlock
from nnviz.blocks.flatten import FlattenBlock
from nnviz.experiments.sequences import TOKEN_BATCH, TOKEN_RATE, TokensRecord, place_tokens
from nnviz.spec import DataSpec, ExperimentSpec, NetworkSpec, OptimizerSpec, TrainingSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.pieces import in_one
from nnviz.ui.exhibits.scene import Scene

VOWELS = "aeiou"
FIRST = "a"


class TokensSettings(Spec):
    """How many letters are read, how long a vector is, and how long is trained."""

    context: Annotated[int, Field(ge=1, le=4)] = Field(
        2, title="Letters before", description="The next letter is guessed from these."
    )
    width: Annotated[int, Field(ge=2, le=16)] = Field(8, title="Numbers a letter")
    updates: Annotated[int, Field(ge=0, le=800)] = Field(
        400, title="Updates", json_schema_extra={"step": 100}
    )
    seed: Annotated[int, Field(ge=0, le=20)] = Field(0, title="Seed")


def picture(settings: TokensSettings, record: TokensRecord) -> Scene:
    """The letters in the plane of their two main axes."""
    facts = {
        "names": list(record.names),
        "kinds": [_kind(name) for name in record.names],
        "counts": record.count_K.tolist(),
        "updates": record.update_F.tolist(),
        "losses": np.round(record.loss_F, 4).tolist(),
        "places": np.round(record.place_FK2, 4).tolist(),
        "reach": np.abs(record.place_FK2).max(axis=(0, 1)).tolist(),
        "shares": np.round(record.share_F, 4).tolist(),
        "likeness": np.round(record.likeness_FKK, 2).tolist(),
        "chosen": record.names.index(FIRST),
    }
    return Scene("tokens", facts)


def _kind(name: str) -> str:
    return "vowel" if name in VOWELS else "consonant" if name.isalpha() else "sign"


def notice(settings: TokensSettings, record: TokensRecord) -> str:
    """How near vowels are to each other, at the start and at the end."""
    is_vowel = np.array([_kind(name) == "vowel" for name in record.names])
    both = np.ix_(is_vowel, is_vowel)
    among = [float(record.likeness_FKK[at][both].sum() - 5) / 20 for at in (0, -1)]
    share = f"{record.loss_F[-1]:.2f} after {settings.updates} updates"
    return (
        f"Nobody says what a vowel is. The mean cosine between two vowels is {among[0]:.2f} at the"
        f" start and {among[1]:.2f} at the end: letters that stand before the same letters get"
        f" like vectors. The loss on the last part of the text is {record.loss_F[0]:.2f} before"
        f" the first update and {share}; guessing all {len(record.names)} tokens alike has"
        f" {np.log(len(record.names)):.2f}."
    ).replace("-", "−")


CODE = """\
import torch
from torch import nn

from nnviz import DataSpec
from nnviz.data import load  # the text, letter by letter

CONTEXT, WIDTH, UPDATES = {context}, {width}, {updates}
data = load(DataSpec(name="characters", length={length}))
x, x_new = (part[:, 0, -CONTEXT:].long() for part in (data.train_x, data.test_x))

torch.manual_seed({seed})
table, guess = nn.Embedding({n}, WIDTH), nn.Linear(CONTEXT * WIDTH, {n})
optimizer = torch.optim.Adam([*table.parameters(), *guess.parameters()], lr={rate})
generator = torch.Generator().manual_seed({seed})
for update in range(UPDATES):
    batch = torch.randint(0, len(x), ({batch},), generator=generator)
    optimizer.zero_grad()
    logits = guess(table(x[batch]).flatten(1))
    nn.functional.cross_entropy(logits, data.train_y[batch]).backward()
    optimizer.step()

vectors = table.weight.detach()
unit = nn.functional.normalize(vectors - vectors.mean(0), dim=1)
cosines = unit @ unit.T
with torch.no_grad():
    loss = nn.functional.cross_entropy(guess(table(x_new).flatten(1)), data.test_y).item()
print(loss, cosines)
"""


def code(settings: TokensSettings) -> str:
    """The training and the cosines."""
    return CODE.format(
        context=settings.context, width=settings.width, updates=settings.updates,
        length=max(settings.context, 4), seed=settings.seed, n=DataSpec(name="characters").classes,
        rate=TOKEN_RATE, batch=TOKEN_BATCH,
    )  # fmt: skip


def experiment(settings: TokensSettings) -> ExperimentSpec:
    """An embedding of this width before a hidden layer, on the same text."""
    blocks = (EmbeddingBlock(width=settings.width), FlattenBlock(), DenseBlock(width=32))
    return ExperimentSpec(
        data=DataSpec(name="characters", length=max(settings.context, 4)),
        network=NetworkSpec(blocks=blocks),
        training=TrainingSpec(
            optimizer=OptimizerSpec(name="adam", learning_rate=TOKEN_RATE),
            batch_size=TOKEN_BATCH, seed=settings.seed,
        ),
    )  # fmt: skip


TOKENS = Exhibit(
    "tokens",
    "Tokens to vectors",
    "Each letter is a vector of its own, drawn at random and then learned: the network guesses the"
    " next letter from those before it. **Click a letter** to see its nearest, and play from the"
    " start to see the vowels (blue) find each other.",
    TokensSettings,
    in_one(
        place_tokens,
        lambda s: (s.context, s.width, s.updates, s.seed),
        "A training of a few hundred updates, about a second.",
    ),
    picture,
    notice,
    code,
    "Bengio, Ducharme, Vincent & Jauvin 2003. Axes: the two main axes (PCA) of the last moment.",
    experiment,
)
