"""The parts of the risk at one value as a script: plain torch, or the package's own networks."""

from __future__ import annotations

from pprint import pformat

from nnviz.experiments.complexity.classical import N_LINE, N_SCATTERED
from nnviz.experiments.complexity.networks import MOST_POINTS
from nnviz.experiments.complexity.pieces import pieces_for
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.records import has_classes
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec

CLASSICAL = """\
import numpy as np
import torch

n, sigma, inputs = {n}, {sigma}, {inputs}
PIECES = {pieces}  # how many replicates, and the seeds of their data and of their model
truth = lambda x: np.sin(np.pi * x[..., 0])
points = {points}
fits = []


def stream(seed, number):
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))

{model}

for replicates, seed, model_seed in PIECES:
    sets = {sets}
    x = stream(seed, 0).uniform(-1, 1, (sets, n, inputs))
    y = truth(x) + sigma * stream(seed, 1).standard_normal((sets, n))
    x, y = (np.broadcast_to(each, (replicates, *each.shape[1:])) for each in (x, y))
    fits.append(torch.as_tensor(fitted(x, y, model_seed)))

fits = torch.cat(fits)
V = fits.var(dim=0)
missed = fits.mean(dim=0) - torch.from_numpy(truth(points))
bias_squared, variance = float((missed**2 - V / len(fits)).mean()), float(V.mean())
print(f"{{bias_squared:.4f}} + {{variance:.4f}} + {{sigma**2:.4f}}"
      f" = {{bias_squared + variance + sigma**2:.4f}}")
"""
LINEAR = """
def solved(features, y, ridge={ridge}):
    n, p = features.shape[1:]
    if ridge:  # as rows that ask for weights of 0
        rows = (ridge * n) ** 0.5 * torch.eye(p, dtype=torch.float64).expand(len(y), p, p)
        features, y = torch.cat([features, rows], 1), torch.cat([y, 0 * rows[..., 0]], 1)
    return torch.linalg.lstsq(features, y[..., None], driver="gelsd").solution

"""
MODELS = {
    "polynomial": LINEAR
    + """
def fitted(x, y, seed):
    def features(x):  # Chebyshev's polynomials
        x = torch.tensor(x[..., 0])
        return torch.cos(torch.arange({degree} + 1) * torch.arccos(x)[..., None])
    return (features(points) @ solved(features(x), torch.tensor(y)))[..., 0]
""",
    "random_features": LINEAR
    + """
def fitted(x, y, seed):
    draws = {draws}
    W = torch.tensor(stream(seed, 2).standard_normal((draws, inputs, {n_features})))
    b = torch.tensor(stream(seed, 3).standard_normal((draws, 1, {n_features})))
    features = lambda x: (torch.tensor(x) @ W + b).relu() / {n_features}**0.5
    return (features(points) @ solved(features(x), torch.tensor(y)))[..., 0]
""",
    "neighbors": """
def fitted(x, y, seed):
    x, y = torch.tensor(x), torch.tensor(y)
    distances = torch.cdist(torch.tensor(points).expand(len(x), -1, -1), x)
    nearest = distances.topk({n_neighbors}, largest=False).indices
    return y[:, None].expand(-1, len(points), -1).gather(2, nearest).mean(dim=2)
""",
    "tree": """
def fitted(x, y, seed):
    from sklearn.tree import DecisionTreeRegressor  # torch has no trees

    seeds = stream(seed, 4).integers(2**31, size=len(x))
    trees = (
        DecisionTreeRegressor(max_depth={max_depth}, min_samples_leaf={min_samples_leaf},
                              random_state=int(s)).fit(inputs, targets)
        for inputs, targets, s in zip(x, y, seeds)
    )
    return np.stack([tree.predict(points) for tree in trees])
""",
}
NETWORK = """\
import torch
from nnviz import ExperimentSpec
from nnviz.experiments.replicates import replicate_chunk

spec = ExperimentSpec.model_validate({spec})

# all learn at once, each from its own training set and its own initial weights
chunk = replicate_chunk(spec, range({replicates}), seed={seed}, freeze="{freeze}")
answers = {answers}
fits, target = (torch.as_tensor(each) for each in answers)
fits = fits[fits.isfinite().flatten(1).all(dim=1)].double()  # without those that diverged
R = len(fits)
{split}
bias, variance = float(bias.mean()), float(variance.mean())
print(f"{{bias:.4f}} + {{variance:.4f}} + {{noise:.4f}} = {{bias + variance + noise:.4f}}")
"""
SPLITS = {
    "squared": """\
variance = fits.var(dim=0)
bias = (fits.mean(dim=0) - target) ** 2 - variance / R
noise = chunk.noise_variance or 0.0""",
    "cross_entropy": """\
target, noise = target.long()[:, None], 0.0
main = fits.mean(dim=0).log_softmax(dim=1)  # the geometric mean
variance = (main.exp() * (main - fits)).sum(dim=2).mean(dim=0) * R / (R - 1)
bias = -fits.mean(dim=0).gather(1, target)[:, 0] - variance""",
    "brier": """\
p, noise = fits.exp(), 0.0
variance = p.var(dim=0).sum(dim=1)
one_hot = torch.nn.functional.one_hot(target.long(), p.shape[2])
bias = ((p.mean(dim=0) - one_hot) ** 2).sum(dim=1) - variance / R""",
    "kohavi_wolpert": """\
votes = torch.nn.functional.one_hot(fits.argmax(dim=2), fits.shape[2]).double().mean(dim=0)
one_hot = torch.nn.functional.one_hot(target.long(), fits.shape[2])
correction = (votes * (1 - votes)).sum(dim=1) / 2 / (R - 1)
bias = ((one_hot - votes) ** 2).sum(dim=1) / 2 - correction
variance, noise = (1 - (votes**2).sum(dim=1)) / 2 + correction, 0.0""",
    "domingos": """\
votes = torch.nn.functional.one_hot(fits.argmax(dim=2), fits.shape[2]).double().mean(dim=0)
bias = (votes.argmax(dim=1) != target.long()).double()
right = votes.gather(1, target.long()[:, None])[:, 0]
variance, noise = (1 - right) - bias, 0.0  # what variance adds to the error""",
}


def explore_code(settings: ComplexitySettings) -> str:
    """The value that is looked at, with the replicates of the page; else the axis' middle one."""
    values = settings.values
    place = values[len(values) // 2] if settings.place is None else settings.place
    value = settings.nearest(place)
    asked = settings.at(value)
    if isinstance(asked, ExperimentSpec):
        return _network(settings, asked)
    return _classical(settings, asked, values.index(value))


def _classical(settings: ComplexitySettings, asked: ComplexitySettings, place: int) -> str:
    own = [piece for piece in pieces_for(settings) if place in piece.places]
    seeds = [derived_seed(asked.seed, "replicates", piece.start) % 2**32 for piece in own]
    frozen = asked.freeze == "initialization"
    pieces = [
        (piece.stop - piece.start, asked.seed if asked.freeze == "data" else seed,
         asked.seed if frozen else seed)
        for piece, seed in zip(own, seeds, strict=True)
    ]  # fmt: skip
    model = MODELS[asked.model].format(
        **asked.model_dump(include={"ridge", "degree", "n_features", "n_neighbors", "max_depth",
                                    "min_samples_leaf"}),
        draws="1" if frozen else "len(x)",
    )  # fmt: skip
    scattered = f"np.random.default_rng(0).uniform(-1, 1, ({N_SCATTERED}, inputs))"
    return CLASSICAL.format(
        n=asked.n_samples,
        sigma=asked.noise,
        inputs=asked.n_inputs,
        pieces=pieces,
        model=model,
        points=f"np.linspace(-1, 1, {N_LINE})[:, None]" if asked.n_inputs == 1 else scattered,
        sets="1" if asked.freeze == "data" else "replicates",
    )


def _network(settings: ComplexitySettings, asked: ExperimentSpec) -> str:
    classes = has_classes(asked.data.entry.task)
    points = f"chunk.predictions[-1][:, :{MOST_POINTS}], chunk.targets_N[:{MOST_POINTS}]"
    known = asked.data.entry.truth is not None
    return NETWORK.format(
        spec=pformat(
            asked.model_dump(mode="json", exclude_none=True),
            width=96,
            compact=True,
            sort_dicts=False,
        ),
        replicates=settings.n_replicates,
        seed=settings.seed,
        freeze=settings.freeze,
        answers="chunk.grid_predictions_TRG[-1], chunk.grid_truth_G" if known else points,
        split=SPLITS[settings.loss if classes else "squared"],
    )
