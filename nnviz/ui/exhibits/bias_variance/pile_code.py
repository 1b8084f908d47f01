"""The pile of fits as a torch script that gives the same numbers."""

PILE_CODE = """\
import numpy as np
import torch

sets, n, sigma, degrees = {sets}, {n}, {sigma}, range({most} + 1)
inputs, noise = (
    np.random.default_rng(np.random.SeedSequence({seed}, spawn_key=(stream,))) for stream in (0, 1)
)
x = torch.from_numpy(inputs.uniform(-1, 1, ({designs}, n))).expand(sets, n)
y = torch.sin(torch.pi * x) + sigma * torch.from_numpy(noise.standard_normal((sets, n)))
line = torch.linspace(-1, 1, 101, dtype=torch.float64)
truth = torch.sin(torch.pi * line)


def features(x, degree):  # Chebyshev's polynomials: the same fits, better conditioned
    return torch.cos(torch.arange(degree + 1) * torch.arccos(x.clamp(-1, 1))[..., None])


bias_squared, variance = [], []
for degree in degrees:
    weights = torch.linalg.lstsq(features(x, degree), y[..., None]).solution[..., 0]
    fits = weights @ features(line, degree).T
    V = fits.var(dim=0)
    variance.append(V.mean().item())
    bias_squared.append(((fits.mean(dim=0) - truth) ** 2 - V / sets).mean().item())

for degree, b, v in zip(degrees, bias_squared, variance):
    print(f"degree {{degree}}: {{b:.4f}} + {{v:.4f}} + {{sigma**2:.4f}} = {{b + v + sigma**2:.4f}}")
"""
