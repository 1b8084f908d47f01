"""What comes out of a layer is what torch gives; what can't be read is refused in words."""

from __future__ import annotations

import inspect
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nnviz.blocks import BLOCKS
from nnviz.blocks.sample import Sample
from nnviz.catalog.activations import ACTIVATIONS
from nnviz.experiments.layer_stack import (
    KNOWN,
    ReadError,
    answer_of,
    answers_of,
    read_layer,
    read_shape,
)
from nnviz.experiments.layer_stack.answer import VOCABULARY, document_of
from nnviz.network import build_network
from nnviz.spec import NetworkSpec

TORCH = [name for name, layer in KNOWN.items() if not layer.is_block]


def test_every_kind_of_block_and_every_activation_is_known() -> None:
    assert set(BLOCKS) == {name for name, layer in KNOWN.items() if layer.is_block}
    modules = {type(activation.make()).__name__ for activation in ACTIVATIONS.values()}
    assert modules <= set(KNOWN)


def really(line: str, shape: tuple[int, ...], n_inputs: int = 1) -> tuple[tuple[int, ...], int]:
    """Shape and parameters of torch's own layer on the CPU, with real numbers in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = eval(line, {"nn": nn})  # noqa: S307
        tokens = torch.zeros(shape, dtype=torch.long)
        x = tokens if isinstance(module, nn.Embedding) else torch.randn(shape)
        output = module(*[x] * n_inputs)
    output = output[0] if isinstance(output, tuple) else output
    return tuple(output.shape), sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("name", TORCH)
def test_each_layer_begins_with_a_line_that_fits_and_is_torchs(name: str) -> None:
    layer = KNOWN[name]
    shape = read_shape(layer.shape)
    before = torch.get_rng_state()
    answer = answer_of(read_layer(layer.line), shape)
    assert torch.equal(torch.get_rng_state(), before)
    assert answer.reason is None
    small = (2, *shape[1:])
    output, n_parameters = really(layer.line, small, layer.n_inputs)
    assert answer.output == (shape[0], *output[1:])
    assert answer.n_parameters == n_parameters


@pytest.mark.parametrize("name", BLOCKS)
def test_each_block_begins_with_settings_that_fit(name: str) -> None:
    layer = KNOWN[name]
    asked, shape = read_layer(layer.line), read_shape(layer.shape)
    answer = answer_of(asked, shape)
    assert answer.reason is None
    sample = Sample(shape[1:], VOCABULARY if layer.takes_tokens else 0)
    network = NetworkSpec.model_validate({"blocks": [document_of(asked)]})
    block = build_network(network, sample, 1)[0]
    assert answer.output == (shape[0], *block(torch.zeros(2, *shape[1:])).shape[1:])
    assert answer.n_parameters == sum(p.numel() for p in block.parameters())
    assert bool(answer.torch_lines)


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("nn.Conv2d(3, 8, (3, 5), stride=2, padding=(1, 0), dilation=2, groups=1)", "4, 3, 30, 31"),
        ("nn.Conv1d(4, 8, 5, padding='same', bias=False)", "4, 4, 30"),
        ("torch.nn.Conv3d(in_channels=2, kernel_size=2, out_channels=6)", "4, 2, 5, 6, 7"),
        ("nn.MaxPool2d(3, 2, ceil_mode=True)", "4, 3, 8, 8"),
        ("nn.AdaptiveAvgPool2d((None, 3))", "4, 3, 8, 8"),
        ("nn.LSTM(4, 6, 3, bidirectional=True, proj_size=2)", "9, 4, 4"),
        ("nn.GRU(4, 6, batch_first=True, bias=False)", "9, 7, 4"),
        ("nn.RNN(4, 6, nonlinearity='relu')", "7, 4"),
        ("nn.Flatten(2, -1)", "4, 3, 8, 8"),
        ("nn.LayerNorm((8, 8), elementwise_affine=False)", "4, 3, 8, 8"),
        ("nn.TransformerEncoderLayer(8, 2, 4, norm_first=True, activation='gelu')", "4, 5, 8"),
        ("nn.MultiheadAttention(8, 2, add_bias_kv=True)", "4, 5, 8"),
    ],
)  # fmt: skip
def test_arguments_are_torchs(line: str, shape: str) -> None:
    asked = read_layer(line)
    answer = answer_of(asked, read_shape(shape))
    plain = line.removeprefix("torch.")
    assert (answer.output, answer.n_parameters) == really(
        plain, read_shape(shape), asked.layer.n_inputs
    )
    again = answer_of(read_layer(asked.code), read_shape(shape))
    assert again == answer


@pytest.mark.parametrize(
    ("line", "shape", "words"),
    [
        ("nn.Linear(100, 10)", "32, 784", "nn.Linear needs 100 numbers in the last axis"),
        ("nn.Linear(784, 10)", "32, 1, 28, 28", "put nn.Flatten() before it"),
        ("nn.Linear(9, 10)", "32, 2, 7, 7", "7 would fit, or 98 behind nn.Flatten()"),
        ("nn.Conv2d(3, 8, 3)", "32, 1, 28, 28", "needs 3 channels (in_channels), and gets 1"),
        ("nn.Conv2d(3, 8, 3)", "32, 784", "needs (batch, channels, height, width)"),
        ("nn.Conv2d(1, 8, 9)", "32, 1, 7, 7", "Kernel size can't be greater than"),
        ("nn.MaxPool2d(8)", "32, 1, 7, 7", "Output size is too small"),
        ("nn.BatchNorm2d(8)", "32, 4, 7, 7", "needs 8 channels (num_features), and gets 4"),
        ("nn.BatchNorm1d(8)", "1, 8", "Expected more than 1 value per channel"),
        ("nn.GroupNorm(3, 8)", "32, 8, 7", "num_channels (8) must be divisible by num_groups (3)"),
        ("nn.LSTM(8, 4)", "32, 20, 16", "needs 8 numbers in the last axis (input_size)"),
        ("nn.TransformerEncoderLayer(16, 3)", "32, 20, 16", "divisible by num_heads"),
        ("nn.TransformerEncoderLayer(8, 2)", "32, 20, 16", "needs 8 numbers in the last axis"),
        ("nn.LayerNorm(8)", "32, 16", "normalized_shape=[8]"),
        ("recurrent(width=4)", "32, 64", "recurrent1: needs a sequence (channels, steps)"),
        ("dense(width=0)", "32, 64", "greater than or equal to 1"),
        ("residual(dense(width=3))", "32, 64", "let the last of them give (64,)"),
    ],
)
def test_what_does_not_fit_says_what_would(line: str, shape: str, words: str) -> None:
    asked = read_layer(line) if "width=0" not in line else None
    if asked is None:
        with pytest.raises(ReadError, match="width must be 1 or more"):
            read_layer(line)
        return
    answer = answer_of(asked, read_shape(shape))
    assert answer.output is None
    assert words in str(answer.reason)


GOOD = """model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    nn.Sequential(nn.MaxPool2d(2), nn.BatchNorm2d(8)),
    nn.Flatten(),
    nn.Linear(1568, 10),
)"""


def test_a_stack_is_answered_line_by_line() -> None:
    found = answers_of(GOOD, "32, 1, 28, 28")
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.BatchNorm2d(8),
        nn.Flatten(), nn.Linear(1568, 10),
    )  # fmt: skip
    values = torch.zeros(32, 1, 28, 28)
    for line, module in zip(found.lines, model, strict=True):
        values = module(values)
        assert line.answer is not None
        assert line.answer.output == tuple(values.shape)
    assert found.output == (32, 10)
    assert found.wrong is None
    assert found.n_parameters == sum(p.numel() for p in model.parameters())
    assert [line.line for line in found.lines] == [2, 3, 4, 4, 5, 6]


def test_the_first_line_that_does_not_fit_is_named_and_nothing_arrives_behind_it() -> None:
    found = answers_of(GOOD.replace("nn.Flatten(),\n", "\n"), "32, 1, 28, 28")
    assert found.wrong is not None
    assert found.wrong.line == 6
    assert found.wrong.answer is not None
    assert "put nn.Flatten() before it" in str(found.wrong.answer.reason)
    early = answers_of(GOOD.replace("Conv2d(1,", "Conv2d(3,"), "32, 1, 28, 28")
    assert early.wrong is early.lines[0]
    assert all(line.answer is None for line in early.lines[1:])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nn.Embedding(50, 8), nn.LSTM(8, 16, batch_first=True), nn.Linear(16, 2)", "a tuple"),
        ("nn.MultiheadAttention(8, 2)", "query, key and value"),
        ("nn.ReLU(), nn.Embedding(50, 8)", "put it first"),
    ],
)
def test_what_sequential_cannot_hand_on_is_said(text: str, words: str) -> None:
    found = answers_of(text, "32, 8")
    assert found.wrong is not None
    assert found.wrong.answer is not None
    assert words in str(found.wrong.answer.reason)


HOSTILE = {
    "a call": "__import__('os').system('true')",
    "an attribute": "nn.Linear.__init__.__globals__['sys']",
    "of a module": "nn.modules.linear.Linear(3, 4)",
    "a lambda": "(lambda: nn.ReLU())()",
    "arithmetic": "nn.Linear(10**9, 4)",
    "a huge number": f"nn.Linear({'9' * 3000}, 4)",
    "a large number": "nn.Linear(1000001, 4)",
    "many layers in one": "nn.LSTM(4, 4, 1000000)",
    "not a number": "nn.Linear(1e400, 4)",
    "an f-string": "nn.Linear(f'{1}', 4)",
    "a comprehension": "nn.Sequential(*[nn.ReLU() for _ in range(9)])",
    "stars": "nn.Linear(*(3, 4))",
    "double stars": "nn.Linear(**{'in_features': 3})",
    "a device": "nn.Linear(3, 4, device='cuda')",
    "brackets": "(" * 2000 + ")" * 2000,
    "signs": "nn.Linear(" + "-" * 3900 + "1, 4)",
    "nots": "not " * 990 + "1",
    "dots": "nn" + ".nn" * 1300 + "()",
    "long": "nn.ReLU()," * 10_000,
    "many": "nn.ReLU()," * 390,
    "null": "nn.ReLU()\0",
    "surrogate": "nn.ReLU('\ud800')",
    "a function": "def f():\n    return nn.ReLU()",
    "a loop": "while True:\n    nn.ReLU()",
    "no Python": "nn.Linear(3, 4",
    "nested": "nn.Sequential(" * 7 + "nn.Foo()" + ")" * 7,
    "twice": "nn.Linear(3, in_features=4)",
    "too few": "nn.Linear(3)",
    "no brackets": "nn.ReLU",
    "a tuple of tuples": "nn.LayerNorm(((((1,),),),))",
    "a word": "nn.Linear('3', 4)",
    "zero": "nn.Conv2d(1, 1, 0)",
    "below zero": "nn.Linear(-3, 4)",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_in_a_sentence(name: str) -> None:
    found = answers_of(HOSTILE[name], "32, 3")
    told = found.reason or str(found.wrong and found.wrong.answer and found.wrong.answer.reason)
    assert len(told.split()) > 3
    assert len(told) < 300
    assert found.output is None


@pytest.mark.parametrize("shape", ["", "a", "3,,a", "0, 4", "-1", "9" * 400, "1,1,1,1,1,1,1", "1e9",
                                   "1000000, 1000000, 1000000", "٣", "½"])  # fmt: skip
def test_a_shape_is_a_few_whole_numbers(shape: str) -> None:
    with pytest.raises(ReadError):
        read_shape(shape)
    assert answers_of("nn.ReLU()", shape).reason


def test_long_sequences_cost_no_walk() -> None:
    """torch's own meta LSTM takes milliseconds a step, and would be at it for an hour."""
    answer = answer_of(read_layer("nn.LSTM(8, 16, 4, bidirectional=True)"), (100_000, 64, 8))
    assert answer.output == (100_000, 64, 32)


LITERALS = st.sampled_from(
    ("0", "1", "2", "3", "8", "-1", "1000000", "0.5", "1e6", "True", "None", "'same'", "'relu'",
     "'x'", "(3, 5)", "(1,)", "()", "(1, 2, 3)", "(None, 2)", "((1, 2), 3)", "''")
)  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
@settings(max_examples=25)
@given(data=st.data())
def test_any_arguments_get_an_answer_or_a_reason(name: str, data: st.DataObject) -> None:
    names = [each for each in KNOWN[name].defaults if each != "blocks"]
    chosen = data.draw(st.dictionaries(st.sampled_from(names or ["p"]), LITERALS, max_size=4))
    needed = {n: "8" for n, d in KNOWN[name].defaults.items() if d is inspect.Parameter.empty}
    words = ", ".join(f"{key}={value}" for key, value in {**needed, **chosen}.items())
    inside = "dense(width=8), " * (name == "residual")
    text = f"{KNOWN[name].prefix}{name}({inside}{words})"
    shape = data.draw(st.sampled_from(((8,), (8, 8), (1, 1), (2, 8, 8), (2, 8, 9, 9), (2,) * 5)))
    try:
        asked = read_layer(text)
    except ReadError:
        return
    answer = answer_of(asked, shape)
    assert (answer.output is None) == bool(answer.reason)
    assert read_layer(asked.code).code == asked.code


@settings(max_examples=300)
@given(st.text(alphabet="nn.ReLU()Sequential[]{}*-+=,\"'#\\\n 0123456789:@x\x00é", max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    answers_of(text, "2, 3")
    answers_of(f"nn.Linear({text})", text)
