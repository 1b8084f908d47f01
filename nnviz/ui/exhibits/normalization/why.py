"""Why BatchNorm helps: larger steps, deep sigmoid layers, and whether it is the shift."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from nnviz.experiments.normalization.shifting import LANES, train_shifting
from nnviz.experiments.normalization.training_records import RATES
from nnviz.experiments.normalization.trials import (
    SEEDS,
    deep_sigmoid,
    large_rates,
    try_out,
)
from nnviz.feed import Grip, Panel
from nnviz.figures.normalization_why import (
    accuracy_by_rate,
    loss_lines,
    range_lines,
    shift_lines,
)
from nnviz.runs.sweep import Call
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.normalization.why_code import (
    N_SHIFTING,
    SHIFTING_RATE,
    STORIES,
    WhySettings,
    code,
    experiment,
    lanes,
)
from nnviz.ui.exhibits.normalization.why_words import noticed
from nnviz.ui.exhibits.pieces import Pieces

Why = tuple[Any, ...]
"""What is back of one story: ShiftingRecords of the noise, TrialRecords of the others."""


def calls(settings: WhySettings, results: Sequence[Any]) -> Sequence[Call]:
    """The trainings that are not back."""
    if settings.story == "noise":
        back = {(record.lane, record.seed) for record in results}
        return [
            (train_shifting, (lane, settings.noise, SHIFTING_RATE, N_SHIFTING, seed))
            for seed in SEEDS
            for lane in LANES
            if (lane, seed) not in back
        ]
    known = {(record.kind, record.rate, record.seed) for record in results}
    return [
        (try_out, (trial,))
        for trial in (deep_sigmoid() if settings.story == "start" else large_rates())
        if (trial.kind, trial.rate, trial.seed) not in known
    ]


def question(settings: WhySettings) -> WhySettings:
    """Only what the story trains."""
    own = {"noise": settings.noise} if settings.story == "noise" else {}
    return WhySettings.model_validate({"story": settings.story, **own})


def about(settings: WhySettings) -> str:
    """What is trained, and how long."""
    n = len(SEEDS)
    return {
        "rate": f"{len(RATES)} rates × 2 networks × {n} seeds, 150 updates each, about 9 s",
        "start": f"2 networks × {n} seeds, 400 updates each, about 4 s",
        "noise": f"3 networks × {n} seeds, {N_SHIFTING} updates each, about 6 s",
    }[settings.story]


def picture(settings: WhySettings, shown: Why) -> Sequence[Panel]:
    """The story's one picture, and what explains it."""
    large = partial(Panel, height=330 if settings.story == "noise" else 390, short=280)
    if settings.story == "noise":
        grip = Grip("noise", y=settings.noise, moves="y", high=1.0, step=0.25, label="noise {}")
        return (
            large("loss", "Training loss", loss_lines(shown), "Of all training points, in"
                  " training mode.", span=6),
            large("shift", "How far one update moves a unit's mean", shift_lines(shown),
                  "Of what each unit hands to its ReLU, on 256 fixed points; in deviations of the"
                  " unit, root mean square over all.", span=6, grips=(grip,)),
        )  # fmt: skip
    if settings.story == "start":
        return (
            large("loss", "Training loss of 8 × 64 sigmoid units", loss_lines(shown, True),
                  span=12),
        )  # fmt: skip
    chosen = [trial for trial in shown if trial.rate == settings.rate]
    grip = Grip("learning_rate", x=settings.learning_rate, low=0.05, high=5, label="rate {}")
    return (
        large("rates", "Right on test digits after 150 updates", accuracy_by_rate(shown),
              "What diverged has no answer and counts as 0.", span=6, grips=(grip,)),
        large("loss", f"Training loss at rate {settings.rate:g}", loss_lines(chosen, True), span=6),
    )  # fmt: skip


def panels(settings: WhySettings, shown: Why) -> Sequence[Panel]:
    """How smooth the way is."""
    if settings.story != "noise":
        return ()
    words = "Highest minus lowest loss of the batch, ¼ to 4 steps down its gradient."
    return (Panel("range", "Loss along the gradient", range_lines(shown), words, 300, 12),)


WHY = Exhibit(
    name="why",
    title="Why it helps",
    lead="Larger steps and deeper networks still train; whether that is because distributions stay"
    " put is measured under **Is it the shift?**",
    settings=WhySettings,
    measure=Pieces(calls, lambda settings, results: tuple(results), question, about=about),
    picture=picture,
    notice=lambda s, shown: noticed(s.story, shown),
    code=code,
    source="Ioffe & Szegedy 2015; Santurkar, Tsipras, Ilyas & Madry 2018, How Does Batch"
    " Normalization Help Optimization? (sections 2.2 and 3.1).",
    experiment=experiment,
    panels=panels,
    fields=lambda s: {"rate": ("learning_rate",), "start": (), "noise": ("noise",)}[s.story],
    actions=lambda s, shown: [
        Action(title, {"story": name}, icon, primary=name == s.story)
        for name, (title, icon) in STORIES.items()
    ],
    lanes=lanes,
)
