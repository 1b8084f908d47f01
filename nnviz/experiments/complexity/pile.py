"""Fits of polynomials piling up, one training set after another, at every degree.

Shapes: D degrees, R training sets, M training points, G points of a line.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
from numpy.polynomial.chebyshev import chebvander
from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.classical_models import (
    PolynomialSpec,
    SineSpec,
    draw_training_sets,
    predictions_over_replicates,
    sine_truth,
)
from nnviz.experiments.complexity.pile_record import DEGREES, MOST_SETS, PileRecord
from nnviz.records import FloatArray

N_LINE = 101
Design = Literal["fresh", "fixed"]
Place = Annotated[float, Field(ge=-1, le=1, json_schema_extra={"step": 0.02})]


class PileSettings(Spec):
    """Which fits, to which training sets; names of their own, since links of old name others."""

    chosen_degree: Annotated[int, Field(ge=0, le=DEGREES[-1])] = Field(1, title="Degree")
    beside: Literal["by degree", "two places"] = Field(
        "by degree", title="Beside the fits",
        description="What is missed at every degree; or all fits' answers at two places x, which"
        " are dragged in the picture.",
    )  # fmt: skip
    sets: Annotated[int, Field(ge=1, le=MOST_SETS)] = 12
    n_points: Annotated[int, Field(ge=12, le=100)] = Field(25, title="Points in a training set")
    sigma: Annotated[float, Field(ge=0, le=1)] = Field(
        0.3, title="Noise σ", description="Standard deviation of the noise on each target."
    )
    inputs: Design = Field(
        "fresh", title="Inputs x", description="Drawn anew for each training set, or once for all."
    )
    draw: Annotated[int, Field(ge=0, le=99)] = Field(0, title="Other training sets")
    left: Place = -0.5
    right: Place = 0.8


def pile_of(settings: PileSettings) -> PileRecord:
    """All degrees fitted to all training sets; equal ones are the same record."""
    return pile(settings.n_points, settings.sigma, settings.inputs, settings.draw)


@lru_cache(maxsize=32)
def pile(
    n_samples: int = 25, sigma: float = 0.3, design: Design = "fresh", seed: int = 0
) -> PileRecord:
    """Fit all degrees to all training sets of sin πx; the first sets are the same in any number.

    "fixed" gives every set the same inputs, so that only the noise is drawn anew.
    """
    asked = SineSpec(n_samples=n_samples, noise=sigma, design=design)
    sets, line_G = draw_training_sets(asked, MOST_SETS, seed), np.linspace(-1, 1, N_LINE)
    x_RM, truth_G = sets.x_RMF[..., 0], sine_truth(line_G)
    fits = [
        predictions_over_replicates(PolynomialSpec(degree=d), x_RM, sets.y_RM, line_G)
        for d in DEGREES
    ]
    expected = [expected_parts(x_RM, line_G, sigma, degree) for degree in DEGREES]
    return PileRecord(
        noise=sigma**2,
        x_RM=x_RM,
        y_RM=sets.y_RM,
        line_G=line_G,
        truth_G=truth_G,
        fits_DRG=np.stack(fits),
        expected_bias_D=np.array([bias for bias, _ in expected]),
        expected_variance_D=np.array([variance for _, variance in expected]),
    )


def expected_parts(
    x_RM: FloatArray, line_G: FloatArray, sigma: float, degree: int
) -> tuple[float, float]:
    """Expectation over the noise of the unbiased estimates of bias² and variance, given inputs.

    A least-squares fit at g is a weighted sum w·y of its targets, so that it has mean w·sin πx
    and variance σ²‖w‖². Over sets with other inputs the means scatter too; that is variance.
    """
    same = bool((x_RM == x_RM[:1]).all())
    inputs_RM = x_RM[:1] if same else x_RM
    w_RGM = chebvander(line_G, degree) @ np.linalg.pinv(chebvander(inputs_RM, degree))
    mean_RG = (w_RGM @ sine_truth(inputs_RM[..., None])[..., None])[..., 0]
    scatter_G = np.zeros(len(line_G)) if same else mean_RG.var(axis=0, ddof=1)
    bias_G = (mean_RG.mean(axis=0) - sine_truth(line_G)) ** 2 - scatter_G / len(inputs_RM)
    variance_G = scatter_G + sigma**2 * (w_RGM**2).sum(axis=2).mean(axis=0)
    return float(bias_G.mean()), float(variance_G.mean())
