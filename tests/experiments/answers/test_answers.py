"""What a network answers for one input: plain torch is the oracle, and nothing of it changes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nnviz import (
    ConvolutionBlock,
    DataSpec,
    DenseBlock,
    ExperimentSpec,
    NetworkSpec,
    TrainingSpec,
    advance,
    build_network,
    initial_state,
)
from nnviz.data import load
from nnviz.experiments.answers.answered import answered
from nnviz.experiments.answers.inputs import N_LISTED
from nnviz.experiments.answers.records import AskedInput
from nnviz.presets import PRESETS
from nnviz.training.trainer import Trainer

TWO = (DenseBlock(width=6),) * 2


def spec(data="moons", blocks=TWO, **network):
    return ExperimentSpec(
        data=DataSpec(name=data, n_samples=80),
        network=NetworkSpec(blocks=blocks, **network),
        training=TrainingSpec(batch_size=16, n_steps=100),
    )


def trained(asked, n_steps=7):
    return advance(initial_state(asked), n_steps=n_steps, record=False)[0]


def plain(state):
    """The same network, made of torch alone, in evaluation mode."""
    data = state.spec.data
    network = build_network(state.spec.network, data.sample, data.output_shape)
    network.load_state_dict({**state.parameters, **state.buffers})
    return network.eval()


def test_evaluation_mode_answers_and_every_block_gives_what_torch_computes():
    state = trained(spec(normalization="batch"))
    found = answered(state, AskedInput(values=(0.3, -0.8)))
    network, x = plain(state), torch.tensor([[0.3, -0.8]])
    with torch.no_grad():
        z = network.dense1.linear(x)
        first = network.dense1(x)
        output = network(x)
    np.testing.assert_array_equal(found.output, output[0].numpy())
    np.testing.assert_array_equal(found.probability, output[0].softmax(0).numpy())
    block = found.blocks[0]
    np.testing.assert_array_equal(block.pre_activation, z[0].numpy().astype(np.float16))
    np.testing.assert_array_equal(block.output, first[0].numpy().astype(np.float16))
    assert [each.name for each in found.blocks] == ["dense1", "dense2", "output"]
    assert (found.target, found.refusal, found.step) == (None, None, 7)


def test_training_within_a_batch_the_point_stands_in_for_its_first_sample():
    state = trained(spec(normalization="batch"))
    found = answered(state, AskedInput(values=(0.3, -0.8), mode="batch"))
    trainer = Trainer(state.spec)
    trainer.load(state)
    x = trainer.next_batch()[0].clone()
    x[0] = torch.tensor([0.3, -0.8])
    with torch.no_grad():
        oracle = plain(state).train()(x)[0]
    np.testing.assert_allclose(found.output, oracle.numpy(), rtol=1e-6)


def test_training_with_one_point_alone_is_refused_in_torchs_words():
    state = trained(spec(normalization="batch"))
    with pytest.raises(ValueError, match="more than 1 value") as torchs:
        plain(state).train()(torch.zeros(1, 2))
    found = answered(state, AskedInput(values=(0.0, 0.0), mode="alone"))
    assert found.refusal == str(torchs.value)
    assert (found.output, found.probability, found.blocks) == (None, None, ())


def test_training_with_one_point_alone_answers_where_torch_does():
    state = trained(spec(normalization="layer"))
    alone = answered(state, AskedInput(values=(0.3, -0.8), mode="alone"))
    evaluated = answered(state, AskedInput(values=(0.3, -0.8)))
    np.testing.assert_array_equal(alone.output, evaluated.output)


def test_dropout_masks_are_those_of_the_next_step():
    state = trained(spec(blocks=(DenseBlock(width=40, dropout=0.5),)))
    trainer = Trainer(state.spec)
    trainer.load(state)
    x, _ = trainer.next_batch()
    with torch.no_grad():
        passed = trainer.network.dense1(x)[0].numpy()
    asked = AskedInput(values=tuple(x[0].tolist()), mode="batch")
    first = answered(state, asked).blocks[0].output
    np.testing.assert_array_equal(first, passed.astype(np.float16))
    again = answered(state, asked).blocks[0].output
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("mode", ["evaluation", "alone", "batch"])
def test_nothing_changes_afterwards(mode):
    state = trained(spec(blocks=(DenseBlock(width=6, dropout=0.3),), normalization="batch"))
    before = state.to_bytes()
    torch.manual_seed(3)
    ahead = torch.rand(2)
    torch.manual_seed(3)
    answered(state, AskedInput(values=(1.0, 2.0), mode=mode, about=True, near=0, only_wrong=True))
    assert state.to_bytes() == before
    torch.testing.assert_close(torch.rand(2), ahead, rtol=0, atol=0)


def test_a_test_point_comes_with_what_is_right():
    state = trained(spec())
    data = load(state.spec.data)
    found = answered(state, AskedInput(point=4))
    np.testing.assert_array_equal(found.x, data.test_x[4].numpy())
    np.testing.assert_array_equal(found.target, [int(data.test_y[4])])
    values = answered(state, AskedInput(values=tuple(data.test_x[4].tolist())))
    np.testing.assert_array_equal(found.output, values.output)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (AskedInput(values=(1.0,)), "an input is 2 numbers; got 1"),
        (AskedInput(point=999), "one of the 20 test points; got 999"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(asked, words):
    with pytest.raises(ValueError, match=words):
        answered(initial_state(spec()), asked)


def test_tokens_are_whole_numbers_of_the_vocabulary():
    state = initial_state(PRESETS["brackets"].spec)
    length = state.spec.data.length
    for wrong in (0.5, 4.0, -1.0):
        with pytest.raises(ValueError, match="whole numbers from 0 to 3"):
            answered(state, AskedInput(values=(wrong,) * length))
    assert answered(state, AskedInput(values=(3.0,) * length)).probability.shape == (2,)


def test_maps_are_the_first_channels_and_large_ones_are_thinned():
    wide = ConvolutionBlock(channels=20)
    state = initial_state(spec("digits", (wide,)))
    found = answered(state, AskedInput(point=0))
    with torch.no_grad():
        maps = plain(state).convolution1(load(state.spec.data).test_x[:1])[0]
    np.testing.assert_array_equal(found.blocks[0].output, maps[:16].numpy().astype(np.float16))
    assert found.blocks[0].pre_activation is None
    long = initial_state(spec("mnist1d", (ConvolutionBlock(channels=2),)))
    assert answered(long, AskedInput(point=0)).blocks[0].output.shape == (2, 20)


def test_the_wrong_ones_are_those_that_are_answered_wrongly():
    state = trained(spec())
    data = load(state.spec.data)
    with torch.no_grad():
        answers = plain(state)(data.test_x).argmax(1)
    wrong = (answers != data.test_y).nonzero().flatten().numpy()
    listed = answered(state, AskedInput(near=0, only_wrong=True)).listed
    np.testing.assert_array_equal(listed.index_K, wrong[:N_LISTED])
    np.testing.assert_array_equal(listed.answer, answers[listed.index_K].numpy())
    np.testing.assert_array_equal(listed.target, data.test_y[listed.index_K].numpy())
    assert listed.n_wrong == len(wrong)


def test_a_list_goes_round_behind_the_last_test_point():
    listed = answered(initial_state(spec()), AskedInput(near=17)).listed
    assert listed.index_K.tolist() == [17, 18, 19, 0, 1, 2, 3, 4]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_asked(name):
    state = trained(PRESETS[name].spec, 2)
    found = answered(state, AskedInput(about=True, near=3))
    assert found.inputs.shape == tuple(load(state.spec.data).test_x.shape[1:])
    assert found.x.size == np.prod(found.inputs.shape)
    assert found.output.shape[0] == state.spec.data.output_shape[0]
    kinds = {"convolution": "image", "sine": "plane", "wide_scales": "table", "solids": "volume"}
    kinds |= {"memory": "signal", "reversal": "tokens"}
    assert found.inputs.kind == kinds.get(name, found.inputs.kind)
