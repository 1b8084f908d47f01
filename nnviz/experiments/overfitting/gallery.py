"""One small decision boundary a remedy and dose: what was learned, and what was believed.

Shapes: S seeds, N points, G grid points a side.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import torch
from pydantic import Field, model_validator
from torch import Tensor

from nnviz.base import Spec
from nnviz.data import Dataset, load
from nnviz.ensemble import Ensemble, EnsembleData, own_data
from nnviz.experiments.overfitting.gallery_records import (
    AS_IT_IS,
    FEWER_INPUTS,
    N_DOSES,
    REACH,
    GalleryLane,
    GalleryRecord,
)
from nnviz.experiments.overfitting.gallery_remedies import (
    GALLERY,
    N_NUISANCE,
    NuisanceData,
    example,
)
from nnviz.experiments.overfitting.inputs import NoisyInputs, kept_inputs
from nnviz.experiments.overfitting.pairing import JUDGED, Final, against
from nnviz.experiments.overfitting.remedies import INPUT_NOISE
from nnviz.experiments.verdict_records import PairVerdict
from nnviz.records import BoolArray, FloatArray
from nnviz.spec import ExperimentSpec

GRID = 40
"""Points a side of the maps."""
MOST_DRAWN = 240


class GallerySettings(Spec):
    """How wrong the labels are, and which dose and remedy is looked at."""

    dose: Annotated[int, Field(ge=0, le=4)] = 2
    shown: Annotated[str, Field(max_length=40)] = ""
    label_noise: Annotated[float, Field(ge=0.05, le=0.5)] = Field(
        0.2,
        title="Wrong labels",
        description="Share of the training labels that are wrong; test labels are right.",
        json_schema_extra={"step": 0.05},
    )
    n_seeds: Literal[4, 12, 36] = Field(
        12,
        title="Seeds",
        description="Each has its own points, initial weights and batches; the maps are the first"
        " seed's, numbers are means.",
    )
    seed: Annotated[int, Field(ge=0, le=10_000)] = 0

    @model_validator(mode="after")
    def _is_known(self) -> GallerySettings:
        if self.shown and self.shown not in GALLERY:
            raise ValueError(f"shown must be one of {', '.join(GALLERY)}; got {self.shown!r}")
        return self

    @property
    def lane(self) -> GalleryLane:
        """The lane that is looked at."""
        name, dose = (self.shown, self.dose) if self.shown else (AS_IT_IS, 0)
        return GalleryLane(name, dose, self.label_noise, self.n_seeds, self.seed)


def spec_of(asked: GalleryLane, s: int = 0) -> ExperimentSpec:
    """The experiment of seed s, a training like any other."""
    spec = example(asked.label_noise, 1000 * asked.seed + s)
    if asked.dose and asked.remedy in GALLERY:
        spec = GALLERY[asked.remedy].applied(spec, asked.dose - 1)
    if asked.remedy == FEWER_INPUTS:
        spec = spec.model_copy(update={"data": NuisanceData(**spec.data.model_dump())})
    return spec


def extra_of(asked: GalleryLane, kind: str) -> float:
    """The dose of a remedy that is not in the experiment itself; 0 in every other lane."""
    if asked.remedy != kind or not asked.dose:
        return 0.0
    return float(GALLERY[kind].value(spec_of(asked), asked.dose - 1))


def words_of(asked: GalleryLane) -> str:
    """The dose in words; empty without one."""
    if not asked.dose:
        return f"{N_NUISANCE} of {N_NUISANCE + 2} say nothing" * (asked.remedy == FEWER_INPUTS)
    return GALLERY[asked.remedy].told(spec_of(asked), asked.dose - 1)


def gallery_lanes(label_noise: float, n_seeds: int, seed: int, first: int) -> list[GalleryLane]:
    """Every remedy in every dose, those of dose `first` before all others."""
    asked = label_noise, n_seeds, seed
    lanes = [GalleryLane(AS_IT_IS, 0, *asked), GalleryLane(FEWER_INPUTS, 0, *asked)]
    doses = sorted(range(1, N_DOSES + 1), key=lambda dose: dose != first)
    return lanes + [GalleryLane(name, dose, *asked) for dose in doses for name in GALLERY]


def gallery_lane(asked: GalleryLane) -> GalleryRecord:
    """Train the seeds of a lane and look where each of them answers what.

    Seed s is the training of `spec_of(asked, s)` alone: its points, initial weights and batches
    are the same in every lane where shapes agree. Losses are plain cross-entropies in nats.
    """
    specs = [spec_of(asked, s) for s in range(asked.n_seeds)]
    sets = [load(spec.data) for spec in specs]
    data, kept = _data(asked, sets)
    seeds = [spec.training.seed for spec in specs]
    ensemble = Ensemble(specs[0], seeds, data)
    clean, noise = data.train_x.clone(), extra_of(asked, INPUT_NOISE)
    go = NoisyInputs(data, noise, seeds).advance if noise else Ensemble.advance
    go(ensemble, specs[0].training.n_steps)
    train = _answered(ensemble, clean, data.train_y)
    test = _answered(ensemble, data.test_x, data.test_y)
    flipped_SN = np.stack([_flipped(each) for each in sets])
    is_told_SN, few = train[2], slice(MOST_DRAWN)
    record = sets[0].record
    return GalleryRecord(
        asked, words_of(asked), len(sets[0].train_x), _map(ensemble, kept), record.train_x[few, :2],
        np.asarray(record.train_y[few]), flipped_SN[0, few], train[0], test[0], train[1], test[1],
        right_learned_S=_share(is_told_SN, ~flipped_SN),
        wrong_believed_S=_share(is_told_SN, flipped_SN),
    )  # fmt: skip


def compared(own: GalleryRecord, base: GalleryRecord) -> PairVerdict:
    """Test loss and test accuracy against the network as it is, for all remedies of one dose."""
    ends: list[Final] = [
        {name: getattr(each, f"{name}_S") for name in JUDGED} for each in (own, base)
    ]
    title, spec = GALLERY[own.asked.remedy].title, spec_of(own.asked)
    return against(ends[0], ends[1], title, len(GALLERY), spec)


def dropped_inputs(asked: GalleryLane) -> list[int]:
    """The inputs that the first seed goes without."""
    x, y = load(spec_of(asked).data).train_x[None], load(spec_of(asked).data).train_y[None]
    kept = kept_inputs(x, y, round(extra_of(asked, FEWER_INPUTS)))
    return [int(place) for place in np.flatnonzero(kept[0, 0].numpy() == 0)]


def _data(asked: GalleryLane, sets: list[Dataset]) -> tuple[EnsembleData, Tensor]:
    data = own_data(sets)
    kept = kept_inputs(data.train_x, data.train_y, round(extra_of(asked, FEWER_INPUTS)))
    x, test_x = data.train_x * kept, data.test_x * kept
    return EnsembleData(x, data.train_y, test_x, data.test_y, False, False), kept


def _flipped(data: Dataset) -> BoolArray:
    flipped_N = data.record.flipped_N
    return np.zeros(len(data.train_y), bool) if flipped_N is None else flipped_N


def _answered(ensemble: Ensemble, x: Tensor, y: Tensor) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Loss and accuracy (S,), and which points are answered as told (S, N)."""
    logs = ensemble.evaluate(x, shared=False).double().log_softmax(dim=2)
    loss_S = -logs.gather(2, y[..., None])[..., 0].mean(dim=1)
    is_told = logs.argmax(dim=2) == y
    return loss_S.numpy(), is_told.double().mean(dim=1).numpy(), is_told.numpy()


def _map(ensemble: Ensemble, kept: Tensor) -> FloatArray:
    line_G = torch.linspace(-REACH, REACH, GRID)
    x = torch.zeros(GRID * GRID, kept.shape[2])
    x[:, 1], x[:, 0] = line_G.repeat_interleave(GRID), line_G.repeat(GRID)
    answers = ensemble.evaluate((x * kept[:1, 0])[None].expand(len(kept), -1, -1), shared=False)
    return answers[0].softmax(dim=1)[:, 1].reshape(GRID, GRID).numpy()


def _share(is_told_SN: BoolArray, chosen_SN: BoolArray) -> FloatArray:
    """Of the chosen points, those answered as told; NaN where none is chosen."""
    n_S = chosen_SN.sum(axis=1)
    return np.asarray((is_told_SN & chosen_SN).sum(axis=1) / np.where(n_S, n_S, np.nan))
