"""Bias, variance and noise of trained models: NumPy in, frozen records out.

A replicate is one training on one fresh training set and one fresh initialization. Every
estimate from 8 replicates on comes with an interval that says what it promises (`jackknife`), and
no estimate is clipped.
"""

from nnviz.experiments.bias_variance.cross_entropy import decompose_cross_entropy
from nnviz.experiments.bias_variance.ensembling import ensemble_risk
from nnviz.experiments.bias_variance.measured import (
    CrossEntropyRecord,
    DomingosRecord,
    EnsembleRecord,
    KohaviWolpertRecord,
    SquaredRecord,
    VarianceSplitRecord,
)
from nnviz.experiments.bias_variance.splitting import split_variance
from nnviz.experiments.bias_variance.squared import decompose_squared
from nnviz.experiments.bias_variance.zero_one import decompose_zero_one

__all__ = [
    "CrossEntropyRecord",
    "DomingosRecord",
    "EnsembleRecord",
    "KohaviWolpertRecord",
    "SquaredRecord",
    "VarianceSplitRecord",
    "decompose_cross_entropy",
    "decompose_squared",
    "decompose_zero_one",
    "ensemble_risk",
    "split_variance",
]
