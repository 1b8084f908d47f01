"""XOR: what one layer cannot separate and one hidden layer can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.blocks.learned import ActivationName
from nnviz.experiments.nonlinearity.records import XorRecord
from nnviz.experiments.nonlinearity.xor import xor as trained
from nnviz.experiments.nonlinearity.xor import xor_answer
from nnviz.feed import Grip, Panel
from nnviz.figures.xor import xor_plane, xor_seeds
from nnviz.ui.charts import ChartClick
from nnviz.ui.exhibits.activations.chosen import on
from nnviz.ui.exhibits.exhibit import Exhibit, Frame, Play
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.exhibits.signal_code import module_code
from nnviz.ui.exhibits.words import full

N_SEEDS = 20
N_FRAMES, FRAME_SIDE = 14, 32


class XorSettings(Spec):
    """The hidden layer, its training, and the seed whose answer is drawn."""

    n_hidden: Annotated[int, Field(ge=1, le=16)] = Field(4, title="Hidden units")
    xor_activation: ActivationName = Field("tanh", title="Activation")
    xor_steps: Annotated[int, Field(ge=10, le=400)] = Field(
        200, title="Steps of Adam", json_schema_extra={"step": 10}
    )
    xor_rate: Annotated[float, Field(ge=0.005, le=0.5)] = Field(
        0.05, title="Learning rate", json_schema_extra={"step": 0.005}
    )
    shown_seed: Annotated[int, Field(ge=0, lt=N_SEEDS)] = 2


Both = tuple[XorRecord, ...]


MEASURE: Pieces[XorSettings, Both] = Pieces(
    calls=lambda s, found: [
        (trained, (n_hidden, s.xor_activation, s.xor_steps, s.xor_rate, N_SEEDS))
        for n_hidden in (0, s.n_hidden)
        if n_hidden not in [record.n_hidden for record in found]
    ],
    collect=lambda s, found: (
        tuple(sorted(found, key=lambda record: record.n_hidden)) if len(found) == 2 else None
    ),
    question=lambda settings: settings.model_copy(update={"shown_seed": 0}),
    about=lambda settings: f"{N_SEEDS} seeds without and with hidden units, under 1 s.",
)


def picture(settings: XorSettings, shown: Both) -> Sequence[Panel]:
    """The straight line beside the network's border, and the seeds to choose from."""
    handle = Grip("shown_seed", settings.shown_seed, None, "x", 0, N_SEEDS - 1, 1, "seed {}")
    return (
        *_planes(settings, shown),
        Panel(
            "seeds", f"Points right, of {N_SEEDS} seeds", xor_seeds(shown),
            "Each seed starts both networks with other weights; the line chooses whose answers are"
            " drawn.", 150, 12, short=140, grips=(handle,),
        ),
    )  # fmt: skip


def _planes(
    settings: XorSettings, shown: Both, place: int = -1, n_side: int = 48
) -> Sequence[Panel]:
    return [
        Panel(
            f"plane{number}", record.name.capitalize(),
            xor_plane(*xor_answer(record, settings.shown_seed, place, n_side)),
            "P(class 1) over the plane: blue 1, orange 0; the line is where the answer changes.",
            330, 6, short=240,
        )
        for number, record in enumerate(shown)
    ]  # fmt: skip


def frames(settings: XorSettings, shown: Both) -> Sequence[Frame]:
    """Both borders as training goes on."""
    steps_T = shown[1].steps_T
    places = np.unique(np.linspace(0, len(steps_T) - 1, N_FRAMES).round().astype(int))
    return [
        Frame(f"Step {steps_T[place]}", _planes(settings, shown, int(place), FRAME_SIDE))
        for place in places
    ]


def click(settings: XorSettings, clicked: ChartClick) -> dict[str, object]:
    """The seed of a clicked point."""
    return {"shown_seed": clicked.x} if clicked.panel == "seeds" else {}


def notice(settings: XorSettings, shown: Both) -> str:
    """How many seeds solve it."""
    single, hidden = shown
    solved, best = int((hidden.accuracy_S == 1).sum()), round(float(single.accuracy_S.max()) * 4)
    weight = float(np.abs(single.parameters_T[-1][0][settings.shown_seed]).max())
    gives_up = (
        " Its best answer is to give up: its weights have shrunk to almost 0"
        f"{full(f' ({weight:.0e})')}, and it says about 0.5 everywhere."
    )
    more = "; those that fail are stuck or have not finished: try more steps or more units"
    if settings.xor_activation == "identity":
        more = ": without a bend it draws one straight line too"
    return (
        f"The single layer gets at most {best} of the 4 points right in {N_SEEDS} seeds: its border"
        " is one straight line, and no line has both pairs of corners on opposite sides."
        f"{gives_up * (weight < 0.02)} With {hidden.name}, {solved} of {N_SEEDS} seeds solve"
        f" it{more * (solved < N_SEEDS)}."
    )


CODE = """\
import torch
import torch.nn.functional as F
from torch import nn

x = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
y = torch.tensor([0.0, 1.0, 1.0, 0.0])
accuracy = {{}}
for n_hidden in (0, {n_hidden}):
    accuracy[n_hidden] = []
    for seed in range({n_seeds}):
        torch.manual_seed(seed)
        network = nn.Linear(2, 1)
        if n_hidden:
            torch.manual_seed(seed)
            phi = {phi}
            network = nn.Sequential(nn.Linear(2, n_hidden), phi, nn.Linear(n_hidden, 1))
        weights = [p for m in network.modules() if isinstance(m, nn.Linear) for p in m.parameters()]
        optimizer = torch.optim.Adam(weights, lr={rate!r})
        for step in range({n_steps}):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(network(x)[:, 0], y).backward()
            optimizer.step()
        accuracy[n_hidden].append(((network(x)[:, 0] > 0) == (y > 0.5)).double().mean().item())
    solved = sum(a == 1 for a in accuracy[n_hidden])
    print(f"{{n_hidden}} hidden units: {{solved}} of {n_seeds} seeds solve XOR")
"""


def code(settings: XorSettings) -> str:
    """Both networks from all seeds."""
    return CODE.format(
        n_hidden=settings.n_hidden, n_seeds=N_SEEDS, phi=module_code(settings.xor_activation),
        rate=settings.xor_rate, n_steps=settings.xor_steps,
    )  # fmt: skip


XOR = Exhibit(
    name="xor",
    title="XOR",
    lead="No straight line separates these four points, and a hidden layer bends it: play the"
    " training, or choose another seed below.",
    settings=XorSettings,
    measure=MEASURE,
    picture=picture,
    notice=notice,
    code=code,
    source="Minsky & Papert 1969, Perceptrons.",
    experiment=lambda s: on("xor", [s.n_hidden], s.xor_activation),
    fields=lambda settings: ("n_hidden", "xor_activation", "xor_steps", "xor_rate"),
    play=Play(frames, "Play the training", 6.0),
    click=click,
)
