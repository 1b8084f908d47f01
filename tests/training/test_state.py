"""A saved training comes back exactly, and anything else is a SpecError."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from nnviz import (
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    NetworkSpec,
    OptimizerSpec,
    SpecError,
    TrainingSpec,
    TrainingState,
    advance,
    initial_state,
)
from nnviz.catalog.optimizers import OPTIMIZERS
from tests.training.test_bursts import assert_same

NETWORK = NetworkSpec(blocks=(DenseBlock(width=4, normalization="batch", dropout=0.1),))
SPEC = ExperimentSpec(data=DataSpec(n_samples=60), network=NETWORK)


def advanced(spec=SPEC, n_steps=5):
    return advance(initial_state(spec), n_steps=n_steps, record=False)[0]


STATE = advanced()
BYTES = STATE.to_bytes()


def opened(data=BYTES):
    size = int.from_bytes(data[:8], "little")
    return load(data), json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["nnviz"])


def closed(tensors, plain):
    return save(tensors, metadata={"nnviz": json.dumps(plain)})


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_bytes_give_back_the_state(name):
    training = TrainingSpec(optimizer=OptimizerSpec(name=name))
    spec = ExperimentSpec(data=SPEC.data, network=NETWORK, training=training)
    for state in (initial_state(spec), advanced(spec)):
        back = TrainingState.from_bytes(state.to_bytes())
        assert back.spec == state.spec
        assert_same(back, state)


def test_the_diverged_state_comes_back_with_its_divergence():
    training = {"optimizer": {"name": "sgd", "learning_rate": 100.0}}
    network = {"activation": "identity"}
    document = {"data": {"name": "sinusoid"}, "network": network, "training": training}
    state = advanced(ExperimentSpec.model_validate(document), 200)
    assert state.divergence is not None
    assert TrainingState.from_bytes(state.to_bytes()).divergence == state.divergence


def test_a_saved_training_is_plain_safetensors():
    tensors, plain = opened()
    assert set(plain) == {"spec", "step", "epoch", "position", "divergence"}
    assert torch.equal(
        tensors["parameters/dense1.linear.weight"], STATE.parameters["dense1.linear.weight"]
    )


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_random_bytes_are_a_spec_error(data):
    with pytest.raises(SpecError):
        TrainingState.from_bytes(data)


@settings(max_examples=150)
@given(st.integers(0, len(BYTES) - 1), st.integers(0, 255), st.integers(0, len(BYTES)))
def test_damaged_bytes_are_a_spec_error_or_a_training_that_goes_on(place, value, length):
    damaged = (BYTES[:place] + bytes([value]) + BYTES[place + 1 :])[: length or None]
    for data in (damaged, BYTES[:place], BYTES[:place] + bytes([value]) + BYTES[place + 1 :]):
        try:
            state = TrainingState.from_bytes(data)
        except SpecError:
            continue
        advance(state, n_steps=1)


def without(group, tensors):
    return {name: t for name, t in tensors.items() if not name.startswith(group)}


WRONG = {
    "a missing weight": lambda t, p: (t.pop("parameters/output.linear.bias"), p),
    "a missing buffer": lambda t, p: (t.pop("buffers/dense1.normalization.running_var"), p),
    "half an optimizer": lambda t, p: (t.pop("optimizer/exp_avg"), p),
    "an unknown weight": lambda t, p: t.update({"parameters/more": torch.zeros(1)}),
    "an unknown memory": lambda t, p: t.update({"optimizer/more": torch.zeros(30)}),
    "an unknown group": lambda t, p: t.update({"other/more": torch.zeros(1)}),
    "a name without a group": lambda t, p: t.update({"more": torch.zeros(1)}),
    "a short memory": lambda t, p: t.update({"optimizer/exp_avg": torch.zeros(2)}),
    "a wide step": lambda t, p: t.update({"optimizer/step": torch.zeros(7)}),
    "a negative step of Adam": lambda t, p: t.update({"optimizer/step": torch.tensor(-1.0)}),
    "a wrong shape": lambda t, p: t.update({"parameters/output.linear.bias": torch.zeros(9)}),
    "a wrong type": lambda t, p: t.update({"parameters/output.linear.bias": torch.zeros(2).int()}),
    "a negative step": lambda t, p: p.update(step=-1),
    "a step of text": lambda t, p: p.update(step="many"),
    "an infinite step": lambda t, p: p.update(step=1e999),
    "a position beyond the data": lambda t, p: p.update(position=45),
    "a negative position": lambda t, p: p.update(position=-3),
    "no epoch": lambda t, p: p.pop("epoch"),
    "no divergence": lambda t, p: p.pop("divergence"),
    "a divergence of text": lambda t, p: p.update(divergence="yes"),
    "a divergence nowhere": lambda t, p: p.update(
        divergence={"step": 1, "layer": "dense9", "quantity": "loss"}
    ),
    "a divergence of what": lambda t, p: p.update(
        divergence={"step": 1, "layer": "output", "quantity": ["loss"]}
    ),
    "another spec": lambda t, p: p["spec"]["network"].update(blocks=[]),
    "a spec of text": lambda t, p: p.update(spec="default"),
    "a spec too large": lambda t, p: p["spec"]["network"].update(
        blocks=[{"kind": "dense", "width": 1024}] * 60
    ),
    "a spec nested deeply": lambda t, p: p.update(spec=json.loads("[" * 900 + "]" * 900)),
}


@pytest.mark.parametrize("damage", WRONG)
def test_a_state_that_its_spec_could_not_reach_is_a_spec_error(damage):
    tensors, plain = opened()
    WRONG[damage](tensors, plain)
    with pytest.raises(SpecError):
        TrainingState.from_bytes(closed(tensors, plain))


@pytest.mark.parametrize("plain", [None, [], 3, "text", {}, True])
def test_metadata_of_another_kind_is_a_spec_error(plain):
    with pytest.raises(SpecError):
        TrainingState.from_bytes(closed(opened()[0], plain))


def test_states_are_plain_tensors_on_the_cpu_named_as_in_the_state_dict():
    from nnviz import build_network

    network = build_network(SPEC.network, (2,), 2, seed=SPEC.training.seed)
    start = initial_state(SPEC)
    named = {**start.parameters, **start.buffers}
    assert named.keys() == network.state_dict().keys()
    for name, tensor in network.state_dict().items():
        assert torch.equal(named[name], tensor)
        assert named[name].device.type == "cpu"
