"""One network in train() and in eval(): a large switch, and what each unit hands on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnviz.experiments.normalization.two_modes import (
    LARGEST_BATCH,
    MOST_ASKED,
    ModeAnswer,
    TwoModesRecord,
    ask_both_modes,
)
from nnviz.records import FloatArray
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.normalization.modes_code import ModesSettings, code, experiment
from nnviz.ui.exhibits.scene import Scene


def measure(settings: ModesSettings) -> TwoModesRecord:
    """Both modes, so that the switch answers at once."""
    s = settings
    return ask_both_modes(s.place, s.q, s.batch_size, s.n_asked, s.neighbours_change, s.seed)


def picture(settings: ModesSettings, shown: TwoModesRecord) -> Scene:
    """What is handed on in both modes; the script draws the one that is switched on."""
    by_size = {"train": shown.training_K, "eval": shown.evaluation_K}
    facts = {
        "mode": settings.mode, "batchSize": settings.batch_size, "largest": LARGEST_BATCH,
        "parts": [part.removesuffix("1d") for part in shown.parts],
        "modes": {"train": _told(shown.training), "eval": _told(shown.evaluation)},
        "sizes": shown.size_K.tolist(),
        "bySize": {mode: answers_K.round(4).tolist() for mode, answers_K in by_size.items()},
    }  # fmt: skip
    return Scene("normalization_modes", facts)


def _told(answer: ModeAnswer) -> dict[str, Any]:
    return {
        "stages": [values.astype(float).round(3).tolist() for values in answer.stages],
        "answers": answer.answer_B.astype(float).round(4).tolist(),
        "asked": answer.asked_K.round(4).tolist(),
    }


def refusal(settings: ModesSettings, shown: TwoModesRecord) -> str:
    """torch's own words for a batch of one in training mode."""
    if settings.mode == "eval" or not shown.training.torch_says:
        return ""
    return f"In train() torch refuses a batch of one sample:\n\n`{shown.training.torch_says}`"


def numbers(settings: ModesSettings, shown: TwoModesRecord) -> Mapping[str, str]:
    """The first sample's answers."""
    one, still = shown.training.asked_K, shown.evaluation.asked_K
    return {
        "Asked": f"{settings.n_asked} times" if settings.n_asked > 1 else "once",
        "Sample 0 in train()": _between(one) if one.size else "refused",
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
    if not one.size:
        return (
            "A single sample has no variance, so that **train()** can't answer at all."
            f" **eval()** takes its running statistics and says {still[-1]:.2f}, as in any batch."
        )
    changes = {"a new dropout mask": settings.q > 0, "new neighbours": settings.neighbours_change}
    why = " and ".join(name for name, is_there in changes.items() if is_there)
    if not why:
        answers = (
            "Without dropout and with the same neighbours even **train()** says"
            f" {one[-1]:.2f} each time."
        )
    elif len(one) == 1:
        answers = "The first sample was asked once in **train()**: ask again and its answer moves."
    else:
        answers = (
            f"The first sample, asked {len(one)} times in **train()**, is answered {_between(one)}:"
            f" each time there is {why}."
        )
    return (
        f"{answers} **eval()** always says {still[-1]:.2f}. In batches of 2 to 16 its answer is"
        f" {_between(shown.training_K)} in train() and {_between(shown.evaluation_K)} in eval(),"
        " which does not look at the batch."
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
    actions=lambda s, shown: [
        Action(
            "Ask again",
            {"n_asked": s.n_asked % MOST_ASKED + 1},
            ":material/refresh:",
            shortcut="n",
            primary=True,
        ),
        Action("Another batch", {"seed": (s.seed + 1) % 10_000}),
    ],
)
