"""Why BatchNorm helps: larger steps, deep sigmoid layers, and whether it is the shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, assert_never

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.comparisons import COMPARISONS, DEFAULT_COMPARISON
from nnviz.experiments.normalization.shifting import LANES, train_shifting
from nnviz.experiments.normalization.training_records import ShiftingRecord, TrialRecord
from nnviz.experiments.normalization.trials import RATES, Trial, deep_sigmoid, large_rates, try_out
from nnviz.export import to_pytorch
from nnviz.feed import Grip, Panel
from nnviz.figures.normalization_why import (
    accuracy_by_rate,
    loss_lines,
    range_lines,
    shift_lines,
)
from nnviz.runs.sweep import Call
from nnviz.spec import ComparisonSpec, ExperimentSpec, LaneSpec, OverrideSpec
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.normalization.why_code import script
from nnviz.ui.exhibits.normalization.why_words import noticed
from nnviz.ui.exhibits.pieces import Pieces

N_SHIFTING = 200
Story = Literal["rate", "start", "noise"]
STORIES: Mapping[Story, tuple[str, str]] = {
    "rate": ("Larger steps", ":material/speed:"),
    "start": ("Deep sigmoid layers", ":material/stairs:"),
    "noise": ("Is it the shift?", ":material/earthquake:"),
}


class WhySettings(Spec):
    """Which of the three is looked at, and how."""

    story: Story = "rate"
    learning_rate: Annotated[float, Field(ge=0.05, le=5)] = Field(
        1.0, title="Learning rate", json_schema_extra={"offered": list(RATES)},
        description="Of the loss curves; drag it in the picture.",
    )  # fmt: skip
    noise: Annotated[float, Field(ge=0, le=1)] = Field(
        0.5, title="Noise after BatchNorm", json_schema_extra={"step": 0.25},
        description="Each unit's mean jumps by up to this at every update, its deviation by half"
        " of it; 0.5 is the paper's.",
    )  # fmt: skip
    step: Annotated[float, Field(ge=0.01, le=0.5)] = Field(
        0.3, title="Learning rate of SGD", json_schema_extra={"offered": [0.03, 0.1, 0.3]}
    )
    n_seeds: Annotated[int, Field(ge=1, le=5)] = Field(
        3, title="Seeds", description="The bands reach over all of them."
    )

    @property
    def rate(self) -> float:
        """The measured rate that is nearest."""
        return min(RATES, key=lambda rate: abs(np.log(rate / self.learning_rate)))


@dataclass(frozen=True)
class Why:
    """What is back of one story."""

    trials: tuple[TrialRecord, ...] = ()
    shifting: tuple[ShiftingRecord, ...] = ()


def calls(settings: WhySettings, results: Sequence[Any]) -> Sequence[Call]:
    """The trainings that are not back."""
    if settings.story == "noise":
        back = {(record.lane, record.seed) for record in results}
        return [
            (train_shifting, (lane, settings.noise, settings.step, N_SHIFTING, seed))
            for seed in range(settings.n_seeds)
            for lane in LANES
            if (lane, seed) not in back
        ]
    known = {(record.kind, record.rate, record.seed) for record in results}
    return [
        (try_out, (trial,))
        for trial in (deep_sigmoid if settings.story == "start" else large_rates)(settings.n_seeds)
        if (trial.kind, trial.rate, trial.seed) not in known
    ]


def collect(settings: WhySettings, results: Sequence[Any]) -> Why:
    """What is back."""
    found = tuple(results)
    return Why(shifting=found) if settings.story == "noise" else Why(found)


def question(settings: WhySettings) -> WhySettings:
    """Only what the story trains."""
    s = settings
    own = {"noise": s.noise, "step": s.step} if s.story == "noise" else {}
    return WhySettings.model_validate({"story": s.story, "n_seeds": s.n_seeds, **own})


def about(settings: WhySettings) -> str:
    """What is trained, and how long."""
    n = settings.n_seeds
    match settings.story:
        case "rate":
            return f"{len(RATES)} rates × 2 networks × {n} seeds, 150 updates each, about {3 * n} s"
        case "start":
            return f"2 networks × {n} seeds, 400 updates each, about {n + 1} s"
        case "noise":
            return f"3 networks × {n} seeds, {N_SHIFTING} updates each, about {2 * n} s"
        case _:
            assert_never(settings.story)


def picture(settings: WhySettings, shown: Why) -> Sequence[Panel]:
    """The story's one picture, and what explains it."""
    large = partial(Panel, height=330 if settings.story == "noise" else 390, short=280)
    if settings.story == "noise":
        grip = Grip("noise", y=settings.noise, moves="y", high=1.0, step=0.25, label="noise {}")
        return (
            large("loss", "Training loss", loss_lines(shown.shifting), "Of all training points, in"
                  " training mode.", span=6),
            large("shift", "How far one update moves a unit's mean", shift_lines(shown.shifting),
                  "Of what each unit hands to its ReLU, on 256 fixed points; in deviations of the"
                  " unit, root mean square over all.", span=6, grips=(grip,)),
        )  # fmt: skip
    if settings.story == "start":
        return (
            large("loss", "Training loss of 8 × 64 sigmoid units", loss_lines(shown.trials, True),
                  span=12),
        )  # fmt: skip
    chosen = [trial for trial in shown.trials if trial.rate == settings.rate]
    grip = Grip("learning_rate", x=settings.learning_rate, low=0.05, high=5, label="rate {}")
    return (
        large("rates", "Right on test digits after 150 updates", accuracy_by_rate(shown.trials),
              "What diverged has no answer and counts as 0.", span=6, grips=(grip,)),
        large("loss", f"Training loss at rate {settings.rate:g}", loss_lines(chosen, True), span=6),
    )  # fmt: skip


def panels(settings: WhySettings, shown: Why) -> Sequence[Panel]:
    """How smooth the way is."""
    if not shown.shifting:
        return ()
    return (
        Panel("range", "Loss along the gradient", range_lines(shown.shifting),
              "Highest minus lowest loss of the batch, ¼ to 4 steps down its gradient.", 300, 12),
    )  # fmt: skip


def notice(settings: WhySettings, shown: Why) -> str:
    """What is back, in words."""
    return noticed(settings.story, shown.trials, shown.shifting, settings.n_seeds)


def table(settings: WhySettings, shown: Why) -> Sequence[Mapping[str, Any]]:
    """The three lanes in numbers."""
    names = {"none": "no normalization", "batch": "BatchNorm", "noisy": "BatchNorm, then noise"}
    own = {lane: [record for record in shown.shifting if record.lane == lane and record.is_finite]
           for lane in LANES}  # fmt: skip
    return [
        {
            "Network": names[lane],
            "Seeds": str(len(found)),
            "Loss at the end": f"{np.mean([r.loss_T[-1] for r in found]):.3f}",
            "Mean moves by": f"{np.mean([np.median(r.shift_T) for r in found]):.3f}",
            "Loss along the gradient spans": f"{np.mean([_range(r) for r in found]):.3f}",
            "Right on test digits": f"{np.mean([r.test_accuracy for r in found]):.3f}",
        }
        for lane, found in own.items()
        if found
    ]


def _range(record: ShiftingRecord) -> float:
    return float(np.median(record.high_T - record.low_T))


def actions(settings: WhySettings, shown: Why) -> Sequence[Action]:
    """A button a story."""
    return [
        Action(title, {"story": name}, icon, primary=name == settings.story)
        for name, (title, icon) in STORIES.items()
    ]


def grasp(settings: WhySettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """A dragged rate or noise; what is dragged comes as a float."""
    return {name: round(float(value), 4) for name, value in sent.items()}


def code(settings: WhySettings) -> str:
    """One training of the story with BatchNorm."""
    if settings.story == "noise":
        return script(settings.noise, settings.step, N_SHIFTING)
    return to_pytorch(experiment(settings))


def experiment(settings: WhySettings) -> ExperimentSpec:
    """The story's network with BatchNorm."""
    if settings.story == "start":
        return Trial("sigmoid", "batch", 0.1, 32, 400, 0).spec
    rate = settings.step if settings.story == "noise" else settings.rate
    return Trial("rates", "batch", rate, 32, 150, 0).spec


def lanes(settings: WhySettings) -> ComparisonSpec:
    """The same network without and with; where noise can't be compared, before and after."""
    if settings.story == "noise":
        return COMPARISONS[DEFAULT_COMPARISON].spec
    without = OverrideSpec(path="network.normalization", value="none")
    return ComparisonSpec(
        base=experiment(settings),
        lanes=(LaneSpec(name="no normalization", overrides=(without,)), LaneSpec(name="BatchNorm")),
    )


def fields(settings: WhySettings) -> Sequence[str]:
    """What the story turns."""
    own = {"rate": ("learning_rate",), "start": (), "noise": ("noise", "step")}
    return (*own[settings.story], "n_seeds")


WHY = Exhibit(
    name="why",
    title="Why it helps",
    lead="Larger steps and deeper networks still train; whether that is because distributions stay"
    " put is measured under **Is it the shift?**",
    settings=WhySettings,
    measure=Pieces(calls, collect, question, about=about),
    picture=picture,
    notice=notice,
    code=code,
    source="Ioffe & Szegedy 2015; Santurkar, Tsipras, Ilyas & Madry 2018, How Does Batch"
    " Normalization Help Optimization? (sections 2.2 and 3.1).",
    experiment=experiment,
    panels=panels,
    table=table,
    fields=fields,
    actions=actions,
    grasp=grasp,
    lanes=lanes,
)
