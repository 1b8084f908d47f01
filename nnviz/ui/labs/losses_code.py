"""The losses lab as torch code that gives the numbers shown."""

from __future__ import annotations

from nnviz.experiments.objectives.imbalance import PENALTY
from nnviz.ui.labs.losses import LossSettings


def code_for(settings: LossSettings) -> str:
    """A script for the chosen view."""
    return {
        "steps": _steps,
        "imbalance": _imbalance,
        "curves": _curves,
        "saturation": _saturation,
    }[settings.view](settings)


def _steps(settings: LossSettings) -> str:
    rows = ",\n    ".join(str(list(row)) for row in settings.logits)
    return f"""import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
logits = torch.tensor([
    {rows},
], requires_grad=True)
target = torch.tensor({list(settings.targets)})
loss = F.cross_entropy(
    logits, target, weight=torch.tensor({list(settings.weights)}),
    reduction={settings.reduction!r}, label_smoothing={settings.label_smoothing!r},
    ignore_index={settings.ignore_index},
)
(gradient,) = torch.autograd.grad(loss.sum(), logits)
print("loss", loss.tolist())
print("gradient", gradient)
"""


def _imbalance(settings: LossSettings) -> str:
    return f"""import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed({settings.seed})
n_minority = max(2, round({settings.minority_share!r} * {settings.n_points}))
label = (torch.arange({settings.n_points}) < n_minority).long()
x = torch.randn({settings.n_points}, 2, generator=generator)
x[:, 0] += {settings.distance!r} * (label - 0.5)
weight = torch.tensor([1.0, {settings.minority_weight!r}])
line = torch.zeros(3, requires_grad=True)  # two weights and a bias: the logit of class 1


def mean_loss():
    logit = x @ line[:2] + line[2]
    logits = torch.stack([torch.zeros_like(logit), logit], dim=1)
    return F.cross_entropy(logits, label, weight)  # divides by weight[label].sum()


optimizer = torch.optim.LBFGS(
    [line], max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-14,
    line_search_fn="strong_wolfe",
)


def closure():
    optimizer.zero_grad()
    loss = mean_loss() + {PENALTY} / 2 * line[:2].square().sum()
    loss.backward()
    return loss


optimizer.step(closure)
generator = torch.Generator().manual_seed({settings.seed} + 1)
fresh = torch.randn(2, 2000, 2, generator=generator)[1]
fresh[:, 0] += {settings.distance!r} / 2
with torch.no_grad():
    recall = (fresh @ line[:2] + line[2] > 0).double().mean().item()
    loss = mean_loss().item()
print(f"mean loss {{loss:.4f}}, recall of class 1 {{recall:.1%}}, line {{line.tolist()}}")
"""


def _curves(settings: LossSettings) -> str:
    functions = {
        "mse": "F.mse_loss",
        "l1": "F.l1_loss",
        "huber": f"lambda *a, **k: F.huber_loss(*a, delta={settings.huber_delta!r}, **k)",
        "bce_with_logits": "F.binary_cross_entropy_with_logits",
    }
    rows = "".join(f"    {name!r}: {functions[name]},\n" for name in settings.losses)
    return f"""import torch
import torch.nn.functional as F

losses = {{
{rows}}}
output = torch.linspace(-6, 6, 401, dtype=torch.float64, requires_grad=True)
values, gradients = {{}}, {{}}
for name, compute in losses.items():
    target = {settings.target!r}
    if name == "bce_with_logits":
        target = min(max(target, 0.0), 1.0)
    loss = compute(output, torch.full_like(output, target), reduction="none")
    (gradient,) = torch.autograd.grad(loss.sum(), output)
    values[name], gradients[name] = loss.detach(), gradient
    print(f"{{name}}: largest pull {{gradient.abs().max():.3f}} for outputs from -6 to 6")
"""


def _saturation(settings: LossSettings) -> str:
    return f"""import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
losses = {{
    "squared error": lambda z: (torch.sigmoid(z) - 1) ** 2,
    "cross-entropy": lambda z: F.binary_cross_entropy_with_logits(z, torch.ones(())),
}}
answers = {{}}  # p = sigmoid(z) at each step
for name, compute in losses.items():
    z = torch.tensor({settings.start!r}, requires_grad=True)
    answers[name] = []
    for step in range({settings.n_steps} + 1):
        answers[name].append(torch.sigmoid(z).item())
        (gradient,) = torch.autograd.grad(compute(z), z)
        z = (z - {settings.learning_rate!r} * gradient).detach().requires_grad_()
    right = [step for step, p in enumerate(answers[name]) if p > 0.5]
    print(f"{{name}}: right from step {{right[0] if right else 'never'}}")
"""
