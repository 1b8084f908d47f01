"""What is recorded of every kind of block is finite, and each tensor's rows are torch's own."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from nnviz import ExperimentSpec, advance, initial_state
from nnviz.network import build_network
from nnviz.recorders.parts import learned_part
from nnviz.records import LayerRecord, Snapshot
from nnviz.training import TrainingState
from nnviz.training.trainer import Trainer
from tests.blocks.cases import CASES

N_STEPS = 4
UNLEARNED = ("pool", "flatten", "residual")
GATES = {"rnn": 1, "gru": 3, "lstm": 4}


@cache
def trained(case: str) -> tuple[TrainingState, TrainingState, Snapshot]:
    """Before the last step, after it, and what was recorded of it."""
    before, _ = advance(
        initial_state(ExperimentSpec.model_validate(CASES[case])), N_STEPS, record=False
    )
    after, (snapshot,) = advance(before, n_steps=1)
    return before, after, snapshot


def layers_of(case: str) -> tuple[LayerRecord, ...]:
    snapshot = trained(case)[2]
    return (*snapshot.layers, snapshot.output)


def weights_of(case: str, layer: str, state: TrainingState) -> dict[str, Tensor]:
    """The layer's own tensors of rank 2 or more, by their names in its part with weights."""
    spec = state.spec
    network = build_network(spec.network, spec.data.sample, spec.data.output_shape)
    network.load_state_dict({**state.parameters, **state.buffers})
    learned = learned_part(network.get_submodule(layer))
    assert learned is not None
    return {n: p.detach() for n, p in learned.named_parameters() if p.dim() > 1}


@pytest.mark.parametrize("case", CASES)
def test_every_block_is_recorded_once_in_the_order_of_computation(case: str) -> None:
    before, _, _ = trained(case)
    assert [layer.name for layer in layers_of(case)] == [
        shape.name for shape in before.spec.layer_shapes
    ]
    for layer in layers_of(case):
        learns = before.spec.layer_shapes[_place(case, layer)].n_parameters > 0
        assert layer.is_learned == (layer.kind not in UNLEARNED and learns)


def _place(case: str, layer: LayerRecord) -> int:
    return [each.name for each in layers_of(case)].index(layer.name)


@pytest.mark.parametrize("case", CASES)
def test_what_is_measured_is_finite(case: str) -> None:
    snapshot = trained(case)[2]
    assert math.isfinite(snapshot.train_loss + snapshot.test_loss + snapshot.batch_loss)
    for layer in layers_of(case):
        own = [layer.mean, layer.std, layer.output_mean, layer.output_std, layer.zero_fraction]
        if layer.is_learned:
            own += [layer.weight_norm, layer.grad_norm, layer.grad_rms, layer.delta_rms]
            own.append(layer.update_to_weight_ratio)
            assert {"weight", "gradient"} <= set(layer.histograms)
        else:
            assert math.isnan(layer.weight_norm)
            assert math.isnan(layer.grad_norm)
        assert all(map(math.isfinite, own)), layer.name
        for tensor in layer.tensors:
            assert math.isfinite(tensor.norm + tensor.grad_norm + tensor.update_to_weight_ratio)


@pytest.mark.parametrize("case", CASES)
def test_norms_of_a_blocks_tensors_add_up(case: str) -> None:
    _, after, _ = trained(case)
    for layer in layers_of(case):
        if not layer.is_learned:
            assert layer.tensors == ()
            continue
        weights = weights_of(case, layer.name, after).values()
        whole = math.sqrt(sum(float(w.double().square().sum()) for w in weights))
        assert layer.weight_norm == pytest.approx(whole, rel=1e-5)
        assert (len(layer.tensors) > 1) == (len(weights) > 1)
        if layer.tensors:
            for quantity in ("norm", "grad_norm"):
                squares = sum(getattr(tensor, quantity) ** 2 for tensor in layer.tensors)
                own = layer.weight_norm if quantity == "norm" else layer.grad_norm
                assert math.sqrt(squares) == pytest.approx(own, rel=1e-5)
            counted = sum(int(tensor.histogram.counts_B.sum()) for tensor in layer.tensors)
            assert counted == sum(w.numel() for w in weights)
            assert len({tensor.role for tensor in layer.tensors}) == len(layer.tensors)


def gates_of(cell: str) -> list[str]:
    """torch's order: i, f, g, o and r, z, n."""
    lstm = ["input gate", "forget gate", "candidate", "output gate"]
    return {"rnn": ["state"], "lstm": lstm, "gru": ["reset gate", "update gate", "candidate"]}[cell]


@pytest.mark.parametrize("case", ["rnn", "lstm", "gru"])
def test_each_gate_is_its_rows_of_torchs_weights(case: str) -> None:
    before, after, _ = trained(case)
    (layer,) = (each for each in layers_of(case) if each.kind == "recurrent")
    by_role = {tensor.role: tensor for tensor in layer.tensors}
    width, gates = 5, gates_of(case)
    old = weights_of(case, layer.name, before)
    gradients = gradients_of(before, layer.name)
    for name, parameter in weights_of(case, layer.name, after).items():
        read = "input-to-hidden" if "_ih_" in name else "hidden-to-hidden"
        place = f", layer {int(name.split('_l')[1][0]) + 1}" if case == "lstm" else ""
        place += ", backward" if name.endswith("reverse") else ""
        for k, gate in enumerate(gates):
            rows = slice(k * width, (k + 1) * width)
            record = by_role.pop(f"{read}, {gate}{place}")
            assert record.norm == pytest.approx(float(parameter[rows].norm()), rel=1e-5)
            gradient = float(gradients[name][rows].norm())
            assert record.grad_norm == pytest.approx(gradient, rel=1e-4)
            moved = float((parameter[rows] - old[name][rows]).norm() / old[name][rows].norm())
            assert record.update_to_weight_ratio == pytest.approx(moved, rel=1e-4)
            counts, _ = np.histogram(
                parameter[rows].double(), bins=64,
                range=(-record.histogram.limit, record.histogram.limit),
            )  # fmt: skip
            np.testing.assert_array_equal(record.histogram.counts_B, counts)
    assert not by_role


def gradients_of(state: TrainingState, layer: str) -> dict[str, Tensor]:
    """The gradients of the next batch's loss, by the names that the part's weights have."""
    trainer = Trainer(state.spec, torch.device("cpu"))
    trainer.load(state)
    with trainer.untouched():
        trainer.backward()
    learned = learned_part(trainer.network.get_submodule(layer))
    assert learned is not None
    return {n: trainer.part_of(trainer.gradient, p) for n, p in learned.named_parameters()}


def test_the_forget_gates_rows_are_those_that_the_forget_bias_fills() -> None:
    """What torch's order is, seen in what an LSTM does: closed, the cell forgets its past."""
    documents = [{"kind": "recurrent", "width": 3, "forget_bias": bias} for bias in (-10.0, 10.0)]
    x = torch.randn(4, 2, 30, generator=torch.Generator().manual_seed(0)).requires_grad_()
    reach = []
    for document in documents:
        spec = ExperimentSpec.model_validate(
            {"data": CASES["rnn"]["data"], "network": {"blocks": [document]}}
        ).network
        network = build_network(spec, (2, 30), 1)
        (gradient,) = torch.autograd.grad(network(x).sum(), x)
        reach.append(float(gradient[:, :, 0].norm() / gradient[:, :, 15].norm()))
    assert reach[0] < 1e-6
    assert reach[1] > 0.1


def test_an_encoders_roles_are_its_rows() -> None:
    _, after, _ = trained("encoder")
    (layer,) = (each for each in layers_of("encoder") if each.kind == "encoder")
    weights, width = weights_of("encoder", layer.name, after), 6
    by_role = {tensor.role: tensor.norm for tensor in layer.tensors}
    for k in range(2):
        packed = weights[f"layers.{k}.self_attn.in_proj_weight"]
        expected = {
            "query": packed[:width],
            "key": packed[width : 2 * width],
            "value": packed[2 * width :],
            "mix of the heads": weights[f"layers.{k}.self_attn.out_proj.weight"],
            "feed-forward, first": weights[f"layers.{k}.linear1.weight"],
            "feed-forward, second": weights[f"layers.{k}.linear2.weight"],
        }
        for role, tensor in expected.items():
            norm = by_role.pop(f"{role}, layer {k + 1}")
            assert norm == pytest.approx(float(tensor.norm()), rel=1e-5)
    assert not by_role
