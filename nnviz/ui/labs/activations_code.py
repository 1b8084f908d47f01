"""The activations lab as torch code that gives the numbers shown."""

from __future__ import annotations

from nnviz.experiments.nonlinearity.dead_unit import N_POINTS, START
from nnviz.experiments.nonlinearity.response import N_DRAWN
from nnviz.ui.labs.activations import ActivationSettings
from nnviz.ui.labs.signal_code import module_code, signal_code


def code_for(settings: ActivationSettings) -> str:
    """A script for the chosen view."""
    return {
        "shape": _shape,
        "depth": lambda s: signal_code([s.signal(name) for name in s.names]),
        "collapse": _collapse,
        "dead": _dead,
        "xor": _xor,
    }[settings.view](settings)


def _modules(names: tuple[str, ...]) -> str:
    return "{" + ", ".join(f"{name!r}: {module_code(name)}" for name in names) + "}"


def _shape(settings: ActivationSettings) -> str:
    drawn = (
        f"{settings.std!r} * 3**0.5 * (2 * share - 1)"
        if settings.distribution == "uniform"
        else f"{settings.std!r} * torch.special.ndtri(share)"
    )
    return f"""import torch
from torch import nn

torch.set_default_dtype(torch.float64)
share = (torch.arange({N_DRAWN}) + 0.5) / {N_DRAWN}  # evenly spread quantiles
z = {settings.mean!r} + {drawn}
z.requires_grad_()
mean_slope, zero_share = {{}}, {{}}
for name, phi in {_modules(settings.names)}.items():
    a = phi(z)
    (slope,) = torch.autograd.grad(a.sum(), z)
    mean_slope[name] = slope.mean().item()
    zero_share[name] = (a == 0).double().mean().item()
    print(f"{{name}}: mean slope {{mean_slope[name]:.3f}}, zeros {{zero_share[name]:.1%}}")
"""


def _collapse(settings: ActivationSettings) -> str:
    sizes = [2, *[settings.stack_width] * (settings.n_layers - 1), 1]
    bend = f"layers.insert({settings.bend_after}, {module_code(settings.bend)})"
    return f"""import torch
from torch import nn

sizes = {sizes}
torch.manual_seed({settings.seed})
layers = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
for layer in layers:
    nn.init.xavier_normal_(layer.weight)
with torch.no_grad():
    W, b = layers[0].weight, layers[0].bias
    for layer in layers[1:]:
        W, b = layer.weight @ W, layer.weight @ b + layer.bias
    line = torch.linspace(-2, 2, 41)
    x = torch.cartesian_prod(line, line).flip(1)
    one_layer = x @ W.T + b
    difference = (nn.Sequential(*layers)(x) - one_layer).abs().max().item()
    {bend if settings.bend_after else "# insert an activation here to see the difference grow"}
    bend = (nn.Sequential(*layers)(x) - one_layer).abs().max().item()
print(f"stack and one layer differ by {{difference:.1e}}, with the activation by {{bend:.3g}}")
"""


def _dead(settings: ActivationSettings) -> str:
    return f"""import torch
from torch import nn

torch.set_default_dtype(torch.float64)
x = torch.linspace(-1, 1, {N_POINTS})
y = x.clamp(min=0)
highest = {{}}  # largest pre-activation over all inputs, at each step
for name, phi in {_modules(settings.dead_names)}.items():
    w, b, v, c = (torch.tensor(t, requires_grad=True) for t in {tuple(START.values())})
    highest[name] = []
    for step in range({settings.n_steps} + 1):
        z = w * x + b
        highest[name].append(z.max().item())
        loss = (v * phi(z) + c - y).square().mean()
        gradients = torch.autograd.grad(loss, [w, b, v, c])
        large = step + 1 == {settings.jump_at}
        rate = {settings.jump_rate!r} if large else {settings.learning_rate!r}
        with torch.no_grad():
            for parameter, gradient in zip([w, b, v, c], gradients):
                parameter -= rate * gradient
    below = [step for step, z in enumerate(highest[name]) if z <= 0]
    print(name, f"is below 0 on all inputs for {{len(below)}} steps", below[:1])
"""


def _xor(settings: ActivationSettings) -> str:
    return f"""import torch
import torch.nn.functional as F
from torch import nn

x = torch.tensor([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
y = torch.tensor([0.0, 1.0, 1.0, 0.0])
accuracy = {{}}
for n_hidden in (0, {settings.n_hidden}):
    accuracy[n_hidden] = []
    for seed in range(20):
        torch.manual_seed(seed)
        network = nn.Linear(2, 1)
        if n_hidden:
            torch.manual_seed(seed)
            phi = {module_code(settings.xor_activation)}
            network = nn.Sequential(nn.Linear(2, n_hidden), phi, nn.Linear(n_hidden, 1))
        weights = [p for m in network.modules() if isinstance(m, nn.Linear) for p in m.parameters()]
        optimizer = torch.optim.Adam(weights, lr={settings.xor_rate!r})
        for step in range({settings.xor_steps}):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(network(x)[:, 0], y).backward()
            optimizer.step()
        accuracy[n_hidden].append(((network(x)[:, 0] > 0) == (y > 0.5)).double().mean().item())
    solved = sum(a == 1 for a in accuracy[n_hidden])
    print(f"{{n_hidden}} hidden units: {{solved}} of 20 seeds solve XOR")
"""
