"""What seeds can tell of a remedy in the gallery: loss and accuracy, each against none of it.

Shapes: L lanes, S seeds, T checkpoints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.experiments.overfitting.gallery_records import GalleryRecord
from nnviz.experiments.overfitting.gallery_remedies import GALLERY
from nnviz.experiments.paired_intervals import LEVEL
from nnviz.experiments.seed_records import SeedBandsRecord
from nnviz.experiments.verdict import verdict
from nnviz.experiments.verdict_records import PairVerdict


def against(own: GalleryRecord, base: GalleryRecord) -> PairVerdict:
    """Test loss and test accuracy, each paired seed by seed with the network as it is.

    The error rate is 5 % for all remedies of one dose together.
    """
    curves: dict[str, Any] = {
        f"{name}_LST": np.stack([getattr(each, f"{name}_S") for each in (own, base)])[..., None]
        for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    }
    bands = SeedBandsRecord(
        seeds=tuple(range(own.asked.n_seeds)),
        checkpoints=(1,),
        data="fresh",
        task="classification",
        diverged_LST=~np.isfinite(curves["test_loss_LST"]),
        batched=(True, True),
        reasons=(None, None),
        **curves,
    )
    names = GALLERY[own.asked.remedy].title, "the network as it is"
    return verdict(bands, names, level=LEVEL / len(GALLERY)).pairs[0]
