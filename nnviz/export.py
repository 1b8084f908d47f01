"""An experiment as a plain PyTorch script, to read and to run without nnviz.

The script holds the same data, layers, initial distributions, loss, optimizer and schedule. Its
random numbers come from torch's own generator: losses agree in kind, not digit by digit.
"""

from __future__ import annotations

import inspect
from textwrap import indent

from torch import nn

from nnviz.catalog.activations import gain
from nnviz.catalog.initializers import INITIALIZERS, fits
from nnviz.network import build_network
from nnviz.spec import ExperimentSpec, InitializationSpec

_IMPORTS = """\
from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
"""
_OPTIMIZERS = {
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "rmsprop": "RMSprop",
    "adagrad": "Adagrad",
}
_TABLES = {
    "digits": "load_digits",
    "wine": "load_wine",
    "breast_cancer": "load_breast_cancer",
    "iris": "load_iris",
    "diabetes": "load_diabetes",
}
_TRUTHS = {"sinusoid": "np.sin(math.pi * x)", "polynomial": "2 * x**3 - 1.2 * x + 0.2"}
_FACTORS = {
    "constant": "1.0",
    "step": "{gamma} ** (step // {every:.0f})",
    "cosine": "(1 + math.cos(math.pi * min(step, n_steps) / n_steps)) / 2",
    "warm_up": "min(1.0, (step + 1) / {warmup_steps:.0f})",
}


def to_pytorch(spec: ExperimentSpec) -> str:
    """A script that runs where torch, NumPy and the data's package are installed."""
    parts = (_IMPORTS, _data(spec), _network(spec), _initialization(spec), _training(spec))
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _data(spec: ExperimentSpec) -> str:
    data = spec.data
    is_class = data.entry.task == "classification"
    lines = [
        f"torch.manual_seed({spec.training.seed})",
        f"rng = np.random.default_rng({data.seed})",
        _drawing(spec),
        "order = rng.permutation(len(x))",
        f"train, test = order[{data.n_test}:], order[:{data.n_test}]",
    ]
    if data.label_noise:
        lines += [
            f"wrong = train[: round({data.label_noise} * len(train))]",
            f"y[wrong] = (y[wrong] + rng.integers(1, {data.classes}, len(wrong))) % {data.classes}",
        ]
    lines += _scaling(spec, "x")
    if data.entry.scale_target:
        lines += _scaling(spec, "y")
    target = "long" if is_class else "float32"
    lines += [
        "x = torch.as_tensor(x, dtype=torch.float32)",
        f"y = torch.as_tensor(y, dtype=torch.{target})",
    ]
    return "\n".join(lines)


def _drawing(spec: ExperimentSpec) -> str:
    data = spec.data
    if data.name in _TABLES:
        values = "bunch.images[:, None] / 16.0" if data.name == "digits" else "bunch.data"
        target = "bunch.target[:, None]" if data.entry.task == "regression" else "bunch.target"
        return (
            f"from sklearn.datasets import {_TABLES[data.name]}\n\n"
            f"bunch = {_TABLES[data.name]}()\n"
            f"chosen = rng.permutation(len(bunch.target))[:{data.size}]\n"
            f"x, y = ({values})[chosen], ({target})[chosen]"
        )
    if data.name == "mnist1d":
        return (
            "from mnist1d.data import get_dataset_args, make_dataset\n\n"
            "made = make_dataset(get_dataset_args())\n"
            "x = np.concatenate([made['x'], made['x_test']])[:, None]\n"
            "y = np.concatenate([made['y'], made['y_test']])\n"
            f"chosen = rng.permutation(len(y))[:{data.size}]\n"
            "x, y = x[chosen], y[chosen]"
        )
    if data.name in _TRUTHS:
        return (
            f"x = rng.uniform(-1, 1, ({data.size}, 1))\n"
            f"y = {_TRUTHS[data.name]} + {data.noise_level} * rng.standard_normal(x.shape)"
        )
    draw = inspect.getsource(data.entry.draw)
    call = f"{data.entry.draw.__name__}({data.size}, {data.noise_level}, {data.classes}, rng)"
    return f"\n\n{draw}\n\nx, y = {call}"


def _scaling(spec: ExperimentSpec, name: str) -> list[str]:
    axis = "0" if name == "y" or len(spec.data.entry.input_shape) == 1 else "None"
    if spec.data.scaling == "none":
        return []
    if spec.data.scaling == "standard":
        shift, factor = f"{name}[train].mean(axis={axis})", f"{name}[train].std(axis={axis})"
    else:
        ends = f"{name}[train].min(axis={axis}), {name}[train].max(axis={axis})"
        return [
            f"low, high = {ends}",
            f"{name} = ({name} - (low + high) / 2) / np.where(high > low, (high - low) / 2, 1)",
        ]
    return [
        f"shift, factor = {shift}, {factor}",
        f"{name} = ({name} - shift) / np.where(factor > 0, factor, 1)",
    ]


def _network(spec: ExperimentSpec) -> str:
    network = build_network(spec.network, spec.data.entry.input_shape, spec.data.n_outputs)
    lines = []
    for name, block in network.named_children():
        parts = "\n".join(f"nn.{part!r},  # {name}" for part in block.children())
        lines.append(indent(parts, "    "))
    return "network = nn.Sequential(\n" + "\n".join(lines) + "\n)"


def _initialization(spec: ExperimentSpec) -> str:
    """One line a layer, in the order in which the layers with weights stand in the network."""
    lines, place = [], -1
    network = build_network(spec.network, spec.data.entry.input_shape, spec.data.n_outputs)
    for layer, block in zip(spec.layer_shapes, network.children(), strict=True):
        for part in block.children():
            place += 1
            if not isinstance(part, (nn.Linear, nn.Conv1d, nn.Conv2d)):
                continue
            settings = layer.settings
            chosen = settings.initialization if settings else spec.network.initialization
            if chosen.name != "default" and fits(chosen.name, part.weight.dim()):
                factor = gain(settings.activation if settings else "identity")
                lines += _filling(chosen, factor, f"network[{place}]")
    if not lines:
        return ""
    return "with torch.no_grad():\n" + indent("\n".join(lines), "    ")


def _filling(chosen: InitializationSpec, factor: float, layer: str) -> list[str]:
    arguments = {**INITIALIZERS[chosen.name].arguments, **chosen.arguments}
    scale = arguments.pop("gain", 1.0)
    scale = factor if scale is None else scale
    fill = f"nn.init.{chosen.name}_({layer}.weight"
    if chosen.name.startswith("kaiming"):
        fill = f"{fill}, mode={arguments['mode']!r}, nonlinearity='linear').mul_({scale})"
    elif chosen.name.startswith(("xavier", "orthogonal")):
        fill = f"{fill}, gain={scale})"
    else:
        fill += "".join(f", {'val' if k == 'value' else k}={v}" for k, v in arguments.items()) + ")"
    return [fill, f"nn.init.constant_({layer}.bias, {chosen.bias or 0.0})"]


def _training(spec: ExperimentSpec) -> str:
    training = spec.training
    schedule = training.schedule
    factor = _FACTORS.get(schedule.name, "1.0").format(**schedule.arguments)
    return f"""\
n_steps, step = {training.n_steps}, 0
{_optimizer(spec)}
{_schedule(spec, factor)}
while step < n_steps:
    for batch in torch.as_tensor(rng.permutation(train)).split({training.batch_size}):
        if step == n_steps or (len(batch) == 1 and len(train) > 1):
            break
        network.train()
        loss = {_loss(spec)}{_l1(spec)}
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        step += 1
        if step % max(1, n_steps // 20) == 0:
            network.eval()
            with torch.no_grad():
                output, target = network(x[test]), y[test]
            print(step, round(loss.item(), 4), {_score(spec)})
"""


def _optimizer(spec: ExperimentSpec) -> str:
    optimizer = spec.training.optimizer
    own = dict(optimizer.arguments)
    words = [f"lr={optimizer.learning_rate}", f"weight_decay={optimizer.weight_decay}"]
    if "beta1" in own:
        words.append(f"betas=({own.pop('beta1')}, {own.pop('beta2')})")
    if "nesterov" in own:
        words.append(f"nesterov={bool(own.pop('nesterov'))}")
    words += [f"{name}={value}" for name, value in own.items()]
    kind = _OPTIMIZERS[optimizer.name]
    return f"optimizer = torch.optim.{kind}(network.parameters(), {', '.join(words)})"


def _schedule(spec: ExperimentSpec, factor: str) -> str:
    scheduler = "schedule = torch.optim.lr_scheduler."
    if spec.training.schedule.name == "one_cycle":
        rate = spec.training.optimizer.learning_rate
        return f"{scheduler}OneCycleLR(optimizer, {rate}, n_steps + 1, cycle_momentum=False)"
    return f"{scheduler}LambdaLR(optimizer, lambda step: {factor})"


def _loss(spec: ExperimentSpec) -> str:
    training = spec.training
    if training.loss == "cross_entropy":
        words = f", label_smoothing={training.label_smoothing}" if training.label_smoothing else ""
        if training.class_weights == "balanced":
            share = f"len(train) / ({spec.data.classes} * torch.bincount(y[train]))"
            words += f", weight={share}"
        elif training.class_weights:
            words += f", weight=torch.tensor({list(training.class_weights)})"
        return f"F.cross_entropy(network(x[batch]), y[batch]{words})"
    is_class = spec.data.entry.task == "classification"
    target = f"F.one_hot(y[batch], {spec.data.classes}).float()" if is_class else "y[batch]"
    words = f", delta={training.huber_delta}" if training.loss == "huber" else ""
    return f"F.{training.loss}_loss(network(x[batch]), {target}{words})"


def _l1(spec: ExperimentSpec) -> str:
    if not spec.training.l1:
        return ""
    total = "sum(p.abs().sum() for p in network.parameters() if p.dim() > 1)"
    return f" + {spec.training.l1} * {total}"


def _score(spec: ExperimentSpec) -> str:
    if spec.data.entry.task == "classification":
        return "(output.argmax(1) == target).float().mean().item()"
    return "(1 - (output - target).square().sum() / (target - target.mean()).square().sum()).item()"
