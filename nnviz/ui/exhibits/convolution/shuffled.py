"""Shuffled pixels: what a convolution knows of its input beforehand, and a dense layer does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.convolution.records import ShuffledRecord
from nnviz.experiments.convolution.shuffled import train_shuffled
from nnviz.feed import Panel
from nnviz.figures.convolution_shuffled import shuffled_accuracies, shuffled_signal
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.pieces import in_one


class ShuffledSettings(Spec):
    """How long, and with which weights and shuffling."""

    n_steps: Annotated[int, Field(ge=50, le=300)] = Field(
        200, title="Steps", description="Updates of each training.", json_schema_extra={"step": 50}
    )
    seed: Annotated[int, Field(ge=0, le=20)] = Field(
        0, title="Seed", description="Decides weights, batches and the shuffling."
    )


def picture(settings: ShuffledSettings, record: ShuffledRecord) -> Sequence[Panel]:
    """One signal both ways, and the four curves."""
    plain, shuffled = shuffled_signal(record, False), shuffled_signal(record, True)
    of_bars = "A bar keeps its colour where it goes."
    return [
        Panel("plain", "A signal as it is", plain, of_bars, 150, 6),
        Panel("shuffled", "The same, shuffled", shuffled, of_bars, 150, 6),
        Panel(
            "accuracies", "Test accuracy", shuffled_accuracies(record),
            "Solid: as it is. Dotted: all signals shuffled in the same way.", 250, 12,
        ),
    ]  # fmt: skip


def numbers(settings: ShuffledSettings, record: ShuffledRecord) -> Mapping[str, str]:
    """What is reached at the end."""
    return {
        f"{name.capitalize()}, {kind}": f"{curves[name][-1]:.1%}"
        for name in record.plain
        for kind, curves in (("as it is", record.plain), ("shuffled", record.shuffled))
    }


def notice(settings: ShuffledSettings, record: ShuffledRecord) -> str:
    """Who loses by it."""
    lost = record.plain["convolutional"][-1] - record.shuffled["convolutional"][-1]
    return (
        "To a dense network the order of its inputs means nothing: with its first weights permuted"
        " alike it trains to the same numbers, and its two curves lie on each other. A convolution"
        " counts on neighbours that belong together. Where these are torn apart it loses"
        f" {100 * lost:.0f} points of accuracy: what made it good was what it knew beforehand."
    )


def code(settings: ShuffledSettings) -> str:
    """The four trainings, written out."""
    return _SCRIPT.format(n_steps=settings.n_steps, seed=settings.seed)


_SCRIPT = """import torch
import torch.nn.functional as F

from nnviz.experiments.convolution.shuffled import made, mnist1d, order_of, seed_of_batches

n_steps, seed = {n_steps}, {seed}
x, y = mnist1d(seed)
order = order_of(seed)
for name in ("convolutional", "dense"):
    for is_shuffled in (False, True):
        network = made(name, seed)
        if name == "dense" and is_shuffled:  # the first layer is permuted as its inputs are
            network[1].weight.data = network[1].weight.data[:, order]
        signals = x[:, :, order] if is_shuffled else x
        optimizer = torch.optim.Adam(network.parameters(), 0.01, fused=True)
        generator = torch.Generator().manual_seed(seed_of_batches(seed))
        for _ in range(n_steps):
            batch = torch.randint(4000, (64,), generator=generator)
            optimizer.zero_grad()
            F.cross_entropy(network(signals[batch]), y[batch]).backward()
            optimizer.step()
        right = (network(signals[4000:]).argmax(1) == y[4000:]).double().mean().item()
        print(name, "shuffled" if is_shuffled else "as it is", f"{{right:.1%}}")
"""


def experiment(settings: ShuffledSettings) -> ExperimentSpec:
    """The convolutional network on mnist1d, as it is."""
    one = {"kind": "convolution", "channels": 16, "kernel_size": 5, "stride": 2, "padding": "valid"}
    last = {"kind": "convolution", "channels": 16, "padding": "valid"}
    return ExperimentSpec.model_validate(
        {
            "data": {"name": "mnist1d"},
            "network": {"blocks": [one, one, last, {"kind": "flatten"}]},
            "training": {
                "optimizer": {"name": "adam", "learning_rate": 0.01},
                "batch_size": 64,
                "n_steps": settings.n_steps,
            },
        }
    )


SHUFFLED = Exhibit(
    name="shuffled",
    title="Shuffled pixels",
    lead="All signals are shuffled in the same way. Does a network mind? Look at the **dotted"
    " curves**.",
    settings=ShuffledSettings,
    measure=in_one(
        train_shuffled, lambda s: (s.n_steps, s.seed), "Four trainings, about two seconds."
    ),
    picture=picture,
    notice=notice,
    code=code,
    source="Greydanus & Kobak 2020, Scaling down deep learning with MNIST-1D.",
    experiment=experiment,
    numbers=numbers,
)
