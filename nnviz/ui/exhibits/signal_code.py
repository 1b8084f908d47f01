"""Initial weights and a signal through depth, as torch code that gives the same numbers."""

from __future__ import annotations

from collections.abc import Sequence

from nnviz.catalog.activations import ACTIVATIONS, gain
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.experiments.signal_propagation import SignalSpec
from nnviz.spec import InitializationSpec


def module_code(activation: str) -> str:
    """The activation's module: nn.ReLU()."""
    return ACTIVATIONS[activation].call.source()


def fill_code(initialization: InitializationSpec, factor: float, weight: str = "W") -> str:
    """The line that fills a weight tensor in place."""
    name = initialization.name
    values = {**INITIALIZERS[name].arguments, **initialization.arguments}
    asked = values.pop("gain", None)
    factor = factor if asked is None else float(asked)
    if name.startswith("kaiming"):
        drawn = f'{name}_({weight}, mode="{values["mode"]}", nonlinearity="linear")'
        return f"nn.init.{drawn}.mul_({factor!r})"
    if name in ("xavier_uniform", "xavier_normal", "orthogonal"):
        return f"nn.init.{name}_({weight}, gain={factor!r})"
    own = {"constant": "val"}
    arguments = "".join(f", {own.get(name, key)}={value!r}" for key, value in values.items())
    return f"nn.init.{name}_({weight}{arguments})"


def signal_code(specs: Sequence[SignalSpec]) -> str:
    """A script that measures each network; all differ in the activation and seeds only."""
    first = specs[0]
    rows = "".join(
        f"    {spec.activation!r}:"
        f" ({module_code(spec.activation)}, {_fill(spec)}, {spec.n_seeds}),\n"
        for spec in specs
    )
    return _SCRIPT.format(
        rows=rows,
        width=first.width,
        depth=first.depth,
        n_samples=first.n_samples,
        norm=_norm_code(first),
        steps=_steps_code(first),
        bias=first.initialization.bias or 0.0,
    )


def _fill(spec: SignalSpec) -> str:
    if spec.initialization.name == "default":
        return "None"
    return f"lambda W: {fill_code(spec.initialization, gain(spec.activation))}"


def _norm_code(spec: SignalSpec) -> str:
    return {
        "none": "nn.Identity()",
        "batch": f"nn.BatchNorm1d({spec.width})",
        "layer": f"nn.LayerNorm({spec.width})",
        "group": f"nn.GroupNorm({spec.groups}, {spec.width})",
    }[spec.normalization]


def _steps_code(spec: SignalSpec) -> str:
    if spec.normalization == "none":
        return "h = phi(z)"
    return "h = phi(norm(z))" if spec.placement == "before" else "h = norm(phi(z))"


_SCRIPT = """import torch
from torch import nn

torch.set_default_dtype(torch.float64)  # 60 layers shrink a gradient beyond single precision
networks = {{  # activation: (module, what fills W (None: nn.Linear's own start), seeds)
{rows}}}
width, depth, n_samples = {width}, {depth}, {n_samples}
second_moment, delta_rms = {{}}, {{}}  # per activation, seed and layer: E z², RMS of ∂L/∂z

for name, (phi, fill, n_seeds) in networks.items():
    second_moment[name], delta_rms[name] = [], []
    for seed in range(n_seeds):
        torch.manual_seed(1000 * seed)
        h, readout = torch.randn(2, n_samples, width)
        zs = []
        for layer in range(1, depth + 1):
            torch.manual_seed(1000 * seed + layer)
            linear = nn.Linear(width, width)
            if fill is not None:
                nn.init.constant_(linear.bias, {bias})
                torch.manual_seed(1000 * seed + layer)
                with torch.no_grad():
                    fill(linear.weight)
            norm = {norm}
            z = linear(h)
            {steps}
            zs.append(z)
        loss = (readout * h).sum() / (n_samples * width**0.5)
        deltas = torch.autograd.grad(loss, zs)
        second_moment[name].append([z.square().mean().item() for z in zs])
        delta_rms[name].append([d.square().mean().sqrt().item() for d in deltas])
    growth = (delta_rms[name][0][0] / delta_rms[name][0][-1]) ** (2 / max(depth - 1, 1))
    print(f"{{name}}: factor on the squared gradient per layer back {{growth:.4f}} (seed 0)")
"""
