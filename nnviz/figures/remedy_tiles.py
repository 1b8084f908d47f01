"""The remedies' decision boundaries as plain facts for a script that draws them as tiles."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnviz.experiments.overfitting.gallery_records import (
    N_DOSES,
    REACH,
    Gallery,
    GalleryRecord,
    outcome,
)

Points = list[list[float]]


def remedy_tiles(gallery: Gallery, titles: Mapping[str, str]) -> dict[str, Any]:
    """Every remedy with its doses, None where one is not back; point sets by name.

    Maps are bytes in base64, 0 … 255 for P(class 1) from 0 to 1, rows from the smallest x₂ on.
    """
    points: dict[str, Points] = {}
    tiles = []
    for name, title in titles.items():
        cells = [_cell(gallery.at(name, dose), points) for dose in range(N_DOSES + 1)]
        tiles.append({"name": name, "title": title, "cells": cells})
    return {"tiles": tiles, "points": points, "reach": REACH}


def _cell(record: GalleryRecord | None, points: dict[str, Points]) -> Mapping[str, Any] | None:
    if record is None:
        return None
    shades_GG = np.round(np.nan_to_num(record.class_1_GG, nan=0.5) * 255).astype(np.uint8)
    numbers = {
        name: round(float(getattr(record, f"{field}_S").mean()), 5)
        for name, field in _NUMBERS.items()
        if np.isfinite(getattr(record, f"{field}_S")).all()
    }
    return {
        "words": record.words,
        "map": b64encode(shades_GG.tobytes()).decode(),
        "points": _named(_points(record), points),
        "outcome": outcome(record),
        **numbers,
    }


_NUMBERS = {
    "train": "train_accuracy", "test": "test_accuracy", "loss": "test_loss",
    "right": "right_learned", "wrong": "wrong_believed",
}  # fmt: skip


def _named(own: Points, points: dict[str, Points]) -> str:
    """The name of a set of points; equal sets have one."""
    name = next((name for name, known in points.items() if known == own), str(len(points)))
    points[name] = own
    return name


def _points(record: GalleryRecord) -> Points:
    """x₁, x₂, label, and 1 where the label is wrong."""
    rows = np.column_stack([record.points_N2, record.label_N, record.flipped_N])
    return [[round(float(value), 2) for value in row] for row in rows]
