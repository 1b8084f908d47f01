"""What makes a situation what it is, computed without any record: from weights, data and torch."""

from __future__ import annotations

import numpy as np
import torch

from nnviz.data import load
from tests.diagnosis.trained import Trained, trained


def weights_are_zero(one: Trained) -> None:
    assert not next(iter(one.state.parameters.values())).any()


def units_are_copies(one: Trained) -> None:
    weight_DF = next(iter(one.state.parameters.values()))
    assert weight_DF.any()
    torch.testing.assert_close(weight_DF, weight_DF[:1].expand_as(weight_DF), rtol=1e-3, atol=1e-3)


def a_number_is_not_finite(one: Trained) -> None:
    network = one.network().train()
    train_x, train_y, *_ = one.data()
    loss = one.loss(network(train_x), train_y)
    loss.backward()
    numbers = [loss, *network.parameters(), *(p.grad for p in network.parameters())]
    assert not all(bool(torch.isfinite(number).all()) for number in numbers)


def nothing_was_updated(one: Trained) -> None:
    a_number_is_not_finite(one)
    assert one.state.step == 0


def scales_differ(one: Trained) -> None:
    record = load(one.spec.data).record
    columns = record.train_x
    if record.task == "regression":
        columns = np.concatenate([columns, record.train_y], axis=1)
    spread_F = columns.std(axis=0)
    assert spread_F.max() > 1000 * spread_F.min()


def one_class_only(one: Trained) -> None:
    assert len(np.unique(load(one.spec.data).record.train_y)) == 1


def a_class_is_missing(one: Trained) -> None:
    record = load(one.spec.data).record
    assert set(record.test_y.tolist()) - set(record.train_y.tolist())


def labels_say_nothing(one: Trained) -> None:
    """Drawn again without noise, at most one class in n agrees: no more than by chance."""
    data = one.spec.data
    noisy, clean = load(data).record, load(data.model_copy(update={"label_noise": 0.0})).record
    assert (noisy.train_y == clean.train_y).mean() <= 1 / data.classes


def normalized_values_are_signs(one: Trained) -> None:
    """On a batch as training sees it, before the learned scale and shift."""
    network, values = one.network().train(), []
    normalized = next(block.normalization for block in network if hasattr(block, "normalization"))
    if normalized.weight is not None:
        normalized.weight.data.fill_(1.0)
        normalized.bias.data.zero_()
    normalized.register_forward_hook(lambda _, inputs, result: values.append(result.detach()))
    batch_size = one.spec.training.batch_size
    for x in one.data()[0][:64].split(batch_size):
        if len(x) == batch_size:
            network(x)
    near_one = (torch.cat(values).abs() - 1).abs() < 0.01
    assert near_one.float().mean() > 0.8


def a_batch_of_two_is_left(one: Trained) -> None:
    """After each epoch's last batch the loss stands far above that after the batch before."""
    n_train, batch_size = one.spec.data.n_train, one.spec.training.batch_size
    assert n_train % batch_size == 2
    n_batches = -(-n_train // batch_size)
    assert one.state.step % n_batches == 0
    before = trained(one.spec, one.state.step - 1)
    assert one.latest.train_loss > 2 * before.latest.train_loss


def loss_rose(one: Trained) -> None:
    """Above a constant answer's loss after the first update, or where it is at the end."""
    losses = [taken.train_loss for taken in one.history]
    assert max(losses) > 1.5 * losses[0]


def weights_hardly_moved(one: Trained) -> None:
    start = trained(one.spec, 1).history[0]
    for layer, before in zip(one.latest.learned_layers, start.learned_layers, strict=True):
        change = np.linalg.norm(layer.weight_DF - before.weight_DF)
        assert change < 0.02 * np.linalg.norm(before.weight_DF)


def weights_shrank(one: Trained) -> None:
    start = trained(one.spec, 1).history[0]
    first = sum(float((layer.weight_DF**2).sum()) for layer in start.learned_layers)
    weights = [p for name, p in one.state.parameters.items() if name.endswith("weight")]
    assert sum(float(w.square().sum()) for w in weights) < 0.02 * first


def dead_shares(one: Trained) -> dict[str, float]:
    """Share of each layer's units that are 0 at every training point."""
    return {
        name: float((values.movedim(1, -1).flatten(0, -2).amax(dim=0) <= 0).float().mean())
        for name, values in one.part_outputs("activation").items()
    }


def units_are_dead(one: Trained) -> None:
    assert max(dead_shares(one).values()) >= 0.5


def saturated_shares(one: Trained) -> dict[str, float]:
    low, high = (0.03, 0.97) if one.spec.network.activation == "sigmoid" else (-0.97, 0.97)
    return {
        name: float(((values < low) | (values > high)).float().mean())
        for name, values in one.part_outputs("activation").items()
    }


def units_are_saturated(one: Trained) -> None:
    assert max(saturated_shares(one).values()) >= 0.8


def slopes_are_zero(one: Trained) -> None:
    """Of the hard ends: by far most of a layer's values are ±1 exactly."""
    assert (
        max(float((v.abs() == 1).float().mean()) for v in one.part_outputs("activation").values())
        > 0.8
    )


def gradient_vanishes(one: Trained) -> None:
    assert one.gradient_ratio() < 1e-3


def gradient_explodes(one: Trained) -> None:
    assert one.gradient_ratio() > 1e3


def a_class_is_never_answered(one: Trained) -> None:
    _, _, test_x, test_y = one.data()
    with torch.no_grad():
        answered = set(one.network()(test_x).argmax(dim=1).tolist())
    assert set(test_y.tolist()) - answered


def noise_is_learned(one: Trained) -> None:
    """The test loss of an earlier snapshot was far lower, the training loss far higher."""
    best = min(one.history, key=lambda taken: taken.test_loss)
    _, _, test_x, test_y = one.data()
    with torch.no_grad():
        now = float(one.loss(one.network()(test_x), test_y))
    assert now > 1.2 * best.test_loss
    assert one.latest.train_loss < 0.6 * best.train_loss


def answers_are_right(one: Trained) -> None:
    assert one.accuracy("test") >= 0.9
    assert one.accuracy("train") >= 0.93


def as_good_as_the_truth_allows(one: Trained) -> None:
    """Of two clouds 2 apart, with deviation σ, the best answer knows Φ(1 / σ)."""
    best = 0.5 * (1 + torch.erf(torch.tensor(1 / one.spec.data.noise / 2**0.5)))
    assert abs(one.accuracy("train") - float(best)) < 0.06


def follows_the_truth(one: Trained) -> None:
    """A regression's training error is near the noise variance, its test error not far above."""
    train_x, train_y, test_x, test_y = one.data()
    with torch.no_grad():
        train, test = (
            float((one.network()(x) - y).square().mean())
            for x, y in ((train_x, train_y), (test_x, test_y))
        )
    variance = one.spec.data.noise**2
    assert 0.7 * variance < train < 1.4 * variance
    assert test < 1.8 * variance


def too_simple(one: Trained) -> None:
    assert one.accuracy() < 0.85


def loss_falls(one: Trained) -> None:
    """On from here, it goes on falling: the next part of the same training is better."""
    further = trained(one.spec, 2 * one.latest.step)
    assert further.latest.train_loss < 0.95 * one.latest.train_loss
    assert max(dead_shares(one).values(), default=0.0) < 0.5


def is_healthy(one: Trained) -> None:
    assert one.accuracy() > 0.75
    assert max(dead_shares(one).values(), default=0.0) < 0.5
    assert 1e-2 < one.gradient_ratio() < 1e2


def has_just_begun(one: Trained) -> None:
    assert one.state.step < 10
