"""One network in train() and in eval(): a large switch, and what each unit hands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.normalization.two_modes import (
    LARGEST_BATCH,
    MOST_ASKED,
    DropoutPlace,
    ModeAnswer,
    TwoModesRecord,
    ask_both_modes,
)
from nnviz.records import FloatArray
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.normalization.modes_code import CODE
from nnviz.ui.exhibits.scene import Scene

WORDS = {"BatchNorm1d": "BatchNorm", "Linear": "Linear", "ReLU": "ReLU", "Dropout": "Dropout"}


class ModesSettings(Spec):
    """The mode, the batch, and where dropout stands."""

    mode: Literal["train", "eval"] = "train"
    place: DropoutPlace = Field(
        "after", title="Dropout stands", json_schema_extra={"choices": ["after", "before"]},
        description="After or before BatchNorm.",
    )  # fmt: skip
    q: Annotated[float, Field(ge=0, le=0.8)] = Field(
        0.3, title="Dropout q", json_schema_extra={"step": 0.1}
    )
    batch_size: Annotated[int, Field(ge=1, le=LARGEST_BATCH)] = Field(
        8, title="Batch size", description="Drag the lower edge of the batch in the picture."
    )
    neighbours_change: bool = Field(
        False, title="Other neighbours each time",
        description="The first sample stays; the others of its batch are drawn anew.",
    )  # fmt: skip
    n_asked: Annotated[int, Field(ge=1, le=MOST_ASKED)] = Field(5, title="Times asked")
    seed: Annotated[int, Field(ge=0, le=9999)] = 0


def measure(settings: ModesSettings) -> TwoModesRecord:
    """Both modes, so that the switch answers at once."""
    s = settings
    return ask_both_modes(s.place, s.q, s.batch_size, s.n_asked, s.neighbours_change, s.seed)


def picture(settings: ModesSettings, shown: TwoModesRecord) -> Scene:
    """What is handed on in both modes; the script draws the one that is switched on."""
    return Scene(
        "normalization_modes",
        {
            "mode": settings.mode,
            "batchSize": settings.batch_size,
            "largest": LARGEST_BATCH,
            "parts": [WORDS[part] for part in shown.parts],
            "modes": {"train": _told(shown.training), "eval": _told(shown.evaluation)},
            "sizes": shown.size_K.tolist(),
            "bySize": {
                "train": shown.training_K.round(4).tolist(),
                "eval": shown.evaluation_K.round(4).tolist(),
            },
        },
    )


def _told(answer: ModeAnswer) -> dict[str, Any]:
    return {
        "stages": [values.astype(float).round(3).tolist() for values in answer.stages],
        "answers": answer.answer_B.astype(float).round(4).tolist(),
        "asked": answer.asked_K.round(4).tolist(),
        "says": answer.torch_says,
    }


def refusal(settings: ModesSettings, shown: TwoModesRecord) -> str:
    """torch's own words for a batch of one in training mode."""
    if settings.mode == "eval" or not shown.training.torch_says:
        return ""
    return f"In train() torch refuses a batch of one sample:\n\n`{shown.training.torch_says}`"


def numbers(settings: ModesSettings, shown: TwoModesRecord) -> Mapping[str, str]:
    """The first sample's answers."""
    one, still = shown.training.asked_K, shown.evaluation.asked_K
    spread = _between(one) if one.size else "refused"
    return {
        "Asked": f"{settings.n_asked} times" if settings.n_asked > 1 else "once",
        "Sample 0 in train()": spread,
        "Sample 0 in eval()": f"{still[-1]:.2f}",
        "Batches of 2 … 16, train()": _between(shown.training_K),
        "Batches of 2 … 16, eval()": _between(shown.evaluation_K),
    }


def _between(answers: FloatArray) -> str:
    low, high = f"{answers.min():.2f}", f"{answers.max():.2f}"
    return low if low == high else f"{low} … {high}"


def notice(settings: ModesSettings, shown: TwoModesRecord) -> str:
    """What chance and the neighbours change in each mode."""
    one, still = shown.training.asked_K, shown.evaluation.asked_K
    times = f"asked {settings.n_asked} times" if settings.n_asked > 1 else "asked once"
    if not one.size:
        return (
            "A single sample has no variance, so that **train()** can't answer at all."
            f" **eval()** takes its running statistics and says {still[-1]:.3f}, as in any batch."
        )
    is_random = settings.q > 0 or settings.neighbours_change
    changes = {"a new dropout mask": settings.q > 0, "new neighbours": settings.neighbours_change}
    why = " and ".join(name for name, is_there in changes.items() if is_there)
    moved = float(np.ptp(one))
    answers = (
        f"The first sample, {times} in **train()**, is answered {one.min():.3f} to {one.max():.3f}:"
        f" each time there is {why}."
        if is_random
        else f"Without dropout and with the same neighbours even **train()** says {one[-1]:.3f}"
        " each time."
    )
    if is_random and moved < 1e-6:
        answers = f"The first sample was {times} in **train()**: ask again and its answer moves."
    return (
        f"{answers} **eval()** always says {still[-1]:.3f}. In batches of 2 to 16 its answer goes"
        f" from {shown.training_K.min():.2f} to {shown.training_K.max():.2f} in train() and stays"
        f" {_between(shown.evaluation_K)} in eval(), which does not look at the batch."
    )


def actions(settings: ModesSettings, shown: TwoModesRecord) -> Sequence[Action]:
    """Ask the same again."""
    n = settings.n_asked
    return (
        Action("Ask again", {"n_asked": min(n + 1, MOST_ASKED)}, ":material/refresh:",
               shortcut="n", disabled=n >= MOST_ASKED, primary=True),
        Action("Forget the answers", {"n_asked": 1}, ":material/restart_alt:", disabled=n == 1),
        Action("Another batch", {"seed": (settings.seed + 1) % 10_000}),
    )  # fmt: skip


def code(settings: ModesSettings) -> str:
    """The trained network, asked in both modes."""
    s = settings
    return CODE.format(
        place=s.place, q=s.q, batch=s.batch_size, n=s.n_asked, change=s.neighbours_change,
        seed=s.seed,
    )  # fmt: skip


def experiment(settings: ModesSettings) -> ExperimentSpec:
    """Such a network on moons."""
    network = {
        "blocks": [{"kind": "dense", "width": 6}],
        "normalization": "batch",
        "dropout": settings.q,
    }
    training = {"optimizer": {"name": "adam", "learning_rate": 0.03}}
    return ExperimentSpec.model_validate(
        {"data": {"name": "moons"}, "network": network, "training": training}
    )


MODES = Exhibit(
    name="modes",
    title="train() or eval()?",
    lead="The same network and the same batch: **press the switch**, then ask again, and watch the"
    " answers on the right.",
    settings=ModesSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="torch.nn.Module.train and eval; Ioffe & Szegedy 2015, Srivastava et al. 2014;"
    " Li et al. 2018 on dropout before BatchNorm.",
    experiment=experiment,
    numbers=numbers,
    refusal=refusal,
    fields=lambda s: ("place", "q", "batch_size", "neighbours_change"),
    actions=actions,
)
