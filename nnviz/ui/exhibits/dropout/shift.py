"""Variance shift: dropout before batch norm, which learns a variance that evaluation never has."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import Field

from nnviz.experiments.dropout.batch_norm_shift import (
    BATCH,
    N_BATCHES,
    N_INPUTS,
    N_OUTPUTS,
    measure_shift,
)
from nnviz.experiments.dropout.records import InputKind, Order, ShiftRecord
from nnviz.feed import Grip, Panel
from nnviz.figures.distributions import distribution_lines
from nnviz.figures.dropout_moments import ratio_curve
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.dropout.dropping import Dropping, on_moons, other_numbers
from nnviz.ui.exhibits.exhibit import Exhibit


class ShiftSettings(Dropping):
    """Dropout of which inputs, before or behind batch norm."""

    order: Order = Field(
        "dropout_first",
        title="Order of the layers",
        description="Dropout → linear → batch norm, or linear → batch norm → dropout.",
    )
    inputs: InputKind = Field(
        "rectified",
        title="Inputs of dropout",
        description="Rectified: max(z, 0), as a ReLU hands on; half normal: |z|; normal: z itself;"
        " z is standard normal.",
    )


def picture(settings: ShiftSettings, shown: ShiftRecord) -> Sequence[Panel]:
    """The ratio of variances over q, and what is handed on."""
    outputs = [shown.output_training, shown.output_evaluation]
    behind = shown.order == "batch_norm_first"
    handle = Grip("q", shown.q, shown.ratio, "x", 0.0, 0.9, 0.05, "q = {}")
    return (
        Panel(
            "ratio", "Variance: training / evaluation", ratio_curve(shown),
            "(v + q c²)/((1 - q) v) for independent inputs with mean c and variance v.", 430, 6,
            short=330, grips=(handle,),
        ),
        Panel(
            "outputs", "What is handed on",
            distribution_lines(outputs, ["train", "test"], "output", spikes=behind),
            "In evaluation the outputs have another deviation than the one trained with.", 430, 6,
            short=330,
        ),
    )  # fmt: skip


def numbers(settings: ShiftSettings, shown: ShiftRecord) -> dict[str, str]:
    """The ratio, the theory's, and what it does to the outputs."""
    return {
        "Ratio of the variances": f"{shown.ratio:.3f}",
        "In theory": f"{shown.expected_ratio:.3f}",
        "Deviation in training": f"{math.sqrt(shown.output_training.variance):.3f}",
        "Deviation in evaluation": f"{math.sqrt(shown.output_evaluation.variance):.3f}",
    }


def notice(settings: ShiftSettings, shown: ShiftRecord) -> str:
    """What the shift does, and the remedy."""
    if shown.order == "batch_norm_first":
        return (
            "Behind batch norm dropout no longer shifts what it has learned. This order is the"
            " remedy of Li et al. (2018)."
        )
    if shown.expected_ratio == 1:
        return "Without dropout there is no shift: both modes meet the same variance."
    return (
        f"Batch norm learns a variance {shown.ratio:.3g} times the one that it meets in"
        " evaluation. So there its outputs have deviation"
        f" {math.sqrt(shown.output_evaluation.variance):.3g} instead of 1, and every later layer"
        " sees inputs that it was not trained on. The remedy: dropout only behind the last batch"
        " norm (choose the other order), or a small q."
    )


CODE = """\
import torch
from torch import nn

torch.manual_seed({seed})
linear = nn.Linear({n_in}, {n_out}).double()
norm = nn.BatchNorm1d({n_out}, momentum=None, affine=False, dtype=torch.float64)
net = nn.Sequential({before}, linear, norm, {behind})
batches = torch.randn(({n_batches}, {batch}, {n_in}), dtype=torch.float64){made}
with torch.no_grad():
    for batch in batches:
        net(batch)  # training mode: batch norm collects its running variance
    met = linear(batches.flatten(0, 1)).var(dim=0)  # what it meets in evaluation
    outputs = net.eval()(batches.flatten(0, 1))
ratio = norm.running_var.mean() / met.mean()
print("training / evaluation variance", ratio.item())
print("deviation of the outputs in evaluation", outputs.std().item())
"""


def code(settings: ShiftSettings) -> str:
    """The same batches, layers and masks."""
    order = [f"nn.Dropout({settings.q})", "nn.Identity()"]
    before, behind = order if settings.order == "dropout_first" else order[::-1]
    made = {"rectified": ".clamp(min=0)", "half_normal": ".abs()", "normal": ""}[settings.inputs]
    return CODE.format(
        seed=derived_seed(settings.seed, "variance shift"), before=before, behind=behind,
        made=made, n_in=N_INPUTS, n_out=N_OUTPUTS, n_batches=N_BATCHES, batch=BATCH,
    )  # fmt: skip


def experiment(settings: ShiftSettings) -> ExperimentSpec:
    """Dropout and batch norm in one network."""
    before = {"placement": "before"} if settings.order == "batch_norm_first" else {}
    return on_moons([32] * 2, dropout=settings.q, normalization="batch", **before)


SHIFT = Exhibit(
    name="shift",
    title="Batch norm",
    lead="Batch norm behind dropout learns a variance in training that it never meets in"
    " evaluation: drag q along the curve and see how far they part.",
    settings=ShiftSettings,
    measure=lambda s: measure_shift(s.q, s.inputs, s.order, s.seed),
    picture=picture,
    notice=notice,
    code=code,
    source="Li et al. 2018, Understanding the disharmony between dropout and batch normalization"
    " by variance shift.",
    experiment=experiment,
    numbers=numbers,
    fields=lambda settings: ("q", "order", "inputs"),
    actions=other_numbers,
)
