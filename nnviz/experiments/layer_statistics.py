"""What each layer passes on at the end of a training, for every seed.

Shapes: S seeds, B blocks of the network (the output layer last), N reference points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.catalog.losses import LOSSES, LossOptions
from nnviz.experiments.seed_records import LayerStatisticsRecord
from nnviz.randomness import lent, torch_generator
from nnviz.recorders import BackwardRecorder, ForwardRecorder, measures
from nnviz.records import IntArray
from nnviz.spec import ExperimentSpec

N_REFERENCE = 256


def layer_statistics(
    spec: ExperimentSpec, networks: Sequence[nn.Sequential], x: Tensor, y: Tensor
) -> LayerStatisticsRecord:
    """Measure one network a seed; `x` and `y` are training points, one set a seed or shared.

    Shapes: `x` (S, N, …) and `y` (S, N, …), of which the first 256 points are used.
    """
    names = tuple(name for name, _ in networks[0].named_children())
    rows = [
        _of_network(spec, network, x_N[:N_REFERENCE], y_N[:N_REFERENCE])
        for network, x_N, y_N in zip(networks, x, y, strict=True)
    ]
    arrays = {
        field.name: np.array([[block[field.name] for block in row] for row in rows])
        for field in fields(LayerStatisticsRecord)
        if field.name != "names"
    }
    return LayerStatisticsRecord(names, **arrays)


def joined_statistics(
    parts: Sequence[LayerStatisticsRecord], order_S: IntArray
) -> LayerStatisticsRecord:
    """The statistics of several chunks, their seeds put in the given order."""
    arrays = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])[order_S]
        for field in fields(LayerStatisticsRecord)
        if field.name != "names"
    }
    return LayerStatisticsRecord(parts[0].names, **arrays)


def _of_network(
    spec: ExperimentSpec, network: nn.Sequential, x: Tensor, y: Tensor
) -> list[dict[str, float]]:
    with torch.no_grad(), ForwardRecorder(network.eval()) as heard:
        network(x)
    options = LossOptions(None, spec.training.label_smoothing, spec.training.huber_delta)
    with BackwardRecorder(network.train()) as returned:
        with lent(torch_generator(0)):  # dropout draws its masks
            out = network(x)
        LOSSES[spec.training.loss].compute(out, y, options).backward()
    deltas = returned.delta_rms
    return [
        _of_block(block.output, deltas.get(name, math.nan)) for name, block in heard.blocks.items()
    ]


def _of_block(output: Tensor | None, delta_rms: float) -> dict[str, float]:
    assert output is not None
    moments = measures.moments(output)
    finite = bool(torch.isfinite(output).all())
    return {
        "output_mean_SB": moments.mean,
        "output_std_SB": moments.std,
        "negative_fraction_SB": measures.share(output < 0) if finite else math.nan,
        "effective_rank_SB": measures.effective_rank(output),
        "sample_cosine_SB": measures.sample_cosine(output) if finite else math.nan,
        "delta_rms_SB": delta_rms,
    }
