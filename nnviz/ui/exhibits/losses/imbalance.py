"""Few against many: what a class weight does to a boundary and to both recalls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from nnviz.base import Spec
from nnviz.experiments.objectives import ImbalanceRecord, imbalance
from nnviz.experiments.objectives.imbalance import PENALTY
from nnviz.feed import Grip, Panel
from nnviz.figures import class_imbalance
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Action, Exhibit

NEAREST, FARTHEST, HEAVIEST = 0.5, 6.0, 100.0


class ImbalanceSettings(Spec):
    """How few, how far from the many, and how heavy."""

    minority_share: Annotated[float, Field(ge=0.01, le=0.5)] = Field(
        0.05, title="Share of class 1", json_schema_extra={"step": 0.01}
    )
    distance: Annotated[float, Field(ge=NEAREST, le=FARTHEST)] = Field(
        2.0, title="Distance between the classes", json_schema_extra={"step": 0.1},
        description="In standard deviations of each class.",
    )  # fmt: skip
    minority_weight: Annotated[float, Field(ge=1, le=HEAVIEST)] = Field(
        10.0, title="Weight of class 1", json_schema_extra={"step": 0.5}
    )
    n_points: Annotated[int, Field(ge=100, le=2000)] = Field(
        1000, title="Training points", json_schema_extra={"step": 100}
    )
    seed: Annotated[int, Field(ge=0, le=9999)] = 0


def measure(settings: ImbalanceSettings) -> ImbalanceRecord:
    s = settings
    return imbalance(s.minority_share, s.distance, s.minority_weight, s.n_points, s.seed)


def picture(settings: ImbalanceSettings, record: ImbalanceRecord) -> Sequence[Panel]:
    """Both boundaries on one plane, and the recalls over the weight."""
    half, heavy = settings.distance / 2, settings.minority_weight
    few = Grip("half", half, 0.0, "x", NEAREST / 2, FARTHEST / 2, 0.05, "drag the few")
    weight = Grip("minority_weight", heavy, None, "x", 1, HEAVIEST, 0.1, "{}")
    return (
        Panel(
            "plane", "Both boundaries", class_imbalance.boundary_plane(record),
            "Both classes are Gaussians of deviation 1. The classifier is linear and minimizes"
            " weighted cross-entropy exactly. Per cent: how much of a class it finds.", 430, 6,
            short=340, grips=(few,),
        ),
        Panel(
            "recall", "Recall of both classes", class_imbalance.recall_curve(record),
            "Share of each class that is found among 2000 fresh points of it, over the weight of"
            " class 1. Dashed: theory. Green: the weight that balances.", 430, 6, short=340,
            grips=(weight,),
        ),
    )  # fmt: skip


def grasp(settings: ImbalanceSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The distance is twice the way from the middle."""
    asked = dict(sent)
    return {"distance": 2 * asked.pop("half"), **asked} if "half" in asked else asked


def actions(settings: ImbalanceSettings, record: ImbalanceRecord) -> Sequence[Action]:
    balanced = {"minority_weight": min(max(record.balanced_weight, 1.0), HEAVIEST)}
    return (
        Action("Balance", balanced, ":material/balance:"),
        Action("Other points", {"seed": (settings.seed + 1) % 10_000}, shortcut="n"),
    )


def numbers(settings: ImbalanceSettings, record: ImbalanceRecord) -> Mapping[str, str]:
    return {
        "Σ w·loss / Σ w (mean)": f"{record.mean_loss:.4f}",
        "Σ w·loss / N": f"{record.per_sample:.4f}",
    }


def notice(settings: ImbalanceSettings, record: ImbalanceRecord) -> str:
    """What the weight bought, and what it cost."""
    weight, n = record.weight_W[record.chosen], len(record.label_N)
    before, after = record.minority_recall_W[[0, record.chosen]]
    lost = record.majority_recall_W[0] - record.majority_recall_W[record.chosen]
    if record.chosen:
        return (
            f"A weight of {weight:.3g} moves the boundary towards class 0: recall of class 1 goes"
            f" from {before:.0%} to {after:.0%}, recall of class 0 falls by {100 * lost:.1f}"
            " points. The weight does not make the classes easier to tell apart, it moves along"
            f' one trade-off. "mean" divides by the summed weights {record.sum_of_weights:.5g}, not'
            f" by {n}: the weighted loss keeps its scale, and with it the learning rate its"
            " meaning."
        )
    if record.balanced_weight <= 1.2:
        return f"Both classes are about equally frequent: {before:.0%} of class 1 are found."
    return (
        f"{int(record.label_N.sum())} of {n} points are of class 1. Unweighted, {before:.0%} of"
        " that class are found: with so few of them, a boundary that costs them little is cheap."
        f" Raise the weight towards {record.balanced_weight:.3g}, where both classes count the"
        " same."
    )


_SCRIPT = """\
import torch
import torch.nn.functional as F
from torch.autograd.functional import hessian, jacobian

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed({seed})
n_minority = max(2, round({minority_share!r} * {n_points}))
label = (torch.arange({n_points}) < n_minority).long()
x = torch.randn({n_points}, 2, generator=generator)
x[:, 0] += {distance!r} * (label - 0.5)
generator = torch.Generator().manual_seed({seed} + 1)
fresh = torch.randn(2, 2000, 2, generator=generator)[1]
fresh[:, 0] += {distance!r} / 2

recalls = {{}}
for own in (1.0, {minority_weight!r}):
    weight = torch.tensor([1.0, own])

    def mean_loss(line):  # two weights and a bias: the logit of class 1
        logit = x @ line[:2] + line[2]
        logits = torch.stack([torch.zeros_like(logit), logit], dim=1)
        return F.cross_entropy(logits, label, weight)  # divides by weight[label].sum()

    def objective(line):
        return mean_loss(line) + {penalty} / 2 * line[:2].square().sum()

    line = torch.zeros(3)
    for _ in range(25):  # Newton's method, by steps of at most 2
        step = torch.linalg.solve(hessian(objective, line), jacobian(objective, line))
        line -= step / max(1, step.norm() / 2)
    loss = mean_loss(line).item()
    recall = (fresh @ line[:2] + line[2] > 0).double().mean().item()
    recalls[own] = recall
    print(f"weight {{own}}: mean loss {{loss:.4f}}, recall of class 1 {{recall:.1%}}")
"""


def code(settings: ImbalanceSettings) -> str:
    return _SCRIPT.format(**dict(settings), penalty=PENALTY)


def experiment(settings: ImbalanceSettings) -> ExperimentSpec:
    training = {"class_weights": [1.0, settings.minority_weight]}
    return ExperimentSpec.model_validate(
        {"data": {"name": "breast_cancer"}, "network": {"blocks": []}, "training": training}
    )


IMBALANCE = Exhibit(
    name="imbalance",
    title="Few and many",
    lead="Where the few are rare, the boundary gives them up: **drag the weight** of class 1, or"
    " the few themselves.",
    settings=ImbalanceSettings,
    measure=measure,
    picture=picture,
    notice=notice,
    code=code,
    source="torch.nn.functional.cross_entropy, `weight`; King & Zeng 2001, Rare Events.",
    experiment=experiment,
    numbers=numbers,
    fields=lambda settings: ("minority_share", "minority_weight", "distance", "n_points"),
    more=("n_points",),
    actions=actions,
    grasp=grasp,
)
