"""The page of layers: every layer, every text, and code that prints what the page shows."""

from __future__ import annotations

import contextlib
import io

import pytest
from pydantic import ValidationError

from nnviz.experiments.layer_stack import KNOWN
from nnviz.spec.code import encoded
from nnviz.ui.exhibits.layers import EXHIBITS
from nnviz.ui.exhibits.layers.calculator import CALCULATOR, CalculatorSettings
from nnviz.ui.exhibits.layers.stack import EXAMPLES, STACK, StackSettings
from nnviz.ui.exhibits.layers.trials import trial


@pytest.fixture
def page(visit):
    """Open an exhibit with these settings in the address."""

    def open_page(exhibit=CALCULATOR, **settings):
        full = {**exhibit.settings().model_dump(mode="json"), **settings}
        code = {"view": exhibit.name, "settings": full}
        return visit("layers", lab=encoded(code, {}))

    return open_page


def printed(code):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "shown", "exec"), {})  # noqa: S102
    return out.getvalue().strip().splitlines()


def test_the_page_opens_with_something_to_see(visit):
    app = visit("layers")
    assert not app.exception
    assert app.title[0].value == "What comes out?"
    assert any("What to notice" in found.value for found in app.markdown)


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.name)
def test_every_exhibit_opens_from_its_address(page, exhibit):
    app = page(exhibit)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize(
    ("line", "shape"),
    [("__import__('os')", "32, 3"), ("nn.Linear(3, 4)", "x"), ("nn.ReLU()" * 99, "3")],
)
def test_settings_that_cannot_be_read_are_refused(page, line, shape):
    with pytest.raises(ValidationError):
        CalculatorSettings(line=line, shape=shape)
    app = page(line=line, shape=shape)
    assert not app.exception
    assert any("can't be used" in found.value for found in (*app.warning, *app.error, *app.toast))


def test_a_typed_mistake_is_said_and_the_last_layer_stays(page):
    app = page()
    field = next(found for found in app.text_input if found.label == "Layer")
    app = field.set_value("nn.Conv2d(3)").run()
    assert not app.exception
    assert "Conv2d needs out_channels, kernel_size" in app.error[0].value
    assert any("Conv2d turns" in found.value for found in app.markdown)


@pytest.mark.parametrize("name", KNOWN)
def test_every_layer_has_its_facts_code_and_trial(name):
    layer = KNOWN[name]
    settings = CalculatorSettings(line=layer.line, shape=layer.shape)
    shown = CALCULATOR.measure(settings)
    facts = CALCULATOR.picture(settings, shown).facts
    assert facts["output"]
    assert [argument["name"] for argument in facts["arguments"]] == list(layer.defaults)
    small = CalculatorSettings(line=layer.line, shape=", ".join(["2", *layer.shape.split(",")[1:]]))
    (row,) = printed(CALCULATOR.code(small))
    answer = CALCULATOR.measure(small).answer
    assert row == f"{answer.output} {answer.n_parameters}"
    blocks = trial(shown.asked).network.blocks
    if layer.is_block:
        assert layer.name in {block.kind for block in blocks}


@pytest.mark.parametrize("name", KNOWN)
def test_turning_an_argument_gives_a_line_that_can_be_read(name):
    layer = KNOWN[name]
    settings = CalculatorSettings(line=layer.line, shape=layer.shape)
    facts = CALCULATOR.picture(settings, CALCULATOR.measure(settings)).facts
    for argument in facts["arguments"]:
        for line in filter(None, argument["steps"]):
            turned = CalculatorSettings(line=line, shape=layer.shape)
            answer = CALCULATOR.measure(turned).answer
            assert answer.output or answer.reason


def test_the_arithmetic_is_what_comes_out():
    settings = CalculatorSettings(
        line="nn.Conv2d(3, 8, (3, 5), stride=2, padding=1, dilation=2)", shape="4, 3, 20, 31"
    )
    answer = CALCULATOR.measure(settings).answer
    assert [int(row.split("= ")[1]) for row in answer.arithmetic] == list(answer.output[2:])
    assert answer.arithmetic[0] == "⌊(20 + 2·1 − 2·(3 − 1) − 1) / 2⌋ + 1 = 9"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_prints_what_stands_beside_it(name):
    text, shape = EXAMPLES[name]
    settings = StackSettings(text=text, shape=shape)
    shown = STACK.measure(settings)
    assert (shown.wrong is not None) == (
        name in ("A small CNN that does not fit", "An LSTM in a Sequential")
    )
    rows = printed(STACK.code(settings))
    fitting = [line.answer for line in shown.lines if line.answer and line.answer.output]
    expected = [f"{a.output} {a.n_parameters}" for a in fitting if not a.gives_more]
    assert rows == expected
    assert STACK.experiment(settings)


def test_all_numbers_of_a_picture_are_plain_json(page):
    app = page(STACK, text="nn.Sequential(" * 7 + ")" * 7, shape="1")
    assert not app.exception
    app = page(STACK, text="nn.Linear(3,", shape="3")
    assert not app.exception
    app = page(STACK, text="", shape="")
    assert not app.exception
    app = page(STACK, text="nn.ReLU()", shape="9" * 50)
    assert not app.exception
