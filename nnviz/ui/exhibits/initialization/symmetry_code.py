"""A training of units that start alike, as torch code that gives the same numbers."""

from __future__ import annotations

from nnviz.catalog.activations import gain
from nnviz.experiments.initial_weights.symmetry import DATA, DROPOUT, NOISE, SEEDS
from nnviz.spec import InitializationSpec
from nnviz.ui.exhibits.signal_code import fill_code, module_code

_SCRIPT = """\
import torch
import torch.nn.functional as F
from torch import nn

from nnviz.data import load
from nnviz.spec import DataSpec

torch.set_default_dtype(torch.float64)
data = load(DataSpec(name={data!r}, n_samples={n_samples}))
x, y = data.train_x.double(), data.train_y
{weights}b, c = torch.zeros({n_units}), torch.zeros(2)
parameters = [p.requires_grad_() for p in (W, b, V, c)]
phi = {phi}
torch.manual_seed({seed})
for step in range({n_steps}):
    hidden = F.dropout(phi(F.linear(x, W, b)), {drop})
    loss = F.cross_entropy(F.linear(hidden, V, c), y)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
            parameter -= {learning_rate!r} * gradient
units = torch.cat([W, b[:, None]], dim=1).detach()
spread = torch.cdist(units, units, compute_mode="donot_use_mm_for_euclid_dist").max().item()
accuracy = (F.linear(phi(F.linear(x, W, b)), V, c).argmax(1) == y).double().mean().item()
print(f"largest distance between two units {{spread:.3g}}, right answers {{accuracy:.0%}}")
"""


def symmetry_code(
    start: str,
    breaker: str,
    activation: str,
    n_units: int,
    n_steps: int,
    learning_rate: float,
    moved: tuple[float, float],
) -> str:
    """Full-batch gradient descent from these weights."""
    hidden = _layer("W", start, gain(activation), (n_units, 2), "hidden")
    chosen = "xavier_normal" if breaker == "output" else start
    output = _layer("V", chosen, 1.0, (2, n_units), "output")
    noise = (
        f"generator = torch.Generator().manual_seed({SEEDS['noise']})\n"
        f"W += {NOISE} * torch.randn(W.shape, generator=generator)\n"
    )
    by_hand = f"W[0] += torch.tensor({list(moved)})\n"
    weights = [hidden, noise * (breaker == "noise"), by_hand * any(moved), output]
    return _SCRIPT.format(
        data=DATA.name, n_samples=DATA.n_samples, weights="".join(weights), n_units=n_units,
        phi=module_code(activation), seed=SEEDS["dropout"], n_steps=n_steps,
        drop=DROPOUT if breaker == "dropout" else 0.0, learning_rate=learning_rate,
    )  # fmt: skip


def _layer(name: str, start: str, factor: float, shape: tuple[int, int], role: str) -> str:
    seeded = f"torch.manual_seed({SEEDS[role]})\n"
    if start == "default":
        return f"{seeded}{name} = nn.Linear({shape[1]}, {shape[0]}).weight.detach()\n"
    fill = fill_code(InitializationSpec(name=start), factor, name)
    return f"{seeded}{name} = torch.empty{shape}\n{fill}\n"
