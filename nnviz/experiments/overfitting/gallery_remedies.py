"""The gallery's remedies: each from none over four doses to far too much, on one small example."""

from __future__ import annotations

import numpy as np

from nnviz.blocks.sample import Sample
from nnviz.catalog.dataset_entry import Arrays
from nnviz.experiments.overfitting.gallery_records import FEWER_INPUTS
from nnviz.experiments.overfitting.remedies import (
    EARLY_STOPPING,
    INPUT_NOISE,
    MORE_DATA,
    Document,
    Remedy,
    everywhere,
    narrower,
    nothing,
    shallower,
    training,
)
from nnviz.spec import DataSpec, ExperimentSpec

N_TRAIN, N_TEST, N_STEPS, N_LAYERS, WIDTH = 60, 540, 400, 4, 32
N_NUISANCE = 6


class NuisanceData(DataSpec):
    """A plane's points with further inputs that tell nothing: independent N(0, 1)."""

    @property
    def sample(self) -> Sample:
        """The plane's inputs first."""
        return Sample((super().sample.shape[0] + N_NUISANCE,))

    def drawn(self, rng: np.random.Generator) -> Arrays:
        """The points of the plane, as without, and what tells nothing beside them."""
        x, y = super().drawn(rng)
        return np.concatenate([x, rng.standard_normal((len(x), N_NUISANCE))], axis=1), y


def example(label_noise: float, seed: int) -> ExperimentSpec:
    """Two moons, some labels wrong, and a network that can learn every point by heart."""
    n = N_TRAIN + N_TEST
    return ExperimentSpec.model_validate(
        {
            "data": {
                "name": "moons", "n_samples": n, "noise": 0.25, "label_noise": label_noise,
                "test_fraction": N_TEST / n, "seed": seed,
            },
            "network": {"blocks": [{"kind": "dense", "width": WIDTH}] * N_LAYERS},
            "training": {"n_steps": N_STEPS, "batch_size": 64, "seed": seed},
        }
    )  # fmt: skip


def _more_points(document: Document, factor: int) -> None:
    n = N_TRAIN * factor + N_TEST
    document["data"] |= {"n_samples": n, "test_fraction": N_TEST / n}


def _small_batches(document: Document, batch_size: int) -> None:
    everywhere("normalization")(document, "batch")
    document["training"]["batch_size"] = batch_size


def _small_weights(document: Document, gain: float) -> None:
    everywhere("initialization")(document, {"name": "xavier_normal", "gain": gain})


GALLERY: dict[str, Remedy] = {
    remedy.name: remedy
    for remedy in (
        Remedy(MORE_DATA, "more data", (2, 4, 8, 16), _more_points, "× {}"),
        Remedy("narrower", "narrower layers", (1 / 2, 1 / 4, 3 / 32, 1 / 32), narrower, "× {:.2g}"),
        Remedy("shallower", "fewer layers", (1, 2, 3, 4), shallower, "− {}"),
        Remedy(FEWER_INPUTS, "fewer inputs", (3, 6, 7, 8), nothing, "− {} of 8"),
        Remedy(EARLY_STOPPING, "early stopping", (200, 50, 20, 3), training("n_steps"),
               "at step {}"),
        Remedy("dropout", "dropout", (0.1, 0.3, 0.5, 0.9), everywhere("dropout")),
        Remedy(INPUT_NOISE, "input noise", (0.2, 0.4, 0.8, 3.0), nothing, "σ {}"),
        Remedy("l2", "L2", (0.01, 0.02, 0.03, 0.3), training("optimizer", "weight_decay")),
        Remedy("l1", "L1", (0.001, 0.002, 0.003, 0.03), training("l1")),
        Remedy("batch_norm", "batch norm", (32, 16, 8, 3), _small_batches, "batches of {}"),
        Remedy("initialization", "initial weights", (0.5, 0.2, 0.05, 0.001), _small_weights,
               "gain {}"),
        Remedy("label_smoothing", "label smoothing", (0.1, 0.3, 0.6, 0.9),
               training("label_smoothing")),
    )
}  # fmt: skip
