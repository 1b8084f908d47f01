"""A comparison is a base and what each lane changes; what can't be is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nnviz.experiments.comparisons import COMPARISONS
from nnviz.spec import (
    ComparisonSpec,
    ConvolutionBlock,
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    FlattenBlock,
    LaneSpec,
    NetworkSpec,
    OptimizerSpec,
    OverrideSpec,
    SpecError,
    TrainingSpec,
    lane_experiment,
)

BASE = ExperimentSpec(
    network=NetworkSpec(blocks=(DenseBlock(width=8), DenseBlock(width=4)), normalization="batch"),
    training=TrainingSpec(optimizer=OptimizerSpec(name="adam", beta1=0.8)),
)


def lane(name="lane", **overrides):
    """`network__placement=…` is the path network.placement."""
    own = [OverrideSpec(path=p.replace("__", "."), value=v) for p, v in overrides.items()]
    return LaneSpec(name=name, overrides=tuple(own))


def compared(*lanes):
    return ComparisonSpec(base=BASE, lanes=lanes)


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_code_gives_the_comparison_back(name):
    spec = COMPARISONS[name].spec
    code = spec.to_code()
    assert ComparisonSpec.from_code(code) == spec
    assert len(code) < 800


def test_a_lane_without_settings_is_the_base():
    assert lane_experiment(BASE, lane()) == BASE


def test_a_lane_changes_what_it_names_and_nothing_else():
    changed = lane_experiment(
        BASE, lane(network__placement="after", training__optimizer__learning_rate=0.5)
    )
    assert changed.network == BASE.network.model_copy(update={"placement": "after"})
    assert changed.training.optimizer.learning_rate == 0.5
    assert changed.data == BASE.data


def test_another_optimizer_drops_the_arguments_of_the_first_and_keeps_the_rate():
    optimizer = lane_experiment(BASE, lane(training__optimizer__name="sgd")).training.optimizer
    assert optimizer == OptimizerSpec(name="sgd", learning_rate=0.01)


def test_a_name_is_set_before_its_arguments_whatever_their_order():
    own = lane(
        network__initialization__value=0.3,
        network__initialization__name="constant",
    )
    assert lane_experiment(BASE, own).network.initialization.value == 0.3


def test_width_and_depth_change_the_dense_blocks_only():
    network = NetworkSpec(blocks=(ConvolutionBlock(), FlattenBlock(), DenseBlock(width=8)))
    base = ExperimentSpec(data=DataSpec(name="digits"), network=network)
    wide = lane_experiment(base, lane(network__width=32)).network.blocks
    deep = lane_experiment(base, lane(network__depth=3)).network.blocks
    flat = lane_experiment(base, lane(network__depth=0)).network.blocks
    assert wide == (*network.blocks[:2], DenseBlock(width=32))
    assert deep == (*network.blocks[:2], *[DenseBlock(width=8)] * 3)
    assert flat == network.blocks[:2]


def test_a_field_of_one_block_can_be_set():
    changed = lane_experiment(BASE, lane(network__blocks__1__width=7))
    assert [block.width for block in changed.network.blocks] == [8, 7]


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"network__colour": "red"}, "there is no setting network.colour"),
        ({"network__blocks__9__width": 3}, "there is no setting"),
        ({"network__blocks__1": 3}, "whole block"),
        ({"network__activation": "rleu"}, "activation must be one of"),
        ({"network__normalization": "instance"}, "averages over space"),
        ({"training__batch_size": 1}, "batch normalization of a single number"),
        ({"network__width": 0.5}, "must be a whole number"),
        ({"network__depth": 65}, "at most 64"),
        ({"network__blocks": 3}, "network.blocks"),
    ],
)
def test_what_can_not_be_is_refused_with_the_lanes_name(overrides, words):
    with pytest.raises(ValidationError, match=words) as refused:
        compared(lane("first"), lane("second", **overrides))
    assert "second" in str(refused.value)


def test_two_to_four_lanes_with_different_names():
    with pytest.raises(ValidationError):
        compared(lane("alone"))
    with pytest.raises(ValidationError):
        compared(*(lane(str(k)) for k in range(5)))
    with pytest.raises(ValidationError, match="different names"):
        compared(lane("same"), lane(" same "))


@pytest.mark.parametrize("name", ["", "  ", "![x](http://x)", "<b>", "a|b", "x" * 33, "`x`"])
def test_a_name_is_short_and_holds_no_markup(name):
    with pytest.raises(ValidationError):
        LaneSpec(name=name)


def test_a_setting_stands_once_in_a_lane():
    twice = OverrideSpec(path="network.dropout", value=0.5)
    with pytest.raises(ValidationError, match="set twice"):
        LaneSpec(name="lane", overrides=(twice, twice))


@given(st.text(max_size=200))
def test_no_text_does_harm_as_a_code(text):
    for code in (text, "1." + text):
        with pytest.raises(SpecError):
            ComparisonSpec.from_code(code)


@pytest.mark.parametrize("document", [{}, {"lanes": 3}, {"base": 1, "lanes": []}, [], 7, None])
def test_a_code_of_something_else_is_refused(document):
    from nnviz.spec.code import encoded

    if isinstance(document, dict):
        with pytest.raises(SpecError):
            ComparisonSpec.from_code(encoded(document, {}))
    assert ExperimentSpec().to_code()
    with pytest.raises(SpecError):
        ComparisonSpec.from_code(ExperimentSpec().to_code())


def test_a_block_of_another_kind_starts_from_that_kinds_own_settings():
    base = ExperimentSpec.model_validate(
        {
            "data": {"name": "digits"},
            "network": {"blocks": [{"kind": "convolution", "channels": 4, "kernel_size": 5}]},
        }
    )
    own = (
        OverrideSpec(path="network.blocks.0.kind", value="dense"),
        OverrideSpec(path="network.blocks.0.width", value=32),
    )
    assert lane_experiment(base, LaneSpec(name="dense", overrides=own)).network.blocks == (
        DenseBlock(width=32),
    )
    wrong = (OverrideSpec(path="network.blocks.0.kind", value="densely"),)
    with pytest.raises(SpecError, match=r"one of dense, .*residual; got 'densely'"):
        lane_experiment(base, LaneSpec(name="dense", overrides=wrong))
