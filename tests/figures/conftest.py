"""Plausible runs made of nothing but random numbers, for every kind of network and data."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from nnviz.records import (
    BatchStatisticsRecord,
    CurveRecord,
    DataRecord,
    DivergenceRecord,
    Histogram,
    LayerRecord,
    SeenRecord,
    Snapshot,
    SurfaceRecord,
)

GRID = 24
NAN = float("nan")


def histogram(values) -> Histogram:
    finite = values[np.isfinite(values)]
    largest = float(np.abs(finite).max()) if finite.size else 1.0
    limit = 2.0 ** math.ceil(math.log2(largest)) if largest > 0 else 1.0
    counts, _ = np.histogram(finite, bins=64, range=(-limit, limit))
    return Histogram(limit, counts.astype(np.int64), int(values.size - finite.size))


def layer(rng, name, kind="dense", n_units=8, n_inputs=4, progress=0.5, maps=True, norm=False):
    """A block that learns: weights grow, gradients shrink, one unit dies."""
    learned = kind in ("dense", "convolution", "output")
    weight = rng.normal(0, 0.5 + progress, (n_units, n_inputs)).astype(np.float32)
    activation = np.maximum(rng.normal(0.1, 0.5 + progress, (400,)), 0)
    histograms = {"activation": histogram(activation)}
    if learned:
        histograms["pre_activation"] = histogram(rng.normal(0, 0.6 + 2 * progress, 800))
        histograms["weight"] = histogram(weight)
        histograms["gradient"] = histogram(rng.normal(0, 0.1 * math.exp(-3 * progress), 300))
    dead = np.zeros(n_units, dtype=bool)
    dead[: int(n_units * 0.25 * progress)] = True
    plane = np.linspace(-1, 1, GRID)
    turn = rng.uniform(0, 6.28, n_units)[:, None, None]
    unit_maps = (
        np.tanh(3 * (np.cos(turn) * plane[None, None, :] + np.sin(turn) * plane[None, :, None]))
        * rng.uniform(0.4, 1.0, n_units)[:, None, None]
    )
    unit_maps[dead] = 0
    statistics = None
    if norm:
        running = rng.normal(0, 1, n_units)
        statistics = BatchStatisticsRecord(
            running * progress,
            1 + running**2 * progress,
            running * progress + rng.normal(0, 0.2, n_units),
            1 + running**2 * progress + np.abs(rng.normal(0, 0.3, n_units)),
        )
    hidden = kind != "output"
    small = learned and n_units * n_inputs <= 4096
    return LayerRecord(
        name=name,
        kind=kind,
        n_units=n_units,
        is_learned=learned,
        grad_norm=0.5 * math.exp(-2 * progress) if learned else NAN,
        grad_rms=0.02 * math.exp(-2 * progress) if learned else NAN,
        delta_rms=0.01 * math.exp(-2 * progress) * rng.uniform(0.7, 1.4) if learned else NAN,
        weight_norm=float(np.linalg.norm(weight)) if learned else NAN,
        update_to_weight_ratio=2e-3 * math.exp(-progress) * rng.uniform(0.6, 1.5)
        if learned
        else NAN,
        dead_fraction=float(dead.mean()) if hidden else NAN,
        zero_fraction=0.47 if hidden else NAN,
        saturated_fraction=NAN,
        negative_fraction=0.0,
        mean=0.3,
        std=0.5,
        effective_rank=3.2,
        sample_cosine=0.4,
        dead_D=dead if hidden and kind != "flatten" else None,
        unit_mean_D=rng.normal(0.2, 0.3, n_units),
        unit_std_D=rng.uniform(0.1, 1, n_units),
        histograms=histograms,
        batch_statistics=statistics,
        weight_DF=weight if small and kind != "convolution" else None,
        unit_maps_KGG=unit_maps[:12].astype(np.float32) if maps else None,
    )


def surface(n_classes, progress):
    plane = np.linspace(-2, 2, 48)
    x, y = np.meshgrid(plane, plane)
    if n_classes == 2:
        value = 1 / (1 + np.exp(-(1 + 6 * progress) * (np.sin(2 * x) - y)))
        return SurfaceRecord(plane, plane, value, (value > 0.5).astype(int), 2)
    if n_classes == 0:
        return SurfaceRecord(plane, plane, np.sin(x) * y * progress, None, 0)
    turn = np.linspace(0, 2 * np.pi, n_classes, endpoint=False)
    scores = 2 * progress * (np.cos(turn) * x[..., None] + np.sin(turn) * y[..., None])
    probability = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    return SurfaceRecord(plane, plane, probability.max(-1), probability.argmax(-1), n_classes)


def snapshot(step, blocks, output, task="classification", progress=0.5, rng=None, **extra):
    rng = rng or np.random.default_rng(step)
    loss = 0.65 * math.exp(-3 * progress) + 0.05
    fields = {
        "step": step,
        "epoch": step / 10,
        "task": task,
        "train_loss": loss,
        "test_loss": loss + 0.08 * progress**2 + 0.01,
        "train_accuracy": 1 - 0.45 * math.exp(-4 * progress),
        "test_accuracy": 0.96 - 0.45 * math.exp(-4 * progress),
        "batch_loss": loss * rng.lognormal(0, 0.25) if step else NAN,
        "learning_rate": 0.01,
        "layers": tuple(blocks),
        "output": output,
    }
    return Snapshot(**{**fields, **extra})


def steps_of(n_snapshots):
    early = [0, 1, 2, 4, 8]
    return [*early, *(16 + 8 * i for i in range(n_snapshots - len(early)))][:n_snapshots]


def history_of(make, n_snapshots):
    steps = steps_of(n_snapshots)
    return [make(step, step / max(steps[-1], 1)) for step in steps]


def plane_history(
    n_snapshots=60, n_classes=2, widths=(8, 6, 4), norm=True, task="classification", batch_norm=None
):
    """2-D data and dense blocks with maps."""

    def make(step, progress):
        rng = np.random.default_rng(7)
        inputs = (2, *widths)
        blocks = [
            layer(rng, f"dense{i + 1}", "dense", width, inputs[i], progress, norm=norm)
            for i, width in enumerate(widths)
        ]
        n_outputs = max(n_classes, 1)
        output = layer(rng, "output", "output", n_outputs, inputs[-1], progress)
        counts = rng.integers(0, 5, (n_classes, n_classes)) + 30 * np.eye(n_classes, dtype=int)
        confusion = counts if task == "classification" else None
        rng = np.random.default_rng(step)
        return snapshot(
            step,
            blocks,
            output,
            task,
            progress,
            rng,
            surface=surface(n_classes, progress),
            confusion_CC=confusion,
        )

    return history_of(make, n_snapshots)


def seen(rng):
    """What each family of layers has to show, all in one block."""

    def one(name, axes, *shape):
        return SeenRecord(name, axes, rng.standard_normal(shape).astype(np.float16))

    steps = ("example", "unit", "step")
    weights = rng.dirichlet(np.ones(6), (4, 2, 3, 6)).astype(np.float16)
    return (
        one("kernels", ("channel", "input channel", "row", "column"), 16, 1, 3, 3),
        one("maps", ("example", "channel", "row", "column"), 4, 16, 8, 8),
        *(
            one(name, steps, 4, 5, 6)
            for name in ("state", "reset gate", "update gate", "candidate")
        ),
        SeenRecord("attention", ("example", "layer", "head", "step", "looked at"), weights),
    )


def image_history(n_snapshots=60):
    """8×8 images, ten classes: convolution, pool, flatten, dense; no maps."""

    def make(step, progress):
        rng = np.random.default_rng(3)
        blocks = [
            replace(
                layer(rng, "convolution1", "convolution", 16, 9, progress, maps=False, norm=True),
                seen=seen(rng),
                step_gradient_T=10.0 ** -np.arange(6, dtype=float),
            ),
            layer(rng, "pool1", "pool", 16, 16, progress, maps=False),
            layer(rng, "flatten1", "flatten", 256, 1, progress, maps=False),
            layer(rng, "dense1", "dense", 64, 256, progress, maps=False),
        ]
        output = layer(rng, "output", "output", 10, 64, progress, maps=False)
        return snapshot(
            step,
            blocks,
            output,
            progress=progress,
            confusion_CC=rng.integers(0, 3, (10, 10)) + 40 * np.eye(10, dtype=int),
            test_predicted_N=image_predictions(),
        )

    return history_of(make, n_snapshots)


def image_predictions():
    rng = np.random.default_rng(5)
    labels = image_data().test_y.copy()
    wrong = rng.choice(len(labels), 30, replace=False)
    labels[wrong] = (labels[wrong] + rng.integers(1, 10, 30)) % 10
    return labels


def curve_history(n_snapshots=60):
    """1-D regression with two small blocks."""

    def make(step, progress):
        rng = np.random.default_rng(2)
        blocks = [
            layer(rng, "dense1", "dense", 10, 1, progress, maps=False),
            layer(rng, "dense2", "dense", 10, 10, progress, maps=False),
        ]
        output = layer(rng, "output", "output", 1, 10, progress, maps=False)
        x = np.linspace(-2, 2, 200)
        curve = CurveRecord(x, np.sin(2 * x) * progress)
        return snapshot(step, blocks, output, "regression", progress, curve=curve)

    return history_of(make, n_snapshots)


def linear_history(n_snapshots=20):
    """No hidden layer at all."""
    return plane_history(n_snapshots, widths=())


def deep_history(n_snapshots=30):
    """Twenty blocks whose gradient vanishes towards the input."""

    def make(step, progress):
        rng = np.random.default_rng(4)
        blocks = []
        for i in range(20):
            block = layer(rng, f"dense{i + 1}", "dense", 16, 16 if i else 2, progress, maps=True)
            fields = {**block.__dict__, "delta_rms": 0.01 * 0.6 ** (20 - i)}
            blocks.append(LayerRecord(**fields))
        output = layer(rng, "output", "output", 2, 16, progress)
        return snapshot(step, blocks, output, progress=progress, surface=surface(2, progress))

    return history_of(make, n_snapshots)


def wide_history(n_snapshots=3):
    """1024 units a layer: too many to draw, no weights recorded."""

    def make(step, progress):
        rng = np.random.default_rng(4)
        blocks = [layer(rng, "dense1", "dense", 1024, 64, progress, maps=False)]
        output = layer(rng, "output", "output", 10, 1024, progress, maps=False)
        return snapshot(step, blocks, output, progress=progress)

    return history_of(make, n_snapshots)


def diverged_history():
    """A run that blows up at step 16 and holds nothing but NaN and infinity afterwards."""
    run = plane_history(12)
    broken = []
    for index, snap in enumerate(run):
        if index < 5:
            broken.append(snap)
            continue
        bare = tuple(LayerRecord(x.name, x.kind, x.n_units, delta_rms=np.inf) for x in snap.layers)
        output = LayerRecord("output", "output", 2, delta_rms=np.inf)
        fields = {**snap.__dict__, "layers": bare, "output": output, "confusion_CC": None}
        fields |= {"train_loss": np.inf, "test_loss": NAN, "batch_loss": 1e30, "surface": None}
        fields |= {"divergence": DivergenceRecord(16, "dense2", "activation")}
        broken.append(Snapshot(**fields))
    return broken


def bare_history():
    """Only what every snapshot must have; every optional quantity is missing."""
    block = LayerRecord("dense1", "dense", 4)
    output = LayerRecord("output", "output", 1)
    numbers = [NAN] * 5
    return [Snapshot(step, 0.0, "regression", *numbers, 0.1, (block,), output) for step in (0, 1)]


def plane_data(n_classes=2, task="classification"):
    rng = np.random.default_rng(1)
    x = rng.uniform(-1.9, 1.9, (300, 2)).astype(np.float32)
    if task == "regression":
        y = np.sin(x[:, 0]) * x[:, 1]
    elif n_classes == 2:
        y = (np.sin(2 * x[:, 0]) > x[:, 1]).astype(np.int64)
    else:
        turn = np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi) * n_classes
        y = np.round(turn).astype(np.int64) % n_classes
    flipped = rng.random(225) < 0.04
    names = tuple(f"class {i}" for i in range(n_classes)) if task == "classification" else ()
    return DataRecord(
        "moons", task, x[:225], y[:225], x[225:], y[225:], ("x₁", "x₂"), names, flipped_N=flipped
    )


def image_data():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 10, 200)
    rows, columns = np.mgrid[0:8, 0:8]
    x = np.exp(-((rows - y[:, None, None] % 8) ** 2 + (columns - 3) ** 2) / 4)
    x = x + rng.normal(0, 0.05, x.shape)
    features = tuple(f"pixel {i}" for i in range(64))
    names = tuple("0123456789")
    x = x[:, None].astype(np.float32)
    split = (x[:100], y[:100], x[100:], y[100:])
    return DataRecord("digits", "classification", *split, features, names, (8, 8))


def signal_data():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 10, 200)
    x = np.sin(np.linspace(0, 3, 40) * (1 + y[:, None])) + rng.normal(0, 0.1, (200, 40))
    x = x[:, None].astype(np.float32)
    split = (x[:100], y[:100], x[100:], y[100:])
    return DataRecord("mnist1d", "classification", *split, ("signal",), tuple("0123456789"))


def curve_data():
    rng = np.random.default_rng(1)
    x = rng.uniform(-2, 2, (60, 1)).astype(np.float32)
    y = np.sin(2 * x[:, 0]) + rng.normal(0, 0.2, 60)
    grid = np.linspace(-2, 2, 100)
    return DataRecord(
        "sinusoid",
        "regression",
        x[:40],
        y[:40],
        x[40:],
        y[40:],
        ("x",),
        (),
        truth_x_G=grid,
        truth_y_G=np.sin(2 * grid),
    )


def table_data():
    rng = np.random.default_rng(1)
    x = rng.normal(0, 1, (100, 13)).astype(np.float32)
    y = rng.integers(0, 3, 100)
    features = tuple(f"feature {i}" for i in range(13))
    split = (x[:70], y[:70], x[70:], y[70:])
    return DataRecord("wine", "classification", *split, features, ("a", "b", "c"))


CASES = {
    "plane": lambda: (plane_history(), plane_data()),
    "five_classes": lambda: (plane_history(n_classes=5), plane_data(5)),
    "regression_plane": lambda: (
        plane_history(n_classes=0, task="regression"),
        plane_data(0, "regression"),
    ),
    "images": lambda: (image_history(), image_data()),
    "curve": lambda: (curve_history(), curve_data()),
    "linear": lambda: (linear_history(), plane_data()),
    "deep": lambda: (deep_history(), plane_data()),
    "wide": lambda: (wide_history(), image_data()),
    "diverged": lambda: (diverged_history(), plane_data()),
    "bare": lambda: (bare_history(), table_data()),
    "one_snapshot": lambda: (plane_history(1), plane_data()),
}


@pytest.fixture(params=[*CASES, "questions"], scope="session")
def drawn(request):
    """Figures by name, of each kind of history and of whole trainings: look, don't touch."""
    from .gallery import gallery, questions

    return questions() if request.param == "questions" else gallery(*CASES[request.param]())
