"""The oracle: the same update by plain autograd and the plain optimizer; random trainings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError
from torch import Tensor, nn
from torch.nn import functional as F

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.losses import LOSSES
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.spec import ExperimentSpec
from nnviz.training import TrainingState, advance, initial_state
from nnviz.training.trainer import Trainer


@dataclass
class Plain:
    """Every part's given and result with their gradients, and the optimizer afterwards."""

    network: nn.Sequential
    passes: dict[str, tuple[Tensor, Tensor]]
    x: Tensor
    y: Tensor
    loss: Tensor
    losses_B: Tensor
    gradients: dict[str, Tensor]
    used: dict[str, Tensor]
    after: dict[str, Tensor]
    memory: dict[str, Tensor]


def plain_update(state: TrainingState) -> Plain:
    """The next update, written out; only the batch and the masks are the trainer's."""
    trainer = Trainer(state.spec)
    trainer.load(state)
    x, y = trainer.next_batch()
    passes: dict[str, tuple[Tensor, Tensor]] = {}
    for name, module in trainer.network.named_modules():
        if not [*module.children()]:
            module.register_forward_hook(_keeping(passes, name))
    x = x.clone().requires_grad_()
    loss, losses_B = _loss(state, trainer.network(x), y)
    loss.backward()
    gradients = {n: p.grad.clone() for n, p in trainer.network.named_parameters()}
    plain = Plain(
        trainer.network, passes, x, y, loss.detach(), losses_B.detach(), gradients, {}, {}, {}
    )  # fmt: skip
    _step(state, plain, trainer.learning_rate)
    return plain


def _keeping(passes: dict[str, tuple[Tensor, Tensor]], name: str):
    def keep(module: nn.Module, given: tuple[Tensor, ...], result: Tensor) -> None:
        given[0].retain_grad()
        result.retain_grad()
        passes[name] = given[0], result

    return keep


def _loss(state: TrainingState, output: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """torch's own loss, and each sample's own term by hand."""
    training = state.spec.training
    if training.loss == "cross_entropy":
        n_classes, share = output.shape[1], training.label_smoothing
        target = F.one_hot(y, n_classes) * (1 - share) + share / n_classes
        weights = torch.ones(n_classes)
        if training.class_weights:
            weights = torch.tensor(training.class_weights)
        terms = -(target * weights * output.detach().log_softmax(1)).sum(1)
        weight = weights if training.class_weights else None
        return F.cross_entropy(output, y, weight=weight, label_smoothing=share), terms
    values = y if y.is_floating_point() else F.one_hot(y, output.shape[1]).float()
    error = output.detach() - values
    if training.loss == "huber":
        delta, far = training.huber_delta, error.abs()
        terms = torch.where(far < delta, 0.5 * far**2, delta * (far - 0.5 * delta))
        return F.huber_loss(output, values, delta=delta), terms.sum(1)
    return F.mse_loss(output, values), error.square().sum(1)


def _step(state: TrainingState, plain: Plain, rate: float) -> None:
    training, asked = state.spec.training, state.spec.training.optimizer
    named = dict(plain.network.named_parameters())
    if training.l1:
        for parameter in named.values():
            if parameter.dim() > 1:
                parameter.grad += training.l1 * parameter.detach().sign()
    if training.clip_norm:
        nn.utils.clip_grad_norm_(named.values(), training.clip_norm)
    flat = nn.Parameter(torch.cat([p.detach().flatten() for p in named.values()]))
    flat.grad = torch.cat([p.grad.flatten() for p in named.values()])
    plain.used = {name: p.grad.clone() for name, p in named.items()}
    call = OPTIMIZERS[asked.name].call(rate, asked.weight_decay, asked.arguments)
    optimizer = call([flat], foreach=False)
    optimizer.state[flat].update({n: t.clone() for n, t in state.optimizer.items()})
    optimizer.step()
    pieces = flat.detach().split([p.numel() for p in named.values()])
    plain.after = {n: v.view_as(p) for (n, p), v in zip(named.items(), pieces, strict=True)}
    plain.memory = {n: t for n, t in optimizer.state[flat].items() if isinstance(t, Tensor)}


def around() -> dict[str, st.SearchStrategy[Any]]:
    return {
        "activation": st.sampled_from(sorted(ACTIVATIONS)),
        "normalization": st.sampled_from(sorted(NORMALIZATIONS)),
        "placement": st.sampled_from(("before", "after")),
        "groups": st.sampled_from((1, 2)),
        "dropout": st.sampled_from((0.0, 0.0, 0.3)),
        "dropout_kind": st.sampled_from(("auto", "elementwise", "alpha")),
    }


def dense() -> st.SearchStrategy[dict[str, Any]]:
    fields = {"kind": st.just("dense"), "width": st.sampled_from((1, 4, 6, 14)), **around()}
    return st.fixed_dictionaries(fields)


def convolution() -> st.SearchStrategy[dict[str, Any]]:
    fields = {
        "kind": st.just("convolution"),
        "channels": st.sampled_from((2, 4)),
        "kernel_size": st.integers(1, 4),
        "stride": st.integers(1, 2),
        "dilation": st.integers(1, 2),
        "padding": st.sampled_from(("same", "valid")),
        "bias": st.booleans(),
        **around(),
    }
    return st.fixed_dictionaries(fields)


def pool() -> st.SearchStrategy[dict[str, Any]]:
    methods = st.sampled_from(("max", "average", "global_average"))
    return st.fixed_dictionaries({"kind": st.just("pool"), "method": methods})


def optimizers() -> st.SearchStrategy[dict[str, Any]]:
    plain = st.sampled_from(sorted(OPTIMIZERS)).map(lambda name: {"name": name})
    pushed = st.sampled_from(
        (
            {"name": "sgd", "momentum": 0.9},
            {"name": "sgd", "momentum": 0.8, "nesterov": True},
            {"name": "rmsprop", "momentum": 0.5},
            {"name": "adam", "beta1": 0.5},
        )
    )
    decays = st.sampled_from((0.0, 0.05))
    return st.tuples(plain | pushed, decays).map(
        lambda two: {**two[0], "weight_decay": two[1], "learning_rate": 0.01}
    )


@st.composite
def states(draw: st.DrawFn) -> TrainingState:
    """A small training some steps on its way."""
    name = draw(st.sampled_from(("moons", "sinusoid", "gaussians", "digits", "mnist1d")))
    blocks = draw(st.lists(dense(), max_size=3))
    if name in ("digits", "mnist1d"):
        blocks = [*draw(st.lists(convolution() | pool(), max_size=2)), *blocks]
    is_class = name != "sinusoid"
    losses = sorted(LOSSES) if is_class else ["mse", "huber"]
    training: dict[str, Any] = {
        "loss": draw(st.sampled_from(losses)),
        "optimizer": draw(optimizers()),
        "batch_size": draw(st.sampled_from((7, 16))),
        "l1": draw(st.sampled_from((0.0, 0.01))),
        "clip_norm": draw(st.sampled_from((None, 0.1, 10.0))),
        "schedule": {"name": draw(st.sampled_from(("constant", "cosine")))},
        "n_steps": 50,
    }
    if training["loss"] == "cross_entropy":
        training["label_smoothing"] = draw(st.sampled_from((0.0, 0.1)))
        if name == "moons":
            training["class_weights"] = draw(st.sampled_from((None, (1.0, 3.0))))
    data = {"name": name, "n_samples": 60} if name not in ("digits", "mnist1d") else {"name": name}
    try:
        spec = ExperimentSpec.model_validate(
            {"data": data, "network": {"blocks": blocks}, "training": training}
        )
    except ValidationError:
        assume(False)
        raise
    n_steps = draw(st.integers(0, 3))
    start = initial_state(spec)
    state = advance(start, n_steps=n_steps, record=False)[0] if n_steps else start
    assume(state.divergence is None)
    return state
