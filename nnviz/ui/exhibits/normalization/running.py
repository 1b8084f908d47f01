"""What BatchNorm keeps of the batches of training, for evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.normalization.records import ModeRecord, RunningRecord
from nnviz.experiments.normalization.running import BatchStream, compare_modes, follow_running
from nnviz.feed import Grip, Panel
from nnviz.figures.normalization_running import (
    mode_figure,
    remaining_figure,
    running_mean_figure,
    running_variance_figure,
)
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Action, Exhibit, Frame, Play
from nnviz.ui.exhibits.normalization.running_code import CODE
from nnviz.ui.exhibits.words import full

MOST_STEPS, N_FRAMES = 300, 40


class RunningSettings(Spec):
    """A stream of batches of one feature, and the BatchNorm layer that they pass through."""

    batch_size: Annotated[int, Field(ge=1, le=64)] = Field(
        16, title="Batch size", description="Down to 1, which torch refuses in training mode."
    )
    n_steps: Annotated[int, Field(ge=1, le=MOST_STEPS)] = Field(50, title="Batches seen")
    momentum: Annotated[float, Field(ge=0.01, le=1)] = Field(
        0.1, title="Momentum m", description="new = (1 - m) · old + m · batch",
        json_schema_extra={"step": 0.01},
    )  # fmt: skip
    cumulative: bool = Field(False, title="momentum=None", description="Average of all batches.")
    track: bool = Field(
        True, title="Keep running statistics",
        description="track_running_stats. Off: evaluation normalizes with its own batch.",
    )  # fmt: skip
    mean: Annotated[float, Field(ge=-10, le=10)] = Field(
        2.0, title="Mean of the data", json_schema_extra={"step": 0.1}
    )
    std: Annotated[float, Field(ge=0.1, le=10)] = Field(
        1.5, title="Deviation of the data", json_schema_extra={"step": 0.1}
    )
    shift: Annotated[float, Field(ge=-10, le=10)] = Field(
        1.0, title="Evaluation data: shift of the mean", json_schema_extra={"step": 0.1}
    )
    stretch: Annotated[float, Field(ge=0.1, le=5)] = Field(
        1.5, title="Evaluation data: factor on the deviation", json_schema_extra={"step": 0.1}
    )
    seed: Annotated[int, Field(ge=0, le=9999)] = 0

    @property
    def stream(self) -> BatchStream:
        """The batches."""
        momentum = None if self.cumulative else self.momentum
        return BatchStream(
            self.batch_size, momentum, self.track, self.n_steps, self.mean, self.std, self.seed
        )


@dataclass(frozen=True)
class Running:
    """Running statistics batch by batch, and the outputs of both modes."""

    record: RunningRecord
    modes: tuple[ModeRecord, ...]


def measure(settings: RunningSettings) -> Running:
    """torch's layer, batch after batch."""
    stream = settings.stream
    return Running(follow_running(stream), compare_modes(stream, settings.shift, settings.stretch))


def picture(settings: RunningSettings, shown: Running) -> Sequence[Panel]:
    """The running mean on its way to the mean of the data, which can be dragged."""
    return _drawn(settings, shown.record, settings.n_steps)


def _drawn(settings: RunningSettings, record: RunningRecord, until: int) -> Sequence[Panel]:
    is_followed = settings.track and not record.torch_says
    grips = (
        Grip("mean", y=settings.mean, moves="y", low=-10, high=10, step=0.1,
             label="mean of the data: {}"),
        Grip("n_steps", x=settings.n_steps, moves="x", low=1, high=MOST_STEPS, step=1,
             label="batches: {}", color="lane_2"),
    )  # fmt: skip
    return (
        Panel(
            "mean", "Running mean", running_mean_figure(record, until),
            "Dots: the mean of each batch. The grey band is where theory expects the running mean"
            " in 95 of 100 draws.", height=400, short=310, span=12,
            grips=grips if is_followed else (),
        ),
    )  # fmt: skip


def frames(settings: RunningSettings, shown: Running) -> Sequence[Frame]:
    """The first batches one by one, then more at a time."""
    stops = np.unique(np.geomspace(1, settings.n_steps, N_FRAMES).round().astype(int))
    return [
        Frame(after(stop), _drawn(settings, shown.record, stop)) for stop in (0, *stops.tolist())
    ]


def after(n_batches: int) -> str:
    """After 1 batch."""
    return f"After {n_batches} batch{'' if n_batches == 1 else 'es'}"


def refusal(settings: RunningSettings, shown: Running) -> str:
    """torch's words for a batch of one number."""
    if not shown.record.torch_says:
        return ""
    return (
        "One number has no variance, so torch refuses a batch of 1 in training mode."
        f" Its own words:\n\n`{shown.record.torch_says}`"
    )


def numbers(settings: RunningSettings, shown: Running) -> Mapping[str, str]:
    """Where the running values stand."""
    record = shown.record
    if not settings.track:
        return {}
    left = "–" if record.torch_says else f"{record.remaining_T[-1]:.2g}"
    return {
        "Running mean": f"{record.running_mean_T[-1]:.3f}",
        "Mean of the data": f"{record.true_mean:.3g}",
        "Running variance": f"{record.running_variance_T[-1]:.3f}",
        "Variance of the data": f"{record.true_variance:.3g}",
        "Left of the start": left,
    }


def notice(settings: RunningSettings, shown: Running) -> str:
    """How far it is, which variance is kept, and what evaluation does with other data."""
    record, k = shown.record, shown.record.n_steps
    if record.torch_says:
        return (
            "Nothing was learned about the data: the running values stay at their start, mean 0"
            " and variance 1. Layer, instance and group normalization need no second sample."
        )
    moved = shown.modes[-1]
    if not settings.track:
        return (
            "Without running statistics both modes do the same: each batch is normalized by itself."
            f" Shifted data come out with mean {moved.distribution.mean:.2g} all the same: their"
            " own batch hides the shift."
        )
    m, wanted = record.momentum, record.expected_mean_T[-1]
    left = (
        "the average forgets its start with the first batch"
        if m is None
        else f"{1 - m:.4g}^{k} = {record.remaining_T[-1]:.3g} of the initial value is left"
    )
    away = abs(record.running_mean_T[-1] - wanted) / max(record.mean_error_T[-1], 1e-12)
    size = record.batch_size
    return (
        f"{after(k)}, {left}: the running mean is {record.running_mean_T[-1]:.3g} and the data's"
        f" {record.true_mean:.3g}"
        + full(f" (theory expects {wanted:.3g} here, {away:.1f} standard deviations away)")
        + f". With batches of {size} the biased variance, which normalizes, is (B−1)/B ="
        f" {(size - 1) / size:.3g} of the unbiased one, which is kept. In evaluation, data that are"
        f" shifted come out with mean {moved.distribution.mean:.2f} and deviation {moved.std:.2f}:"
        " the running statistics know nothing of the shift."
    )


def panels(settings: RunningSettings, shown: Running) -> Sequence[Panel]:
    """The variance, what is left of the start, and the outputs of both modes."""
    return (
        Panel(
            "variance", "Running variance", running_variance_figure(shown.record),
            "torch normalizes with the biased variance (÷ B) and keeps the unbiased one"
            " (÷ (B - 1)).", 280, 6,
        ),
        Panel(
            "remaining", "What is left of the initial value", remaining_figure(shown.record),
            "Measured by two layers that differ in their initial running mean only.", 280, 6,
        ),
        Panel(
            "modes", "Outputs: training mode against evaluation mode", mode_figure(shown.modes),
            "Fresh batches in both modes, and shifted data in evaluation mode.", 280, 12,
        ),
    )  # fmt: skip


def actions(settings: RunningSettings, shown: Running) -> Sequence[Action]:
    """One batch more, or other batches."""
    n, seed = settings.n_steps, settings.seed
    return (
        Action("One more batch", {"n_steps": min(n + 1, MOST_STEPS)}, ":material/skip_next:",
               shortcut="b", disabled=n >= MOST_STEPS),
        Action("From the start", {"n_steps": 1}, ":material/restart_alt:", disabled=n == 1),
        Action("Draw other batches", {"seed": (seed + 1) % 10_000}, shortcut="n"),
    )  # fmt: skip


def code(settings: RunningSettings) -> str:
    """A script that ends with the running `mean` and `variance`."""
    s = settings
    return CODE.format(
        seed=derived_seed(s.seed, "train"), momentum=None if s.cumulative else s.momentum,
        track=s.track, steps=s.n_steps, batch=s.batch_size, mean=s.mean, std=s.std, shift=s.shift,
        stretch=s.stretch,
    )  # fmt: skip


def experiment(settings: RunningSettings) -> ExperimentSpec:
    """Moons through two dense layers with such a BatchNorm."""
    network = {
        "normalization": "batch", "blocks": [{"kind": "dense", "width": 8}] * 2,
        "momentum": "cumulative" if settings.cumulative else settings.momentum,
        "track_running_stats": settings.track,
    }  # fmt: skip
    return ExperimentSpec.model_validate(
        {
            "data": {"name": "moons"},
            "network": network,
            "training": {"batch_size": max(settings.batch_size, 2)},
        }
    )


def fields(settings: RunningSettings) -> Sequence[str]:
    """Momentum where it counts."""
    momentum = ("momentum",) if settings.track and not settings.cumulative else ()
    kept = ("cumulative",) if settings.track else ()
    return ("batch_size", "n_steps", *momentum, "std", "track", *kept, "shift", "stretch")


RUNNING = Exhibit(
    name="running",
    title="Running statistics",
    lead="Each batch pulls the **running mean** a little towards its own: press play, or drag the"
    " mean of the data.",
    settings=RunningSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="Ioffe & Szegedy 2015; conventions of torch.nn.BatchNorm1d.",
    experiment=experiment,
    panels=panels,
    numbers=numbers,
    refusal=refusal,
    fields=fields,
    more=("track", "cumulative", "shift", "stretch"),
    actions=actions,
    play=Play(frames, "Batch by batch"),
)
