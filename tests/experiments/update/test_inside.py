"""One update taken apart: autograd and the plain optimizer are the oracles."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.experiments.update import PHASES, Asked, look_inside
from nnviz.presets import PRESETS
from tests.experiments.update.plain import plain_update, states

PARTS = {"z": None, "y": "normalization", "a": "activation", "d": "dropout"}
slowly = settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def close(found, wanted, scale=0.0):
    """Equal to 1e-6 of the number, or of the largest that it was computed from."""
    assert abs(found - wanted) <= 1e-6 * max(abs(wanted), scale), (found, wanted)


def reader(record, plain):
    """From a part's name, and whether the gradient is meant, to the unit's number."""
    focus, sample = record.focus, record.sample
    learned = next(name for name in plain.passes if name.startswith(f"{focus.layer}.")
                   and name.split(".")[-1] in ("linear", "convolution"))  # fmt: skip

    def read(symbol, backward=False):
        part = PARTS[symbol]
        name = f"{focus.layer}.{part}" if part else learned
        values = plain.passes[name][1]
        chosen = values.grad if backward else values.detach()
        own_B = chosen.reshape(*chosen.shape[:2], -1)[:, focus.unit, focus.position].double()
        size = float(chosen.abs().max())
        if sample is not None:
            return float(own_B[sample]), size
        return (float(own_B.sum()), size * len(own_B)) if backward else (float(own_B.mean()), size)

    return read, learned


def parameter(plain, record, learned):
    """The name of the chosen parameter, and where in it the unit's number is."""
    focus = record.focus
    part, name = {
        "weight": (learned, "weight"),
        "bias": (learned, "bias"),
        "gamma": (f"{focus.layer}.normalization", "weight"),
        "beta": (f"{focus.layer}.normalization", "bias"),
        "slope": (f"{focus.layer}.activation", "weight"),
    }[focus.of]
    full = f"{part}.{name}"
    tensor = plain.gradients[full]
    if focus.of == "weight":
        return full, focus.unit * tensor[0].numel() + focus.source
    if focus.of == "slope":
        return full, 0
    return full, focus.unit if tensor.dim() == 1 else (
        focus.unit * tensor[0].numel() + focus.position
    )


@st.composite
def questions(draw, state):
    if draw(st.booleans()):
        return Asked(sample=draw(st.sampled_from((None, "batch"))))
    layers = [each for each in state.spec.layer_shapes if each.n_parameters]
    layer = draw(st.sampled_from(layers))
    return Asked(
        sample=draw(st.sampled_from((None, "batch", 0, 3))),
        layer=layer.name,
        unit=draw(st.integers(0, layer.output_shape[0] - 1)),
        of=draw(st.sampled_from((None, "weight", "bias", "gamma", "beta", "slope"))),
        source=draw(st.sampled_from((None, 0, 1))),
    )


@slowly
@given(st.data())
def test_every_number_is_autograds_and_the_plain_optimizers(data):
    state = data.draw(states())
    record = look_inside(state, data.draw(questions(state)))
    plain = plain_update(state)
    read, learned = reader(record, plain)
    for line in record.lines["forward"]:
        if line.symbol in PARTS:
            close(line.value, *read(line.symbol))
    for line in record.lines["backward"][:-1]:
        if line.symbol.startswith("∂L/∂"):
            close(line.value, *read(line.symbol.removeprefix("∂L/∂"), backward=True))
    close(record.loss, float(plain.loss), float(plain.losses_B.abs().max()))
    np.testing.assert_allclose(
        record.losses_B, plain.losses_B.detach().numpy(), rtol=1e-5,
        atol=1e-6 * float(plain.losses_B.abs().max()),
    )  # fmt: skip
    name, at = parameter(plain, record, learned)
    whole = float(torch.cat([g.flatten() for g in plain.gradients.values()]).abs().max())
    close(record.lines["backward"][-1].value, float(plain.gradients[name].flatten()[at]), whole)
    update, optimizer = record.lines["update"], state.spec.training.optimizer
    g = [line for line in update if line.symbol == "g"][-1]
    close(g.value, float(plain.used[name].flatten()[at]), whole)
    rate = optimizer.learning_rate
    close(update[-1].value, float(plain.after[name].flatten()[at]), rate)
    for symbol, memory in remembered(optimizer, plain).items():
        line = next(line for line in update if line.symbol == symbol)
        wanted = memory[offset(plain, name) + at]
        close(line.value, float(wanted), float(memory.abs().max()))


def offset(plain, name):
    """Where a parameter begins in the vector over all of them."""
    sizes = {other: tensor.numel() for other, tensor in plain.gradients.items()}
    names = [*sizes]
    return sum(sizes[other] for other in names[: names.index(name)])


def remembered(optimizer, plain):
    """The optimizer's memory by the symbol that it is shown as."""
    symbols = {
        "sgd": {"v": "momentum_buffer"},
        "rmsprop": {"v": "square_avg", "n": "momentum_buffer"},
        "adagrad": {"v": "sum"},
    }.get(optimizer.name, {"m": "exp_avg", "v": "exp_avg_sq"})
    return {s: plain.memory[kept] for s, kept in symbols.items() if kept in plain.memory}


@slowly
@given(st.data())
def test_what_is_shown_and_the_rest_are_the_sum(data):
    state = data.draw(states())
    record = look_inside(state, data.draw(questions(state)))
    passes = plain_update(state).passes.values()
    slope = max(float(result.grad.abs().max()) for _, result in passes)
    for phase in PHASES:
        for line in record.lines[phase]:
            if line.terms:
                for term in line.terms:
                    assert math.isclose(math.prod(term.factors), term.product, rel_tol=1e-6)
                total = sum(term.product for term in line.terms) + line.rest
                size = sum(abs(term.product) for term in line.terms) * (1 + line.n_more)
                if record.sample is None and phase == "backward":  # of samples that may cancel
                    size = max(size, slope * len(record.losses_B))
                close(total, line.value, size)
                assert len(line.terms) <= 7


FUNCTION = re.compile(r"[a-z0-9 ]+′?\(")


def computed(line):
    """What the numbers of a line give, read as arithmetic."""
    text = line.numbers.format(*[f"({value!r})" for value in line.values])
    for old, new in (("−ln ", "-log"), (" · ln ", "*log"), ("²", "**2"), ("·", "*"), ("−", "-"),
                     ("√(", "sqrt("), ("√", "sqrt"), ("e^", "exp")):  # fmt: skip
        text = text.replace(old, new)
    names = {"sqrt": math.sqrt, "exp": math.exp, "log": math.log}
    return eval(text, {"__builtins__": {}}, names)  # noqa: S307 - a line of our own


@slowly
@given(st.data())
def test_the_numbers_in_a_line_give_its_value(data):
    state = data.draw(states())
    record = look_inside(state, data.draw(questions(state)))
    for phase in PHASES:
        for line in record.lines[phase]:
            if not line.numbers or FUNCTION.match(line.numbers):
                continue
            if line.numbers.startswith("({} − {} − {} · {}) / {}"):
                size = sum(map(abs, line.values[:2])) + abs(line.values[2] * line.values[3])
                size /= line.values[4]
            elif line.numbers.startswith("({} − {}) / √"):
                size = sum(map(abs, line.values[:2])) / math.sqrt(sum(line.values[2:]))
            else:
                size = max(abs(value) for value in line.values)
            assert abs(computed(line) - line.value) <= 1e-5 * max(abs(line.value), size), line


@slowly
@given(st.data())
def test_looking_changes_nothing(data):
    state = data.draw(states())
    before, ahead = state.to_bytes(), advance(state, n_steps=1, record=False)[0]
    record = look_inside(state, data.draw(questions(state)))
    assert state.to_bytes() == before
    after = advance(state, n_steps=1, record=False)[0]
    assert after.to_bytes() == ahead.to_bytes()
    names = {"weight": "weight", "bias": "bias"}
    for row in record.changed:
        if row.of in names:
            tensor = next(t for n, t in after.parameters.items() if n.startswith(
                f"{record.focus.layer}.") and n.split(".")[-2] in ("linear", "convolution")
                and n.endswith(names[row.of]))  # fmt: skip
            own = tensor[record.focus.unit].flatten()
            assert row.after == float(own[row.source])


@slowly
@given(st.data())
def test_the_drawing_shows_what_flows(data):
    state = data.draw(states())
    record = look_inside(state, Asked(sample=0))
    plain = plain_update(state)
    assert record.columns[0].name == "input"
    for column in record.columns[1:]:
        assert len(column.units) == min(column.n_units, 12)
        last = [n for n in plain.passes if n.startswith(f"{column.name}.")][-1]
        own = plain.passes[last][1].detach()[0, list(column.units)]
        if own[0].numel() == column.values_UP.shape[1]:
            np.testing.assert_allclose(
                column.values_UP, own.reshape(len(own), -1).numpy(), rtol=1e-6,
                atol=1e-6 * float(own.abs().max()),
            )  # fmt: skip
        if column.name == record.focus.layer and column.shape:
            own = plain.passes[last][1].detach()[0, record.focus.unit].flatten()
            drawn = column.values_UP[column.units.index(record.focus.unit)]
            assert drawn[record.focus.spot] == float(own[record.focus.position])
    focus, fed = record.columns[record.focus.column], record.columns[record.focus.column - 1]
    assert record.focus.unit in focus.units
    if record.focus.column in {edges.column for edges in record.edges}:
        terms = record.lines["forward"][0].terms
        assert {term.unit for term in terms} - {-1} <= set(fed.units)
    for edges in record.edges:
        right = record.columns[edges.column]
        assert edges.before_TF.shape == (
            len(right.units),
            len(record.columns[edges.column - 1].units),
        )


def test_it_opens_on_a_wrong_sample_and_a_unit_that_learns():
    state, _ = advance(initial_state(PRESETS["two_moons"].spec), n_steps=20, record=False)
    record = look_inside(state, Asked())
    assert record.wrong_B[record.sample]
    assert abs(record.lines["backward"][-1].value) == pytest.approx(
        max(abs(row.gradient) for row in record.changed)
    )
    assert record.focus.layer != "output"


def test_every_past_step_opens():
    spec = PRESETS["two_moons"].spec
    states_ = [initial_state(spec)]
    for _ in range(3):
        states_.append(advance(states_[-1], n_steps=1, record=False)[0])
    asked = Asked(sample=0, layer="dense1", unit=0, source=0)
    records = [look_inside(state, asked) for state in states_]
    for one, following in pairwise(records):
        chosen = next(row for row in following.changed if (row.of, row.source) == ("weight", 0))
        assert one.lines["update"][-1].value == chosen.before
    assert [record.step for record in records] == [0, 1, 2, 3]


def test_a_shortcut_is_named_in_the_sum():
    blocks = [
        {"kind": "dense", "width": 4},
        {"kind": "residual", "blocks": [{"kind": "dense", "width": 4}] * 2},
    ]
    spec = ExperimentSpec.model_validate({"data": {"name": "moons"}, "network": {"blocks": blocks}})
    for layer in ("dense1", "residual2.dense1", "residual2.dense2"):
        record = look_inside(initial_state(spec), Asked(sample=0, layer=layer, unit=1))
        first = record.lines["backward"][0]
        past = [term for term in first.terms if "shortcut" in term.label]
        assert bool(past) == (layer != "residual2.dense1")
        total = sum(term.product for term in first.terms) + first.rest
        close(total, first.value, sum(abs(term.product) for term in first.terms))


def test_the_shortcuts_part_is_what_comes_past_the_weights():
    """Behind the sum the same gradient arrives at the shortcut as at the answer of the blocks."""
    blocks = [
        {"kind": "dense", "width": 4},
        {"kind": "residual", "blocks": [{"kind": "dense", "width": 4}] * 2},
    ]
    spec = ExperimentSpec.model_validate({"data": {"name": "moons"}, "network": {"blocks": blocks}})
    state = initial_state(spec)
    record = look_inside(state, Asked(sample=0, layer="dense1", unit=1))
    plain = plain_update(state)
    behind = plain.passes["residual2.1.dense2.activation"][1] if (
        "residual2.1.dense2.activation" in plain.passes) else next(
        given for name, (_, given) in plain.passes.items() if name.endswith("dense2.activation")
    )  # fmt: skip
    past = next(t for t in record.lines["backward"][0].terms if "shortcut" in t.label)
    close(past.product, float(behind.grad[0, 1]), float(behind.grad.abs().max()))


def test_what_was_done_by_hand_is_in_the_update():
    done = [
        {"step": 0, "do": "off", "layer": "dense1", "unit": 1},
        {"step": 0, "do": "set", "layer": "dense2", "unit": 0, "input": 2, "value": 0.75},
        {"step": 0, "do": "freeze", "layer": "dense2"},
    ]
    document = PRESETS["two_moons"].spec.model_dump(mode="json")
    document["training"] |= {"by_hand": done, "clip_norm": 0.1}
    state = initial_state(ExperimentSpec.model_validate(document))
    off = look_inside(state, Asked(sample=0, layer="dense1", unit=1))
    assert off.lines["forward"][-1].value == 0
    assert "switched off" in off.lines["forward"][-1].note
    frozen = look_inside(state, Asked(sample=0, layer="dense2", unit=0, source=2))
    assert [line.value for line in frozen.lines["update"]][-1] == 0.75
    assert all(row.before == row.after for row in frozen.changed)
    going = look_inside(state, Asked(sample=0, layer="output", unit=0, source=0))
    clipped = going.lines["update"][1]
    close(computed(clipped), clipped.value)


@pytest.mark.parametrize("name", ["memory", "sorting", "brackets"])
def test_other_kinds_are_refused_in_words(name):
    with pytest.raises(ValueError, match="takes networks of dense, convolution and pool blocks"):
        look_inside(initial_state(PRESETS[name].spec), Asked())


def test_a_unit_that_is_not_there_is_refused_in_words():
    state = initial_state(PRESETS["two_moons"].spec)
    with pytest.raises(ValueError, match="dense1 has no unit 99"):
        look_inside(state, Asked(layer="dense1", unit=99))
    with pytest.raises(ValueError, match="nothing has no unit 0"):
        look_inside(state, Asked(layer="nothing", unit=0))
