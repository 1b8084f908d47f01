"""Tokens to vectors: an embedding trained to guess the next letter of a text.

Shapes: N windows, T letters before, K tokens, D numbers a token, F moments of the training.
Source: Bengio, Ducharme, Vincent & Jauvin 2003.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.datasets import DATASETS
from nnviz.data import load
from nnviz.experiments.sequences.records import TokensRecord
from nnviz.randomness import lent, torch_generator
from nnviz.records import FloatArray
from nnviz.spec import DataSpec

BATCH, RATE, MOMENTS = 128, 0.01, 20


def place_tokens(context: int, width: int, n_updates: int, seed: int = 0) -> TokensRecord:
    """Train embedding → linear on the last `context` letters; where each token then lies."""
    spec = DataSpec(name="characters", length=max(context, 4))
    data = load(spec)
    names = DATASETS["characters"].token_names
    letters_NT = data.train_x[:, 0, -context:].long()
    with lent(torch_generator(seed)):
        table = nn.Embedding(len(names), width)
        guess = nn.Linear(context * width, len(names))
    moments = {round(k * n_updates / MOMENTS) for k in range(MOMENTS + 1)}
    tables, losses = [], []
    for update in _updates(table, guess, letters_NT, data.train_y, n_updates, seed):
        if update in moments:
            tables.append(table.weight.detach().double().numpy().copy())
            losses.append(
                _test_loss(table, guess, data.test_x[:, 0, -context:].long(), data.test_y)
            )
    place_FK2, share_F = _in_plane(np.stack(tables))
    counts_K = np.bincount(data.train_y.numpy(), minlength=len(names))
    likeness = np.stack([_likeness(vectors) for vectors in tables])
    return TokensRecord(
        names, counts_K, np.array(sorted(moments)), np.array(losses), place_FK2, share_F, likeness
    )


def _updates(
    table: nn.Embedding, guess: nn.Linear, x_NT: Tensor, y_N: Tensor, n_updates: int, seed: int
) -> Iterator[int]:
    generator = torch_generator(seed)
    optimizer = torch.optim.Adam([*table.parameters(), *guess.parameters()], lr=RATE)
    yield 0
    for update in range(n_updates):
        batch = torch.randint(0, len(x_NT), (BATCH,), generator=generator)
        optimizer.zero_grad()
        logits = guess(table(x_NT[batch]).flatten(1))
        nn.functional.cross_entropy(logits, y_N[batch]).backward()
        optimizer.step()
        yield update + 1


@torch.no_grad()
def _test_loss(table: nn.Embedding, guess: nn.Linear, x_NT: Tensor, y_N: Tensor) -> float:
    return float(nn.functional.cross_entropy(guess(table(x_NT).flatten(1)), y_N))


def _in_plane(vectors_FKD: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Each moment's vectors, all seen along the two main axes of the last; the share of each
    moment's spread that these two show."""
    last_KD = vectors_FKD[-1] - vectors_FKD[-1].mean(axis=0)
    axes_2D = np.linalg.svd(last_KD, full_matrices=False)[2][:2]
    centred = vectors_FKD - vectors_FKD.mean(axis=1, keepdims=True)
    place = centred @ axes_2D.T
    return place, (place**2).sum((1, 2)) / (centred**2).sum((1, 2))


def _likeness(vectors_KD: FloatArray) -> FloatArray:
    """Cosine of the angle between each two, seen from their mean."""
    centred = vectors_KD - vectors_KD.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(unit @ unit.T)
