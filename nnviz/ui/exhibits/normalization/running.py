"""What BatchNorm keeps of the batches of training, for evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.experiments.normalization.records import ModeRecord, RunningRecord
from nnviz.experiments.normalization.running import compare_modes, follow_running
from nnviz.feed import Grip, Panel
from nnviz.figures.normalization_running import (
    mode_figure,
    running_mean_figure,
    running_variance_figure,
)
from nnviz.ui.exhibits.exhibit import Action, Exhibit, Frame, Play
from nnviz.ui.exhibits.normalization.running_code import code, experiment
from nnviz.ui.exhibits.normalization.stream import MOST_STEPS, RunningSettings
from nnviz.ui.exhibits.words import full

N_FRAMES = 40


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
    return (_until(settings, shown.record, settings.n_steps),)


def _until(settings: RunningSettings, record: RunningRecord, n_batches: int) -> Panel:
    is_followed = settings.track and not record.torch_says
    grips = (
        Grip("mean", y=settings.mean, moves="y", low=-10, high=10, step=0.1,
             label="mean of the data: {}"),
        Grip("n_steps", x=settings.n_steps, moves="x", low=1, high=MOST_STEPS, step=1,
             label="batches: {}", color="lane_2"),
    )  # fmt: skip
    return Panel(
        "mean", "Running mean", running_mean_figure(record, n_batches),
        "Dots: the mean of each batch. The grey band is where theory expects the running mean in"
        " 95 of 100 draws.", height=400, short=310, span=12, grips=grips if is_followed else (),
    )  # fmt: skip


def frames(settings: RunningSettings, shown: Running) -> Sequence[Frame]:
    """The first batches one by one, then more at a time."""
    stops = np.unique(np.geomspace(1, settings.n_steps, N_FRAMES).round().astype(int))
    return [Frame(after(n), (_until(settings, shown.record, n),)) for n in (0, *stops.tolist())]


def after(n_batches: int) -> str:
    """After 1 batch."""
    return f"After {n_batches} batch{'' if n_batches == 1 else 'es'}"


def refusal(settings: RunningSettings, shown: Running) -> str:
    """torch's words for a batch of one number."""
    if not shown.record.torch_says:
        return ""
    return f"One number has no variance, so torch refuses:\n\n`{shown.record.torch_says}`"


def numbers(settings: RunningSettings, shown: Running) -> Mapping[str, str]:
    """Where the running values stand."""
    record = shown.record
    if not settings.track:
        return {}
    return {
        "Running mean": f"{record.running_mean_T[-1]:.3f}",
        "Running variance": f"{record.running_variance_T[-1]:.3f}",
        "Variance of the data": f"{record.true_variance:.3g}",
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
        else f"{1 - m:.4g}^{k} = {record.remaining_T[-1]:.2g} of its start is left"
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
    """The variance, and the outputs of both modes."""
    variance = "torch normalizes with the biased variance (÷ B) and keeps the unbiased (÷ (B − 1))."
    outputs = "Fresh batches in both modes, and shifted data in evaluation mode."
    return [
        Panel("variance", "Running variance", running_variance_figure(shown.record), variance),
        Panel("modes", "Outputs of the layer in both modes", mode_figure(shown.modes), outputs),
    ]


def actions(settings: RunningSettings, shown: Running) -> Sequence[Action]:
    """One batch more, or other batches."""
    n, seed = settings.n_steps, settings.seed
    return (
        Action("One more batch", {"n_steps": min(n + 1, MOST_STEPS)}, ":material/skip_next:",
               shortcut="b", disabled=n >= MOST_STEPS),
        Action("Draw other batches", {"seed": (seed + 1) % 10_000}, shortcut="n"),
    )  # fmt: skip


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
    fields=lambda settings: settings.fields,
    more=("track", "cumulative", "shift", "stretch"),
    actions=actions,
    play=Play(frames, "Batch by batch"),
)
