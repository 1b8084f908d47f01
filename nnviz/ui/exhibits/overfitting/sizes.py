"""What more data does: loss after training against the size of the training set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnviz.experiments.overfitting.collecting import learning_curve
from nnviz.experiments.overfitting.records import LearningCurveRecord
from nnviz.experiments.overfitting.settings import SizesSettings
from nnviz.export import to_pytorch
from nnviz.feed import Grip, Panel
from nnviz.figures.curves import LOSS_UNITS
from nnviz.figures.overfitting_curves import learning_curve as drawn_curve
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.exhibits.overfitting.trained import trained, whose
from nnviz.ui.exhibits.words import full


def picture(settings: SizesSettings, shown: LearningCurveRecord) -> Sequence[Panel]:
    """Both losses over the sizes, and a line to read them at."""
    grip = Grip(
        "n_points", x=float(settings.nearest), low=float(settings.sizes[0]),
        high=float(settings.sizes[-1]), step=1.0, label="{} points", color="lane_2",
    )  # fmt: skip
    return [
        Panel(
            "sizes", "Loss after training, by training points",
            drawn_curve(shown, settings.log_loss),
            "Each size is trained for the same number of steps; the test points stay the same."
            " Bands: ± 2 standard errors.", 430, 12, short=330, grips=(grip,),
        )
    ]  # fmt: skip


def grasp(settings: SizesSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The measured size that is nearest."""
    n = sent.get("n_points")
    if not isinstance(n, int | float) or isinstance(n, bool) or not n >= 1:
        return {}
    return {"n_points": min(settings.sizes, key=lambda size: abs(float(np.log(size / n))))}


def numbers(settings: SizesSettings, shown: LearningCurveRecord) -> Mapping[str, str]:
    """What was measured at the line."""
    z, unit = shown.sizes.index(settings.nearest), LOSS_UNITS[shown.task]
    train, test = float(shown.train_loss_Z[z]), float(shown.test_loss_Z[z])
    if not np.isfinite([train, test]).all():
        return {}
    errors = [full(f" ± {e[z]:.1g}") if np.isfinite(e[z]) else ""
              for e in (shown.train_error_Z, shown.test_error_Z)]  # fmt: skip
    return {
        "Training points": f"{settings.nearest:,}",
        "Training loss": f"{train:.3g}{errors[0]} {unit}",
        "Test loss": f"{test:.3g}{errors[1]} {unit}",
        "Gap": f"{test - train:.3g} {unit}",
    }


def notice(settings: SizesSettings, shown: LearningCurveRecord) -> str:
    """Both losses at the smallest and the largest training set that are back."""
    known = np.flatnonzero(np.isfinite(shown.test_loss_Z) & np.isfinite(shown.train_loss_Z))
    if not known.size:
        return "Every training that is back has diverged: lower the learning rate."
    first, last, unit = int(known[0]), int(known[-1]), LOSS_UNITS[shown.task]
    if first == last:
        return f"Only one size is back so far: {shown.sizes[first]:,} points."
    test, train = shown.test_loss_Z, shown.train_loss_Z
    part = "" if len(known) == len(shown.sizes) else f" ({len(known)} of {len(shown.sizes)} sizes)"
    rises = train[last] > train[first]
    closes = abs(test[last] - train[last]) < abs(test[first] - train[first])
    return (
        f"From {shown.sizes[first]:,} to {shown.sizes[last]:,} training points{part} the test loss"
        f" goes from **{test[first]:.3g}**{_error(shown, first)} to **{test[last]:.3g}**"
        f"{_error(shown, last)} {unit}, and the training loss from {_short(train[first])}"
        f" to {_short(train[last])}. "
        + ("The gap closes" if closes else "The gap does not close here")
        + (": so many points can't be learned by heart any more." if closes and rises else ".")
    )


def _short(loss: float) -> str:
    return f"{loss:.3g}" if loss >= 0.001 else "almost 0"


def _error(shown: LearningCurveRecord, z: int) -> str:
    error = shown.test_error_Z[z]
    return full(f" ± {error:.1g}") if np.isfinite(error) else ""


def experiment(settings: SizesSettings) -> ExperimentSpec:
    """The network on as many points as the line says, where so many can be drawn."""
    document = settings.asked.model_dump(mode="json")
    data = settings.asked.data
    n = round(settings.nearest / (1 - data.test_fraction))
    most = data.entry.size or data.entry.most
    document["data"]["n_samples"] = min(max(n, 20), most)
    return ExperimentSpec.model_validate(document)


SIZES: Exhibit[SizesSettings, LearningCurveRecord] = Exhibit(
    name="sizes",
    title="With more data",
    lead="Each point of the curves is a whole training on that many points: see **test loss** fall"
    " and training loss rise; drag the line to read them.",
    settings=SizesSettings,
    measure=trained(learning_curve),
    picture=picture,
    notice=notice,
    code=lambda settings: to_pytorch(experiment(settings)),
    source="Learning curves: Cortes et al. 1993. Memorizing noise: Zhang et al. 2017.",
    experiment=experiment,
    numbers=numbers,
    fields=lambda settings: ("n_seeds", "log_loss"),
    controls=whose,
    grasp=grasp,
)
