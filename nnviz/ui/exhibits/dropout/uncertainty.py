"""Uncertainty: a fitted curve whose dropout stays on answers a little differently each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from nnviz.experiments.dropout import uncertainty as own
from nnviz.experiments.dropout.records import UncertaintyRecord
from nnviz.experiments.dropout.uncertainty import NOISE, REACH, WIDTH, CurveFit, fit_curve
from nnviz.feed import Grip, Panel
from nnviz.figures.dropout_uncertainty import uncertainty_figure
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.dropout.dropping import Dropping
from nnviz.ui.exhibits.exhibit import Action, Exhibit, Frame, Play
from nnviz.ui.exhibits.pieces import Pieces


class UncertaintySettings(Dropping):
    """The curve's training, and where the reader looks."""

    q: Annotated[float, Field(ge=0, le=0.9)] = Field(0.1, title="Probability of dropping q")
    n_steps: Annotated[int, Field(ge=0, le=600)] = Field(
        300, title="Training steps", json_schema_extra={"step": 50}
    )
    gap_width: Annotated[float, Field(ge=0, le=1.4)] = Field(
        0.6,
        title="Width of the gap in the data",
        description="No training point lies within it, around x = 0.2.",
        json_schema_extra={"step": 0.1},
    )
    at: Annotated[float, Field(ge=-REACH, le=REACH)] = 0.2

    @property
    def fit(self) -> CurveFit:
        """What is trained."""
        return CurveFit(self.q, self.n_steps, gap_width=self.gap_width, seed=self.seed)


MEASURE: Pieces[UncertaintySettings, UncertaintyRecord] = Pieces(
    calls=lambda settings, found: [] if found else [(fit_curve, (settings.fit,))],
    collect=lambda settings, found: found[0],
    question=lambda settings: settings.model_copy(update={"at": 0.0}),
    about=lambda settings: f"One training of {settings.n_steps} steps and 200 passes, under 1 s.",
)


def picture(settings: UncertaintySettings, shown: UncertaintyRecord) -> Sequence[Panel]:
    """The passes, and where the reader looks."""
    here = Grip("at", settings.at, None, "x", -REACH, REACH, 0.05, "x = {}")
    return (
        Panel(
            "curve", "The answer with dropout left on", uncertainty_figure(shown),
            "Small dots are single passes; noise of the data is no part of their spread.",
            430, 12, short=330, grips=(here,),
        ),
    )  # fmt: skip


def frames(settings: UncertaintySettings, shown: UncertaintyRecord) -> Sequence[Frame]:
    """The same picture as training goes on."""
    passed = (*shown.before, shown)
    return [Frame(f"Step {each.n_steps}", picture(settings, each)) for each in passed]


def numbers(settings: UncertaintySettings, shown: UncertaintyRecord) -> dict[str, str]:
    """The answer where the reader looks, and the spread by region."""
    here = int(np.argmin(np.abs(shown.x_G - settings.at)))
    found = {
        f"Answer at x = {settings.at:.2f}": f"{shown.mean_G[here]:.2f} ± {shown.std_G[here]:.2f}",
        "Truth there": f"{shown.truth_G[here]:.2f}",
    }
    regions: dict[Any, str] = {"data": "Spread on the data", "outside": "Spread beyond them"}
    if settings.gap_width >= 0.1:
        regions["gap"] = "Spread in the gap"
    return found | {label: f"{shown.mean_std(name):.3g}" for name, label in regions.items()}


def notice(settings: UncertaintySettings, shown: UncertaintyRecord) -> str:
    """Whether the spread tells where there are no data."""
    if shown.q == 0:
        return (
            "With q = 0 every pass is the same, so there is no spread to read anything from. That"
            " does not make the network certain where it has seen no data."
        )
    on_data = shown.mean_std("data")
    text = (
        f"The passes differ by {on_data:.3g} on average where there are data, and beyond them"
        f" {shown.mean_std('outside') / on_data:.2g} times as much. "
    )
    if settings.gap_width >= 0.1:
        ratio = shown.mean_std("gap") / on_data
        shows = "clearly" if ratio >= 2 else "a little" if ratio > 1.15 else "not at all"
        text += f"In the gap they differ {ratio:.2g} times as much: it shows {shows}. "
    return text + (
        "The spread depends on q and on the slope of the curve as much as on the data. Treat it as"
        " a hint, not as a confidence interval."
    )


CODE = """\
import torch
from torch import nn

torch.manual_seed({seed})
share = torch.rand({n_points}).sort().values * (2 - {gap})
x = torch.where(share < {start} + 1, share - 1, share - 1 + {gap})[:, None]
y = torch.sin(torch.pi * x) + {noise} * torch.randn({n_points}, 1)
net = nn.Sequential(
    nn.Linear(1, {width}), nn.ReLU(), nn.Dropout({q}),
    nn.Linear({width}, {width}), nn.ReLU(), nn.Dropout({q}),
    nn.Linear({width}, 1),
)
optimizer = torch.optim.Adam(net.parameters(), lr={rate}, fused=True)
for _ in range({n_steps}):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()

grid = torch.linspace(-{reach}, {reach}, {n_grid})[:, None]
with torch.no_grad():
    passes = net(grid.repeat({passes}, 1)).view({passes}, {n_grid})  # dropout still on
    mean, deviation = passes.mean(dim=0), passes.std(dim=0)
    evaluation = net.eval()(grid)[:, 0]
print("deviation over the passes, on average", deviation.mean().item())
"""


def code(settings: UncertaintySettings) -> str:
    """The same points, training and passes."""
    fit = settings.fit
    return CODE.format(
        seed=derived_seed(fit.seed, "curve"), gap=fit.gap_width, start=fit.gap[0], q=fit.q,
        n_steps=fit.n_steps, passes=fit.n_passes, n_points=own.N_POINTS, noise=NOISE, width=WIDTH,
        rate=own.LEARNING_RATE, reach=REACH, n_grid=own.N_GRID,
    )  # fmt: skip


def experiment(settings: UncertaintySettings) -> ExperimentSpec:
    """The same network on a sine with noise."""
    data = {"name": "sinusoid", "noise": NOISE, "n_samples": 64}
    network = {"blocks": [{"kind": "dense", "width": WIDTH}] * 2, "dropout": settings.q}
    return ExperimentSpec.model_validate({"data": data, "network": network})


UNCERTAINTY = Exhibit(
    name="uncertainty",
    title="Uncertainty",
    lead="With dropout left on, every pass answers differently: drag the line and compare the"
    " spread where there are data, in the gap, and beyond.",
    settings=UncertaintySettings,
    measure=MEASURE,
    picture=picture,
    notice=notice,
    code=code,
    source="Gal & Ghahramani 2016, Dropout as a Bayesian approximation.",
    experiment=experiment,
    numbers=numbers,
    fields=lambda settings: ("q", "n_steps", "gap_width"),
    play=Play(frames, "Play the training", 6.0),
    actions=lambda settings, shown: (
        Action("Another training", {"seed": (settings.seed + 1) % 10_000}, shortcut="n"),
    ),
)
