"""What the comparisons say comes out of their own lanes, through the public API."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.experiments.comparisons import COMPARISONS, DEFAULT_COMPARISON, comparison_of
from nnviz.spec import ComparisonSpec

SEEDS = (0, 1, 2)


def lanes(name: str) -> dict[str, ExperimentSpec]:
    comparison = COMPARISONS[name].spec
    return dict(zip(comparison.names, comparison.experiments, strict=True))


def seeded(spec: ExperimentSpec, seed: int, **training) -> ExperimentSpec:
    changed = spec.training.model_copy(update={"seed": seed, **training})
    return ExperimentSpec(data=spec.data, network=spec.network, training=changed)


def last(spec: ExperimentSpec, seed: int):
    """The last snapshot, and how it diverged; on the way there nothing is measured."""
    start, n_steps = initial_state(seeded(spec, seed)), spec.training.n_steps
    state, _ = advance(start, n_steps=n_steps - 1, record=False)
    if state.divergence is not None:  # its snapshot is taken where it happens
        state = start
    state, snapshots = advance(state, n_steps=n_steps - state.step)
    return snapshots[-1], state.divergence


def accuracies(spec: ExperimentSpec) -> np.ndarray:
    return np.array([last(spec, seed)[0].test_accuracy for seed in SEEDS])


def test_the_page_opens_on_no_normalization_before_and_after():
    found = lanes(DEFAULT_COMPARISON)
    assert list(found) == ["no normalization", "BatchNorm before", "BatchNorm after"]
    assert [(s.network.normalization, s.network.placement) for s in found.values()] == [
        ("none", "before"), ("batch", "before"), ("batch", "after"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_comparison_says_what_to_notice_and_where_it_is_from(name):
    preset = COMPARISONS[name]
    assert 2 <= len(preset.spec.lanes) <= 4
    assert len(preset.notice) > 40
    assert any(year in preset.source for year in map(str, range(1969, 2027)))


def test_placement_shows_in_what_enters_the_next_layer():
    """Science §4: before 0.40 / 0.58 / 0 % negative and half zeros; after 0 / 1 / 66 %.

    Measured at the start with the statistics of the whole training set; the mean over 10 seeds
    and three layers of 64 units, on the reference set of 256 points.
    """
    found = {}
    for name in ("BatchNorm before", "BatchNorm after"):
        spec = lanes(DEFAULT_COMPARISON)[name]
        found[name] = np.mean([layer for seed in range(10) for layer in wide(spec, seed)], axis=0)
    mean, std, negative, zeros = found["BatchNorm before"]
    assert mean == pytest.approx(0.40, abs=0.02)
    assert std == pytest.approx(0.58, abs=0.02)
    assert negative == 0
    assert zeros == pytest.approx(0.5, abs=0.03)
    mean, std, negative, _ = found["BatchNorm after"]
    assert mean == pytest.approx(0, abs=0.02)
    assert std == pytest.approx(1, abs=0.02)
    assert negative == pytest.approx(0.66, abs=0.04)


def wide(spec: ExperimentSpec, seed: int) -> list[list[float]]:
    """What each layer passes on before the first step; evaluation uses the batch's statistics."""
    blocks = tuple(block.model_copy(update={"width": 64}) for block in spec.network.blocks)
    network = spec.network.model_copy(update={"blocks": blocks, "track_running_stats": False})
    changed = ExperimentSpec.model_validate(
        {"data": {"name": "digits"}, "network": network, "training": {"seed": seed}}
    )
    snapshot = advance(initial_state(changed), n_steps=0)[1][0]
    return [
        [layer.output_mean, layer.output_std, layer.negative_fraction, layer.zero_fraction]
        for layer in snapshot.layers
    ]


def test_fact_8_he_learns_thirty_relu_layers_deep_and_xavier_does_not():
    """He 2015, with SGD and momentum: Adam's steps do not depend on the gradient's size."""
    found = lanes("xavier_he")
    for spec in found.values():
        assert [block.width for block in spec.network.blocks] == [64] * 30
        assert (spec.network.activation, spec.data.name) == ("relu", "digits")
        assert (spec.training.optimizer.name, spec.training.n_steps) == ("sgd", 500)
    assert accuracies(found["He"]).mean() >= 0.8
    assert accuracies(found["Xavier"]).mean() <= 0.3


def test_fact_13_batch_norm_falls_far_below_layer_and_group_norm_at_batch_size_two():
    found = lanes("batch_of_two")
    mean = {name: accuracies(found[name]).mean() for name in ("batch", "layer", "group")}
    assert mean["layer"] > mean["batch"] + 0.3
    assert mean["group"] > mean["batch"] + 0.3


def test_a_large_rate_ends_the_plain_lane_and_trains_the_normalized_one():
    found = lanes("large_rate")
    for seed in SEEDS:
        assert last(found["no normalization"], seed)[1] is not None
    assert accuracies(found["BatchNorm"]).mean() > 0.6


def test_ten_sigmoid_layers_leave_about_a_millionth_of_the_gradient():
    for name, (low, high) in {"sigmoid": (1e-7, 1e-5), "tanh": (0.03, 30)}.items():
        snapshot = advance(initial_state(lanes("vanishing")[name]), n_steps=0)[1][0]
        hidden = [layer.delta_rms for layer in snapshot.layers]
        assert low < hidden[0] / hidden[-1] < high


def test_equal_weights_keep_an_effective_rank_of_one():
    found = lanes("symmetry")
    assert last(found["constant 0.3"], 0)[0].layers[0].effective_rank == pytest.approx(1, abs=1e-3)
    assert last(found["random"], 0)[0].layers[0].effective_rank > 1.5


def test_linear_layers_are_one_linear_layer_however_many():
    found = lanes("linear_collapse")
    one, six, bent = (accuracies(found[name]).mean() for name in found)
    assert six == pytest.approx(one, abs=0.04)
    assert bent > one + 0.03


def test_orthogonal_weights_train_twenty_tanh_layers_and_the_default_does_not():
    found = lanes("orthogonal")
    assert accuracies(found["orthogonal"]).min() > 0.9
    assert accuracies(found["default"]).max() < 0.5


def test_noisy_labels_are_learned_by_heart_without_dropout_and_not_with_half_dropped():
    ends = {name: last(spec, 0)[0] for name, spec in lanes("dropout").items()}
    without, half, most = (ends[f"dropout {share}"] for share in ("0", "0.5", "0.8"))
    assert without.train_accuracy > 0.88 > half.train_accuracy
    assert without.test_loss > 1.5 * half.test_loss
    assert half.test_accuracy > without.test_accuracy + 0.05
    assert most.train_loss == max(end.train_loss for end in ends.values())


def test_the_opener_starts_with_batch_normalization_on_either_side_and_hardly_without():
    """Least and largest measured over 3 seeds: 0.96 with, 0.73 without."""
    plain, before, after = (accuracies(spec) for spec in lanes(DEFAULT_COMPARISON).values())
    assert min(before.min(), after.min()) > 0.9
    assert plain.mean() < 0.8


def test_a_convolution_reads_signals_better_than_a_dense_network_of_more_weights():
    found = lanes("convolution_dense")
    assert found["convolution"].n_parameters < found["dense"].n_parameters
    assert [block.kind for block in found["dense"].network.blocks] == ["dense"] * 3
    sliding, placed = (last(found[name], 0)[0].test_accuracy for name in ("convolution", "dense"))
    assert sliding > 0.8 > 0.65 > placed


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_comparison_is_known_again_by_its_settings(name):
    spec = COMPARISONS[name].spec
    assert comparison_of(ComparisonSpec.from_code(spec.to_code())) == name
    renamed = spec.lanes[0].model_copy(update={"name": "another"})
    assert comparison_of(spec.model_copy(update={"lanes": (renamed, *spec.lanes[1:])})) is None


def test_gates_remember_what_a_plain_recurrent_cell_forgets():
    loss = {name: last(spec, 0)[0].test_loss for name, spec in lanes("memory").items()}
    assert loss["RNN"] > 0.08
    assert max(loss["LSTM"], loss["GRU"]) < 0.03


def test_a_row_is_turned_around_only_with_positions():
    share = {name: last(spec, 0)[0].test_accuracy for name, spec in lanes("positions").items()}
    assert share["with positions"] > 0.98
    assert share["without"] < 0.4


def test_at_this_rate_only_what_is_normalized_first_learns_to_sort():
    share = {name: last(spec, 0)[0].test_accuracy for name, spec in lanes("norm_first").items()}
    assert share["normalized after"] < 0.2
    assert share["normalized first"] > 0.9
