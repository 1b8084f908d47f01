"""Few against many: what a class weight does to a linear boundary and to recall.

Shapes: N training points, M test points a class, W class weights tried.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from nnviz.experiments.objectives.records import ImbalanceRecord
from nnviz.randomness import torch_generator
from nnviz.records import FloatArray

N_TEST = 2000
N_NEWTON = 25
PENALTY = 1e-3
"""Weight of ‖w‖²/2 beside the loss: it keeps the answer finite where a line separates all."""
TRIED = tuple(float(weight) for weight in np.geomspace(1, 100, 25))


def imbalance(
    minority_share: float = 0.05,
    distance: float = 2.0,
    minority_weight: float = 1.0,
    n_points: int = 1000,
    seed: int = 0,
) -> ImbalanceRecord:
    """Gaussians at ∓distance/2 on the first axis, standard deviation 1, and their classifiers.

    Each classifier is the exact minimum of weighted cross-entropy (reduction "mean") plus a small
    L2 penalty, found by Newton's method. A class weight w on class 1 moves the best boundary as
    if the class were w times as frequent (its log-odds gain ln w).
    """
    points_N2, label_N = _draw(minority_share, distance, n_points, seed)
    n_minority = int(label_N.sum())
    balanced = (n_points - n_minority) / n_minority
    weight_W = np.unique([*TRIED, minority_weight, balanced])
    line_W3 = _fitted(points_N2, label_N, torch.from_numpy(weight_W))
    minority_W, majority_W = _recalls(line_W3, distance, seed)
    chosen = int(np.searchsorted(weight_W, minority_weight))
    numbers = _sums(points_N2, label_N, line_W3[chosen], minority_weight)
    return ImbalanceRecord(
        points_N2=points_N2.numpy(),
        label_N=label_N.long().numpy(),
        weight_W=weight_W,
        chosen=chosen,
        line_W3=line_W3.numpy(),
        minority_recall_W=minority_W,
        majority_recall_W=majority_W,
        expected_minority_W=_expected(minority_share, distance, weight_W),
        balanced_weight=balanced,
        **numbers,
    )


def _draw(share: float, distance: float, n_points: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch_generator(seed)
    n_minority = max(2, round(share * n_points))
    label_N = (torch.arange(n_points) < n_minority).double()
    points_N2 = torch.randn(n_points, 2, generator=generator, dtype=torch.float64)
    points_N2[:, 0] += distance * (label_N - 0.5)
    return points_N2, label_N


def _fitted(points_N2: Tensor, label_N: Tensor, weight_W: Tensor) -> Tensor:
    """Newton's method for all weights at once; the problem is convex."""
    design_N3 = torch.cat([points_N2, torch.ones(len(points_N2), 1, dtype=torch.float64)], dim=1)
    weight_WN = torch.where(label_N > 0, weight_W[:, None], 1.0)
    share_WN = weight_WN / weight_WN.sum(dim=1, keepdim=True)
    penalty_33 = PENALTY * torch.diag(torch.tensor([1.0, 1.0, 0.0], dtype=torch.float64))
    line_W3 = torch.zeros(len(weight_W), 3, dtype=torch.float64)
    for _ in range(N_NEWTON):
        p_WN = torch.sigmoid(line_W3 @ design_N3.T)
        slope_W3 = (share_WN * (p_WN - label_N)) @ design_N3 + line_W3 @ penalty_33
        curve_WN = share_WN * p_WN * (1 - p_WN)
        hessian_W33 = torch.einsum("wn,ni,nj->wij", curve_WN, design_N3, design_N3) + penalty_33
        hessian_W33 += 1e-12 * torch.eye(3, dtype=torch.float64)
        step_W3 = torch.linalg.solve(hessian_W33, slope_W3)
        line_W3 = line_W3 - step_W3 / torch.clamp(step_W3.norm(dim=1, keepdim=True) / 2, min=1.0)
    return line_W3


def _recalls(line_W3: Tensor, distance: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Share of fresh points of class 1, and of class 0, that are answered correctly."""
    generator = torch_generator(seed + 1)
    noise_2M2 = torch.randn(2, N_TEST, 2, generator=generator, dtype=torch.float64)
    noise_2M2[0, :, 0] -= distance / 2
    noise_2M2[1, :, 0] += distance / 2
    logit_2MW = noise_2M2 @ line_W3[:, :2].T + line_W3[:, 2]
    says_one_2W = (logit_2MW > 0).double().mean(dim=1)
    return says_one_2W[1].numpy(), (1 - says_one_2W[0]).numpy()


def _expected(share: float, distance: float, weight_W: FloatArray) -> FloatArray:
    """Recall of class 1 at the boundary of the weighted Bayes classifier: Φ(d/2 + t/d)."""
    log_odds_W = np.log(share / (1 - share) * weight_W)
    z_W = distance / 2 + log_odds_W / distance
    return np.array([0.5 * (1 + math.erf(z / math.sqrt(2))) for z in z_W])


def _sums(points_N2: Tensor, label_N: Tensor, line_3: Tensor, weight: float) -> dict[str, float]:
    """How "mean" comes about, through torch's own two-class cross-entropy."""
    logit_N = points_N2 @ line_3[:2] + line_3[2]
    logits_N2 = torch.stack([torch.zeros_like(logit_N), logit_N], dim=1)
    weight_C = torch.tensor([1.0, weight], dtype=torch.float64)
    losses_N = F.cross_entropy(logits_N2, label_N.long(), weight_C, reduction="none")
    total, divisor = float(losses_N.sum()), float(weight_C[label_N.long()].sum())
    mean = float(F.cross_entropy(logits_N2, label_N.long(), weight_C))
    return {
        "sum_of_weights": divisor,
        "weighted_sum": total,
        "mean_loss": mean,
        "per_sample": total / len(points_N2),
    }
