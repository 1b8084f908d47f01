"""What flows on the wires is what hooks on a plain network get, in both modes and backward."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from nnviz.network import build_network
from nnviz.recorders import histogram
from nnviz.recorders.wires import wires_record
from nnviz.records import WiresRecord
from nnviz.spec import ExperimentSpec
from nnviz.training import TrainingState, advance, initial_state
from nnviz.training.trainer import Trainer


def experiment(placement: str = "before", **network: object) -> ExperimentSpec:
    blocks = [{"kind": "dense", "width": 16}] * 3
    settings = {"normalization": "batch", "activation": "relu", "placement": placement}
    return ExperimentSpec.model_validate(
        {
            "data": {"name": "spirals", "n_samples": 200},
            "network": {"blocks": blocks, **settings, **network},
        }
    )


def plain(state: TrainingState) -> nn.Sequential:
    spec = state.spec
    network = build_network(spec.network, spec.data.sample, spec.data.output_shape)
    network.load_state_dict({**state.parameters, **state.buffers})
    return network


def hooked(network: nn.Sequential, x: Tensor) -> dict[str, Tensor]:
    """The output of each part by its name, with gradients kept, and what came in."""
    found = {"input": x}

    def keeper(name: str):
        def keep(_, inputs, output: Tensor) -> None:
            found[name] = output
            if output.requires_grad:
                output.retain_grad()

        return keep

    for name, module in network.named_modules():
        if name.count(".") == 1:
            module.register_forward_hook(keeper(name))
    network(x)
    return found


def assert_same(record: WiresRecord, values: dict[str, Tensor]) -> None:
    assert set(record.names) == set(values)
    for place, name in enumerate(record.names):
        flat = values[name].detach().flatten()
        np.testing.assert_array_equal(
            record.histogram(place).counts_B, histogram(flat).counts_B, err_msg=name
        )
        assert record.limit_W[place] == histogram(flat).limit
        assert record.mean_W[place] == pytest.approx(flat.double().mean().item(), abs=1e-6)
        assert record.std_W[place] == pytest.approx(flat.double().std(correction=0).item(), 1e-5)
        assert record.zero_W[place] == pytest.approx((flat == 0).double().mean().item())
        assert record.negative_W[place] == pytest.approx((flat < 0).double().mean().item())


@pytest.mark.parametrize("placement", ["before", "after"])
def test_both_modes_and_the_gradient_are_those_of_a_plain_network(placement: str) -> None:
    spec = experiment(placement)
    before, _ = advance(initial_state(spec), n_steps=6)
    after, snapshots = advance(before, n_steps=1)
    wires = snapshots[-1].wires

    trainer = Trainer(spec)
    trainer.load(before)
    x, y = trainer.next_batch()
    train = hooked(network := plain(before).train(), x)
    loss = nn.functional.cross_entropy(train["output.linear"], y)
    loss.backward()
    assert_same(wires["train"], train)
    assert_same(
        wires["gradient"], {name: v.grad for name, v in train.items() if v.grad is not None}
    )
    n = snapshots[-1].n_reference
    with torch.no_grad():
        assert_same(wires["eval"], hooked(plain(after).eval(), trainer.train_x[:n]))
    assert network.training


def test_dropout_is_a_wire_of_its_own() -> None:
    spec = experiment(normalization="none", dropout=0.5)
    _, snapshots = advance(initial_state(spec), n_steps=1)
    train, evaluated = snapshots[-1].wires["train"], snapshots[-1].wires["eval"]
    dropped, active = (train.names.index(f"dense2.{part}") for part in ("dropout", "activation"))
    assert train.zero_W[dropped] > train.zero_W[active] + 0.1
    dropped, active = (
        evaluated.names.index(f"dense2.{part}") for part in ("dropout", "activation")
    )
    np.testing.assert_array_equal(evaluated.counts_WB[dropped], evaluated.counts_WB[active])


def test_what_only_moves_values_is_no_wire() -> None:
    spec = ExperimentSpec.model_validate(
        {"data": {"name": "digits"}, "network": {"blocks": [{"kind": "dense", "width": 8}]}}
    )
    _, snapshots = advance(initial_state(spec), n_steps=1)
    names = ("input", "dense1.linear", "dense1.activation", "output.linear")
    assert snapshots[-1].wires["train"].names == names


@given(
    st.lists(
        st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=1, max_size=9),
        min_size=1,
        max_size=5,
    )
)
def test_wires_of_any_sizes_are_measured_like_one_alone(rows: list[list[float]]) -> None:
    values = {f"wire {place}": torch.tensor(row) for place, row in enumerate(rows)}
    record = wires_record(values)
    for place, one in enumerate(values.values()):
        assert record.limit_W[place] == histogram(one).limit
        np.testing.assert_array_equal(record.counts_WB[place], histogram(one).counts_B)


def test_numbers_that_are_not_finite_are_counted_out() -> None:
    record = wires_record({"one": torch.tensor([1.0, float("inf"), -2.0])})
    assert record.counts_WB.sum() == 2


def test_of_very_many_values_those_of_the_first_samples_are_measured() -> None:
    values = torch.arange(4 * 30_000.0).reshape(4, 30_000)
    record = wires_record({"one": values})
    assert record.counts_WB.sum() == 2 * 30_000
    assert record.mean_W[0] == pytest.approx(values[:2].mean().item())
