"""What is seen inside a layer is what torch computes there, and looking changes nothing."""

from __future__ import annotations

import pytest
import torch

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.blocks.recurrent import GATES, unrolled
from nnviz.data import load
from nnviz.network import build_network
from nnviz.recorders.examples import N_EXAMPLES, seen_in
from nnviz.training.trainer import Trainer

EMBEDDED = [{"kind": "embedding", "width": 8}, {"kind": "positions"}]


def experiment(data: str, blocks: list, **settings) -> ExperimentSpec:
    document = {"name": data, "n_samples": 120, **settings}
    training = {"batch_size": 16, "device": "cpu"}
    return ExperimentSpec.model_validate(
        {"data": document, "network": {"blocks": blocks}, "training": training}
    )


def seen(spec: ExperimentSpec):
    network = build_network(spec.network, spec.data.sample, spec.data.output_shape).eval()
    x = load(spec.data).test_x
    with torch.no_grad():
        return network, x[:N_EXAMPLES], seen_in(network, spec.layer_shapes, x)


def test_an_encoder_s_attention_is_that_of_torch_s_own_module_layer_by_layer():
    encoder = {"kind": "encoder", "heads": 2, "layers": 2, "norm_first": True}
    network, x, found = seen(experiment("reversal", [*EMBEDDED, encoder], length=6))
    (record,) = [each for each in found["encoder3"] if each.name == "attention"]
    with torch.no_grad():
        h = network[1](network[0](x)).mT
        for k, layer in enumerate(network.encoder3.encoder.layers):
            asks = layer.norm1(h)
            q, key, _ = (asks @ layer.self_attn.in_proj_weight.T).chunk(3, dim=2)
            q, key = (part.unflatten(2, (2, 4)).transpose(1, 2) for part in (q, key))
            weights = (q @ key.mT / 2).softmax(dim=-1)
            torch.testing.assert_close(
                torch.as_tensor(record.values[:, k]).float(), weights, atol=1e-3, rtol=0
            )
            h = layer(h)
    assert record.axes == ("example", "layer", "head", "step", "looked at")


@pytest.mark.parametrize("cell", GATES)
def test_states_step_by_step_are_those_of_torch_s_recurrent_modules(cell):
    block = {"kind": "recurrent", "cell": cell, "width": 5, "output": "all"}
    network, x, found = seen(experiment("adding", [block], length=7))
    cells = network.recurrent1.recurrent.cells
    with torch.no_grad():
        told, states = unrolled(cells, x.mT), cells(x.mT)[0]
    torch.testing.assert_close(told["state"].mT, states, atol=1e-6, rtol=1e-5)
    gates = [name for name in GATES[cell] if name.endswith("gate")]
    assert all(((told[name] > 0) & (told[name] < 1)).all() for name in gates)
    names = [record.name for record in found["recurrent1"]]
    assert names == ["maps", *told]


def test_kernels_and_maps_are_the_network_s_own():
    blocks = [{"kind": "convolution", "channels": 4}, {"kind": "pool"}]
    network, x, found = seen(experiment("digits", blocks))
    maps, kernels = found["convolution1"]
    weight = network.convolution1.convolution.weight.detach()
    torch.testing.assert_close(torch.as_tensor(kernels.values), weight.half())
    with torch.no_grad():
        torch.testing.assert_close(torch.as_tensor(maps.values), network.convolution1(x).half())
    assert [record.name for record in found["pool2"]] == ["maps"]


def test_of_a_volume_the_middle_slices_are_seen():
    network, _, found = seen(experiment("volumes", [{"kind": "convolution", "channels": 2}]))
    maps, kernels = found["convolution1"]
    assert maps.values.shape == (N_EXAMPLES, 2, 12, 12)
    weight = network.convolution1.convolution.weight.detach()
    torch.testing.assert_close(torch.as_tensor(kernels.values), weight[:, :, 1].half())


def test_nothing_is_seen_of_plain_rows_of_numbers():
    assert seen(experiment("moons", [{"kind": "dense"}]))[2] == {}


def test_the_gradient_at_each_step_is_autograd_s():
    spec = experiment("adding", [{"kind": "recurrent", "width": 6}], length=9)
    _, snapshots = advance(initial_state(spec), n_steps=1)
    trainer = Trainer(spec)
    x, y = trainer.next_batch()
    x = x.detach().requires_grad_()
    trainer.loss(trainer.network(x), y).backward()
    expected = x.grad.square().mean(dim=(0, 1)).sqrt()
    measured = snapshots[-1].layers[0].step_gradient_T
    torch.testing.assert_close(torch.as_tensor(measured), expected, rtol=1e-5, atol=0)


@pytest.mark.parametrize(
    ("data", "blocks"),
    [
        ("adding", [{"kind": "recurrent", "width": 6, "cell": "gru"}]),
        ("reversal", [*EMBEDDED, {"kind": "encoder", "heads": 2, "dropout": 0.2}]),
    ],
)
def test_who_is_looked_at_learns_the_same(data, blocks):
    spec = experiment(data, blocks)
    seen_state, _ = advance(initial_state(spec), n_steps=9)
    alone_state, _ = advance(initial_state(spec), n_steps=9, record=False)
    for name, values in alone_state.parameters.items():
        assert torch.equal(values, seen_state.parameters[name]), name


def test_only_parts_that_read_steps_have_a_gradient_at_each():
    spec = experiment("mnist1d", [{"kind": "convolution"}, {"kind": "pool"}])
    _, snapshots = advance(initial_state(spec), n_steps=1)
    assert all(layer.step_gradient_T is None for layer in snapshots[-1].layers)
