"""Every loss is torch's mean over the batch."""

import pytest
import torch
from torch import nn

from nnviz.catalog.losses import LOSSES, LossOptions

G = torch.Generator().manual_seed(5)
LOGITS_NC = torch.randn(9, 4, generator=G)
LABELS_N = torch.randint(0, 4, (9,), generator=G)
VALUES_N1, TARGET_N1 = torch.randn(9, 1, generator=G), 3 * torch.randn(9, 1, generator=G)
WEIGHTS_C = torch.tensor([0.5, 1.0, 2.0, 4.0])
ONE_HOT_NC = nn.functional.one_hot(LABELS_N, 4).float()


@pytest.mark.parametrize(
    ("name", "output", "target", "options", "expected"),
    [
        ("cross_entropy", LOGITS_NC, LABELS_N, {}, nn.CrossEntropyLoss()),
        (
            "cross_entropy", LOGITS_NC, LABELS_N,
            {"class_weight_C": WEIGHTS_C}, nn.CrossEntropyLoss(weight=WEIGHTS_C),
        ),
        (
            "cross_entropy", LOGITS_NC, LABELS_N,
            {"label_smoothing": 0.2}, nn.CrossEntropyLoss(label_smoothing=0.2),
        ),
        ("mse", VALUES_N1, TARGET_N1, {}, nn.MSELoss()),
        ("huber", VALUES_N1, TARGET_N1, {}, nn.HuberLoss()),
        ("huber", VALUES_N1, TARGET_N1, {"huber_delta": 0.4}, nn.HuberLoss(delta=0.4)),
    ],
)  # fmt: skip
def test_it_is_torchs_own(name, output, target, options, expected):
    ours = LOSSES[name].compute(output, target, LossOptions(**options))
    torch.testing.assert_close(ours, expected(output, target), rtol=0, atol=0)


@pytest.mark.parametrize(("name", "theirs"), [("mse", nn.MSELoss()), ("huber", nn.HuberLoss())])
def test_on_classes_a_loss_for_values_compares_with_the_one_hot_labels(name, theirs):
    ours = LOSSES[name].compute(LOGITS_NC, LABELS_N, LossOptions())
    torch.testing.assert_close(ours, theirs(LOGITS_NC, ONE_HOT_NC), rtol=0, atol=0)


def test_weighted_cross_entropy_divides_by_the_summed_weights():
    each_N = nn.functional.cross_entropy(LOGITS_NC, LABELS_N, reduction="none")
    weight_N = WEIGHTS_C[LABELS_N]
    ours = LOSSES["cross_entropy"].compute(LOGITS_NC, LABELS_N, LossOptions(WEIGHTS_C))
    torch.testing.assert_close(ours, (each_N * weight_N).sum() / weight_N.sum())


def test_every_loss_names_its_tasks():
    assert all(set(e.tasks) <= {"classification", "regression"} for e in LOSSES.values())
    assert LOSSES["cross_entropy"].tasks == ("classification",)
