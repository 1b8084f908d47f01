"""Questions that each show one phenomenon, with what to notice and where it is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nnviz.experiments.complexity.settings import ComplexitySettings


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


def _network(data: Mapping[str, Any], widths: list[int], **training: Any) -> dict[str, Any]:
    settings = dict(training)
    activation = settings.pop("activation", "relu")
    optimizer = settings.pop("optimizer", {"name": "adam", "learning_rate": 0.01})
    return {
        "data": dict(data),
        "network": {
            "blocks": [{"kind": "dense", "width": width} for width in widths],
            "activation": activation,
        },
        "training": {"optimizer": optimizer, **settings},
    }


_LINEAR = {"log_risk": False, "robust": False}
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
            {
                "model": "polynomial",
                "axis": "degree",
                "low": 0,
                "high": 12,
                "n_values": 13,
                "log_risk": True,
                "robust": True,
            },
        ),
        ComplexityPreset(
            "neighbors",
            "Nearest neighbours: a knob for variance",
            "With one neighbour the fit repeats the noise: bias² is almost nothing, and the"
            " variance is the noise's own size. Averaging k neighbours divides the variance by"
            " about k, and the bias² grows as they come from further away.",
            "Geman et al. 1992; Hastie et al. 2009, eq. 7.10",
            {
                "model": "neighbors",
                "axis": "n_neighbors",
                **_LINEAR,
                "low": 1,
                "high": 30,
                "n_values": 12,
                "n_samples": 50,
            },
        ),
        ComplexityPreset(
            "tree",
            "Trees: deeper is more variable",
            "A tree of depth 1 is one step. From depth 3 on there is hardly any bias² left, and"
            " each further split adds variance only: this is why forests average deep trees.",
            "Breiman 1996; Hastie et al. 2009, §9.2",
            {
                "model": "tree",
                "axis": "max_depth",
                **_LINEAR,
                "low": 1,
                "high": 10,
                "n_values": 10,
                "n_samples": 50,
            },
        ),
        ComplexityPreset(
            "double_descent",
            "Double descent: random features",
            "At 40 features for 40 points the fit must go through every noisy point in one way"
            " only, and the variance explodes. With more features there is a choice, the"
            " smallest weights are taken, and the risk falls a second time.",
            "Belkin, Hsu, Ma & Mandal 2019",
            {
                "model": "random_features",
                "axis": "n_features",
                "low": 4,
                "high": 1000,
                "n_values": 16,
                "n_samples": 40,
                "n_inputs": 5,
                "log_risk": True,
                "robust": True,
            },
        ),
        ComplexityPreset(
            "ridge",
            "A ridge takes the peak away",
            "Still as many features as points. A little ridge penalty trades a small bias² for"
            " almost all of the variance; too much of it costs bias² again.",
            "Hastie, Montanari, Rosset & Tibshirani 2022",
            {
                "model": "random_features",
                "axis": "ridge",
                "low": 1e-6,
                "high": 1,
                "n_values": 13,
                "n_features": 40,
                "n_samples": 40,
                "n_inputs": 5,
                "log_risk": True,
                "robust": True,
            },
        ),
        ComplexityPreset(
            "more_data",
            "More data cures variance, not bias",
            "The variance of a polynomial of degree 5 falls like 1/n once there are enough"
            " points; its bias² stays where it was.",
            "Bishop 2006, §3.2",
            {
                "model": "polynomial",
                "axis": "n_samples",
                "low": 12,
                "high": 400,
                "n_values": 12,
                "degree": 5,
                "log_risk": True,
                "robust": True,
            },
        ),
        ComplexityPreset(
            "network_width",
            "A wider network need not vary more",
            "bias² falls with the width. The variance creeps up far less than the parameters grow:"
            " the widest networks have more than ten times as many as there are points, and yet"
            " their risk is near the lowest.",
            "Neal et al. 2018, A Modern Take on the Bias-Variance Tradeoff",
            {
                "model": "network",
                "axis": "width",
                **_LINEAR,
                "low": 1,
                "high": 128,
                "n_values": 8,
                "n_replicates": 16,
                "experiment": _network(_SINE, [32], n_steps=500, batch_size=10, activation="tanh"),
            },
        ),
        ComplexityPreset(
            "network_time",
            "Training time is complexity, too",
            "Early on all replicates are alike and wrong: bias². Trained for long they follow"
            " their own points: variance. Early stopping stands between the two.",
            "Geman et al. 1992",
            {
                "model": "network",
                "axis": "n_steps",
                **_LINEAR,
                "low": 5,
                "high": 3000,
                "n_values": 14,
                "n_replicates": 16,
                "experiment": _network(
                    _SINE, [32, 32], n_steps=3000, batch_size=10, activation="tanh"
                ),
            },
        ),
        ComplexityPreset(
            "moons_zero_one",
            "0-1 loss: variance can help",
            "Noisy moons, counted right or wrong. Where the main prediction is wrong, another"
            " answer is a right one: there variance takes errors away. So what variance adds to the"
            " error is much less than how often a replicate leaves the main prediction; in the"
            " middle it is about 0.",
            "Domingos 2000, A Unified Bias-Variance Decomposition",
            {
                "model": "network",
                "axis": "width",
                **_LINEAR,
                "low": 1,
                "high": 64,
                "n_values": 7,
                "n_replicates": 16,
                "loss": "domingos",
                "experiment": _network(
                    {"name": "moons", "n_samples": 300, "noise": 0.45, "test_fraction": 0.75},
                    [32],
                    n_steps=400,
                    batch_size=10,
                ),
            },
        ),
        ComplexityPreset(
            "digits_noise",
            "Variance rises, then falls: wrong labels",
            "A fifth of the training labels is wrong. The variance is highest at a width in the"
            " middle and falls for wide networks, while the bias falls almost to nothing.",
            "Yang et al. 2020, Rethinking Bias-Variance Trade-off",
            {
                "model": "network",
                "axis": "width",
                **_LINEAR,
                "low": 1,
                "high": 512,
                "n_values": 10,
                "n_replicates": 16,
                "experiment": _network(
                    {"name": "digits", "n_samples": 500, "label_noise": 0.2},
                    [32],
                    n_steps=800,
                    batch_size=64,
                    optimizer={"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
                ),
            },
        ),
    )
}
