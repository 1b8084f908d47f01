"""What does not fit is refused in a sentence: which block, what it gets, and what it needs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from nnviz import ExperimentSpec
from nnviz.base import readable_errors
from nnviz.blocks import BLOCKS
from nnviz.blocks.output import OutputBlock
from nnviz.blocks.sample import Sample
from nnviz.spec import NetworkSpec, SpecError, layer_shapes

ROW, SIGNAL, IMAGE = Sample((7,)), Sample((6, 9)), Sample((3, 8, 8))
WORDS = Sample((1, 5), 4)
SEQUENCES = tuple(name for name, block in BLOCKS.items() if block.needs == "sequence")


def refusal(block: dict[str, Any], sample: Sample, answers: int | tuple[int, ...] = 2) -> str:
    network = NetworkSpec.model_validate({"blocks": [block]})
    with pytest.raises(SpecError) as told:
        layer_shapes(network, sample, answers)
    return str(told.value)


@pytest.mark.parametrize("kind", [name for name in BLOCKS if name != "embedding"])
def test_tokens_must_be_embedded_first(kind: str) -> None:
    words = f"{kind}1: needs numbers, but gets 5 tokens; put an embedding before it"
    assert refusal({"kind": kind}, WORDS) == words


def test_what_is_embedded_must_be_tokens() -> None:
    words = "embedding1: needs tokens, but gets (6, 9) numbers; put it first, on data such as"
    assert refusal({"kind": "embedding"}, SIGNAL).startswith(words)


def test_tokens_are_embedded_row_by_row() -> None:
    told = refusal({"kind": "embedding"}, Sample((2, 5), 4))
    assert told == "embedding1: needs one row of tokens, (1, steps), but gets (2, 5)"


@pytest.mark.parametrize("kind", ["convolution", "pool"])
def test_plain_numbers_have_no_positions(kind: str) -> None:
    words = f"{kind}1: needs an image, a signal or a sequence, but gets 7 plain numbers; put it"
    assert refusal({"kind": kind}, ROW).startswith(words)


@pytest.mark.parametrize("kind", SEQUENCES)
@pytest.mark.parametrize("sample", [ROW, IMAGE, Sample((1, 4, 4, 4))], ids=str)
def test_what_is_read_in_time_must_be_a_sequence(kind: str, sample: Sample) -> None:
    words = f"{kind}1: needs a sequence (channels, steps), but gets {sample.shape}; use data with"
    assert refusal({"kind": kind}, sample).startswith(words)


def test_pooling_over_time_needs_a_sequence() -> None:
    words = "pool1: needs a sequence (channels, steps), but gets (3, 8, 8)"
    assert refusal({"kind": "pool", "over": "time"}, IMAGE).startswith(words)


CONVOLUTION = {"kind": "convolution", "channels": 4, "padding": "valid"}
TOO_LARGE = [
    ({**CONVOLUTION, "kernel_size": 9}, IMAGE, "a kernel of 9 does not fit 8 positions; it needs"),
    (
        {**CONVOLUTION, "kernel_size": 4, "dilation": 3},
        SIGNAL,
        "a kernel of 4, 3 apart, does not fit 9 positions; it needs 10",
    ),
    ({"kind": "pool", "size": 8}, Sample((2, 9, 7)), "a window of 8 does not fit 7 positions"),
]
UNEVEN = [
    (
        {**CONVOLUTION, "channel_groups": 4},
        SIGNAL,
        "channel_groups must divide the 6 arriving channels; got 4",
    ),
    (
        {**CONVOLUTION, "channel_groups": 3},
        SIGNAL,
        "channel_groups must divide the 4 own channels; got 3",
    ),
    ({"kind": "encoder", "heads": 4}, SIGNAL, "heads must divide the 6 arriving channels; got 4"),
    (
        {**CONVOLUTION, "normalization": "group", "groups": 3},
        SIGNAL,
        "groups must divide the 4 units or channels; got 3",
    ),
]
AROUND = [
    (
        {"kind": "dense", "normalization": "instance"},
        ROW,
        "instance normalization averages over space, and a dense layer has none",
    ),
    (
        {"kind": "dense", "initialization": {"name": "dirac"}},
        ROW,
        "dirac fits weights of ranks 3 to 5 (convolutions), and this block has 2",
    ),
    (
        {**CONVOLUTION, "initialization": {"name": "sparse"}},
        Sample((1, 6, 6, 6)),
        "sparse fits weights of rank 2 (dense layers), and this block has 5",
    ),
]


@pytest.mark.parametrize(("block", "sample", "words"), TOO_LARGE + UNEVEN + AROUND)
def test_sizes_that_do_not_fit_are_named(block: dict[str, Any], sample: Sample, words: str) -> None:
    assert refusal(block, sample).startswith(f"{block['kind']}1: {words}")


@pytest.mark.parametrize(
    ("inside", "given"),
    [
        ([{"kind": "dense", "width": 3}], "(3,)"),
        ([{"kind": "dense", "width": 7}, {"kind": "dense", "width": 8}], "(8,)"),
    ],
)
def test_a_sum_needs_equal_shapes(inside: list[dict[str, Any]], given: str) -> None:
    words = f"residual1: what arrives, (7,), is added to what its blocks give, {given}; let the"
    told = refusal({"kind": "residual", "blocks": inside}, ROW)
    assert told.startswith(words)
    assert told.endswith("let the last of them give (7,)")


def test_what_is_wrong_inside_a_residual_block_is_named_by_both() -> None:
    told = refusal({"kind": "residual", "blocks": [{"kind": "pool"}]}, ROW)
    assert told.startswith("residual1.pool1: needs an image, a signal")


def test_tokens_are_not_added_to_their_vectors() -> None:
    """An embedding of width 1 gives the shape that it gets, and the sum would be no token."""
    told = refusal({"kind": "residual", "blocks": [{"kind": "embedding", "width": 1}]}, WORDS)
    assert told == "residual1: needs numbers, but gets 5 tokens; put an embedding before it"


def test_an_answer_at_each_step_needs_all_steps() -> None:
    told = refusal({"kind": "recurrent", "width": 6}, SIGNAL, (3, 9))
    assert told.startswith("output: answers at each of 9 steps, but gets (6,); it needs (channels,")
    pooled = refusal({"kind": "pool", "size": 3}, SIGNAL, (3, 9))
    assert pooled.startswith("output: answers at each of 9 steps, but gets (6, 3); it needs")


OUT_OF_BOUNDS = [
    (kind, name, bound)
    for kind, block in BLOCKS.items()
    for name, about in block.model_json_schema()["properties"].items()
    for bound in (
        about.get("minimum", about.get("exclusiveMinimum", 0)) - 1,
        about.get("maximum", 10**6) + 1,
    )
    if "minimum" in about or "maximum" in about
]


@pytest.mark.parametrize(("kind", "name", "value"), OUT_OF_BOUNDS)
def test_every_number_has_its_bounds(kind: str, name: str, value: float) -> None:
    with pytest.raises(ValidationError) as told:
        NetworkSpec.model_validate({"blocks": [{"kind": kind, name: value}]})
    (sentence,) = readable_errors(told.value)
    assert sentence.startswith(f"blocks.0.{kind}.{name}: ")
    assert sentence.endswith(f"; got {value}")


@pytest.mark.parametrize("kind", BLOCKS)
def test_what_a_kind_does_not_know_is_refused(kind: str) -> None:
    with pytest.raises(ValidationError) as told:
        NetworkSpec.model_validate({"blocks": [{"kind": kind, "colour": 1}]})
    (sentence,) = readable_errors(told.value)
    assert sentence.startswith(f"blocks.0.{kind}.colour: Extra inputs are not permitted")


@pytest.mark.parametrize("kind", [*BLOCKS, OutputBlock.model_fields["kind"].default])
def test_residual_blocks_hold_plain_ones_only(kind: str) -> None:
    document = {"kind": "residual", "blocks": [{"kind": kind}]}
    if kind in BLOCKS and kind != "residual":
        assert NetworkSpec.model_validate({"blocks": [document]})
        return
    with pytest.raises(ValidationError) as told:
        NetworkSpec.model_validate({"blocks": [document]})
    assert f"'{kind}'" in readable_errors(told.value)[0]


ENCODERS = {"kind": "encoder", "heads": 1, "feedforward": 1, "layers": 8}
EMBEDDED = {"kind": "embedding", "width": 64}
CELLS = {
    "kind": "recurrent", "width": 256, "layers": 4, "bidirectional": True, "output": "all",
}  # fmt: skip
MANY = {"kind": "residual", "blocks": [ENCODERS] * 8}


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        ([EMBEDDED, CELLS], "the network would have 5,396,106 parameters; at most 2,000,000"),
        ([EMBEDDED, *[MANY] * 63], "the network would have 4033 layers behind each other; at most"),
        ([EMBEDDED, *[ENCODERS] * 16], "the network would have 129 layers behind each other; at"),
    ],
)
def test_what_is_too_large_is_refused_with_both_numbers(
    blocks: list[dict[str, Any]], words: str
) -> None:
    with pytest.raises(ValidationError) as told:
        ExperimentSpec.model_validate({"data": {"name": "reversal"}, "network": {"blocks": blocks}})
    assert readable_errors(told.value)[0].startswith(words)
