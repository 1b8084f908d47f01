"""The initialization lab as torch code that gives the numbers shown."""

from __future__ import annotations

from typing import assert_never

from nnviz.catalog.activations import gain
from nnviz.experiments.initial_weights.symmetry import DATA, DROPOUT, NOISE, SEEDS
from nnviz.spec import InitializationSpec
from nnviz.ui.labs.initialization import InitializationSettings
from nnviz.ui.labs.signal_code import fill_code, module_code, signal_code


def code_for(settings: InitializationSettings) -> str:
    """A script for the chosen view; a comment where the initializer does not fit."""
    if settings.refusal:
        return f"# {settings.refusal}"
    match settings.view:
        case "depth":
            return signal_code([settings.signal])
        case "weights":
            return _weights(settings)
        case "symmetry":
            return _symmetry(settings)
        case _:
            assert_never(settings.view)


def _weights(settings: InitializationSettings) -> str:
    shape, spec = settings.shape, settings.initialization
    layers = {"dense": "Linear", "signal": "Conv1d", "image": "Conv2d"}
    kernel = "" if settings.layer == "dense" else f", {settings.kernel}"
    fill = "" if spec.name == "default" else fill_code(spec, gain(settings.activation))
    return f"""import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed({settings.seed})
W = nn.{layers[settings.layer]}({shape[1]}, {shape[0]}{kernel}).weight.detach()
torch.manual_seed({settings.seed})
{fill or "# this is torch's own start: U(-1/sqrt(fan_in), 1/sqrt(fan_in))"}
fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(W)
std = W.std(correction=0).item()
singular = torch.linalg.svdvals(W.flatten(1))
print(f"fan_in {{fan_in}}, fan_out {{fan_out}}, std {{std:.4g}}")
print(f"singular values from {{singular[0]:.4g}} to {{singular[-1]:.4g}}")
"""


def _symmetry(settings: InitializationSettings) -> str:
    start = InitializationSpec(name=settings.start)
    hidden = _layer("W", start, gain(settings.activation), (settings.n_units, 2), "hidden")
    by_chance = InitializationSpec(name="xavier_normal")
    chosen = by_chance if settings.breaker == "output" else start
    output = _layer("V", chosen, 1.0, (2, settings.n_units), "output")
    noise = (
        f"generator = torch.Generator().manual_seed({SEEDS['noise']})\n"
        f"W += {NOISE} * torch.randn(W.shape, generator=generator)\n"
        if settings.breaker == "noise"
        else ""
    )
    drop = DROPOUT if settings.breaker == "dropout" else 0.0
    return f"""import torch
import torch.nn.functional as F
from torch import nn

from nnviz.data import load
from nnviz.spec import DataSpec

torch.set_default_dtype(torch.float64)
data = load(DataSpec(name={DATA.name!r}, n_samples={DATA.n_samples}))
x, y = data.train_x.double(), data.train_y
{hidden}{noise}{output}b, c = torch.zeros({settings.n_units}), torch.zeros(2)
parameters = [p.requires_grad_() for p in (W, b, V, c)]
phi = {module_code(settings.activation)}
torch.manual_seed({SEEDS["dropout"]})
for step in range({settings.n_steps}):
    hidden = F.dropout(phi(F.linear(x, W, b)), {drop})
    loss = F.cross_entropy(F.linear(hidden, V, c), y)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter -= {settings.learning_rate!r} * gradient
units = torch.cat([W, b[:, None]], dim=1).detach()
spread = torch.cdist(units, units, compute_mode="donot_use_mm_for_euclid_dist").max().item()
accuracy = (F.linear(phi(F.linear(x, W, b)), V, c).argmax(1) == y).double().mean().item()
print(f"largest distance between two units {{spread:.3g}}, right answers {{accuracy:.0%}}")
"""


def _layer(
    name: str, spec: InitializationSpec, factor: float, shape: tuple[int, int], role: str
) -> str:
    seeded = f"torch.manual_seed({SEEDS[role]})\n"
    if spec.name == "default":
        return f"{seeded}{name} = nn.Linear({shape[1]}, {shape[0]}).weight.detach()\n"
    return f"{seeded}{name} = torch.empty{shape}\n{fill_code(spec, factor, name)}\n"
