"""Questions to start from: each shows one phenomenon; what a new model, axis or network asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nnviz.experiments.complexity.axes import AXES, Model, applies_to
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.spec import ExperimentSpec


@dataclass(frozen=True)
class ComplexityPreset:
    """A named question."""

    name: str
    title: str
    notice: str
    source: str
    document: Mapping[str, Any]

    @cached_property
    def settings(self) -> ComplexitySettings:
        """The question, checked."""
        return ComplexitySettings.model_validate(self.document)


def _asked(
    model: str, axis: str, low: float, high: float, n_values: int, **others: Any
) -> dict[str, Any]:
    ends = {"low": low, "high": high, "n_values": n_values}
    return {"model": model, "axis": axis, **ends, **others}


def _network(
    axis: str,
    low: float,
    high: float,
    n_values: int,
    *,
    data: Mapping[str, Any],
    training: Mapping[str, Any],
    depth: int = 1,
    activation: str = "relu",
    **others: Any,
) -> dict[str, Any]:
    blocks = [{"kind": "dense", "width": 32}] * depth
    optimizer = {"name": "adam", "learning_rate": 0.01}
    experiment = {
        "data": data,
        "network": {"blocks": blocks, "activation": activation},
        "training": {"optimizer": optimizer, "batch_size": 10, **training},
    }
    others |= {"experiment": experiment, "n_replicates": 16} | LINEAR
    return _asked("network", axis, low, high, n_values, **others)


LINEAR: dict[str, Any] = {"log_risk": False, "robust": False}
_SINE = {"name": "sinusoid", "n_samples": 60, "test_fraction": 0.5}
COMPLEXITY_PRESETS: dict[str, ComplexityPreset] = {
    preset.name: preset
    for preset in (
        ComplexityPreset(
            "u_curve",
            "The U-shaped curve: polynomials",
            "Degrees 0 and 2 miss the sine the same way every time: bias². High degrees follow"
            " the noise of their own 25 points: variance. The risk is lowest at degree 3 to 4."
            " From degree 7 a few training sets give wild fits: look at the median.",
            "Geman, Bienenstock & Doursat 1992; Bishop 2006, §3.2",
            _asked("polynomial", "degree", 0, 12, 13),
        ),
        ComplexityPreset(
            "neighbors",
            "Nearest neighbours: a knob for variance",
            "With one neighbour the fit repeats the noise: bias² is almost nothing, and the"
            " variance is the noise's own size. Averaging k neighbours divides the variance by"
            " about k, and the bias² grows as they come from further away.",
            "Geman et al. 1992; Hastie et al. 2009, eq. 7.10",
            _asked("neighbors", "n_neighbors", 1, 30, 12, n_samples=50, **LINEAR),
        ),
        ComplexityPreset(
            "tree",
            "Trees: deeper is more variable",
            "A tree of depth 1 is one step. From depth 3 on there is hardly any bias² left, and"
            " each further split adds variance only: this is why forests average deep trees.",
            "Breiman 1996; Hastie et al. 2009, §9.2",
            _asked("tree", "max_depth", 1, 10, 10, n_samples=50, **LINEAR),
        ),
        ComplexityPreset(
            "double_descent",
            "Double descent: random features",
            "At 40 features for 40 points the fit must go through every noisy point in one way"
            " only, and the variance explodes. With more features there is a choice, the"
            " smallest weights are taken, and the risk falls a second time.",
            "Belkin, Hsu, Ma & Mandal 2019",
            _asked("random_features", "n_features", 4, 1000, 16, n_samples=40, n_inputs=5),
        ),
        ComplexityPreset(
            "ridge",
            "A ridge takes the peak away",
            "Still as many features as points. A little ridge penalty trades a small bias² for"
            " almost all of the variance; too much of it costs bias² again.",
            "Hastie, Montanari, Rosset & Tibshirani 2022",
            _asked("random_features", "ridge", 1e-6, 1, 13, n_samples=40, n_inputs=5),
        ),
        ComplexityPreset(
            "more_data",
            "More data cures variance, not bias",
            "The variance of a polynomial of degree 5 falls like 1/n once there are enough"
            " points; its bias² stays where it was.",
            "Bishop 2006, §3.2",
            _asked("polynomial", "n_samples", 12, 400, 12, degree=5),
        ),
        ComplexityPreset(
            "network_width",
            "A wider network need not vary more",
            "bias² falls with the width. The variance creeps up far less than the parameters grow:"
            " the widest networks have more than ten times as many as there are points, and yet"
            " their risk is near the lowest.",
            "Neal et al. 2018, A Modern Take on the Bias-Variance Tradeoff",
            _network("width", 1, 128, 8, data=_SINE, activation="tanh", training={"n_steps": 500}),
        ),
        ComplexityPreset(
            "network_time",
            "Training time is complexity, too",
            "Early on all replicates are alike and wrong: bias². Trained for long they follow"
            " their own points: variance. Early stopping stands between the two.",
            "Geman et al. 1992",
            _network("n_steps", 5, 3000, 14, data=_SINE, depth=2, activation="tanh",
                     training={"n_steps": 3000}),
        ),
        ComplexityPreset(
            "moons_zero_one",
            "0-1 loss: variance can help",
            "Noisy moons, counted right or wrong. Where the main prediction is wrong, another"
            " answer is a right one: there variance takes errors away. So what variance adds to the"
            " error is much less than how often a replicate leaves the main prediction; in the"
            " middle it is about 0.",
            "Domingos 2000, A Unified Bias-Variance Decomposition",
            _network("width", 1, 64, 7, loss="domingos", training={"n_steps": 400},
                     data={"name": "moons", "n_samples": 300, "noise": 0.45,
                           "test_fraction": 0.75}),
        ),
        ComplexityPreset(
            "digits_noise",
            "Variance rises, then falls: wrong labels",
            "A fifth of the training labels is wrong. The variance is highest at a width in the"
            " middle and falls for wide networks, while the bias falls almost to nothing.",
            "Yang et al. 2020, Rethinking Bias-Variance Trade-off",
            _network("width", 1, 512, 10,
                     data={"name": "digits", "n_samples": 500, "label_noise": 0.2},
                     training={"n_steps": 800, "batch_size": 64,
                               "optimizer": {"name": "sgd", "learning_rate": 0.05,
                                             "momentum": 0.9}}),
        ),
    )
}  # fmt: skip


def axes_of(model: Model, experiment: ExperimentSpec | None = None) -> list[str]:
    """The settings that may be the axis of a model, and of this network."""
    fitting = [name for name, axis in AXES.items() if model in axis.models]
    return [name for name in fitting if experiment is None or applies_to(experiment, name)]


def another_model(model: Model) -> dict[str, Any]:
    """The first question about a model, as a document."""
    known = (preset.settings for preset in COMPLEXITY_PRESETS.values())
    return next(asked for asked in known if asked.model == model).model_dump(mode="json")


def another_axis(axis: str) -> dict[str, Any]:
    """What changes in a question when its axis does."""
    low, high = AXES[axis].start
    return {"axis": axis, "low": low, "high": high, "place": None, "revealed": False}


def about_network(experiment: ExperimentSpec) -> ComplexitySettings:
    """A fresh question about a network, along an axis that it has. Raises ValueError."""
    names = axes_of("network", experiment)
    axis = "width" if "width" in names else "n_samples"
    own = another_axis(axis) | {"model": "network", "experiment": experiment, "n_values": 8}
    return ComplexitySettings.model_validate({**own, "n_replicates": 16, **LINEAR})
