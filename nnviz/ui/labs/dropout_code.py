"""The dropout lab as torch code, and as an experiment for the Playground."""

from __future__ import annotations

from typing import assert_never

from nnviz.experiments.dropout.alpha import N_NUMBERS
from nnviz.experiments.dropout.alpha import N_SAMPLES as ALPHA_SAMPLES
from nnviz.experiments.dropout.alpha import WIDTH as ALPHA_WIDTH
from nnviz.experiments.dropout.batch_norm_shift import BATCH, N_BATCHES, N_INPUTS, N_OUTPUTS
from nnviz.experiments.dropout.channels import FILTERS, LAYERS, N_FRAMES, N_IMAGES, ROW
from nnviz.experiments.dropout.masks import N_INPUTS as NETWORK_INPUTS
from nnviz.experiments.dropout.masks import N_MASKS
from nnviz.experiments.dropout.records import BlockShape
from nnviz.experiments.dropout.uncertainty import LEARNING_RATE, N_GRID, N_POINTS, NOISE, WIDTH
from nnviz.experiments.dropout.variance import N_SAMPLES
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec
from nnviz.ui.labs import dropout_scripts as scripts
from nnviz.ui.labs.dropout import DropoutSettings

_SHAPING: dict[BlockShape, str] = {
    "image": "maps = filtered(images)",
    "signal": f"maps = filtered(images)[:, :, {ROW}]  # one row of pixels",
    "table": "maps = filtered(images).abs().mean(dim=(2, 3))",
    "volume": f"frames = [images.roll(step, dims=-1) for step in range({N_FRAMES})]\n"
    "maps = torch.stack([filtered(frame) for frame in frames], dim=2)",
}
_BETWEEN = {"rectified": ".clamp(min=0)", "half_normal": ".abs()", "normal": ""}


def code_for(settings: DropoutSettings) -> str:
    """A script that computes what the page shows, with the same random numbers."""
    text = scripts.SCRIPTS[settings.view]
    for name, value in {**_own(settings), **_fixed()}.items():
        text = text.replace(f"<{name}>", str(value))
    return text


def _own(s: DropoutSettings) -> dict[str, object]:
    seeds = {
        "masks": derived_seed(s.seed, "small network"),
        "variance": derived_seed(s.seed, "variance"),
        "channels": derived_seed(s.seed, s.shape, s.draw),
        "alpha": derived_seed(s.seed, "alpha"),
        "shift": derived_seed(s.seed, "variance shift"),
        "uncertainty": derived_seed(s.seed, "curve"),
    }
    first = s.order == "dropout_first"
    return {
        "seed": seeds[s.view],
        "mask seed": derived_seed(s.seed, "mask", s.draw),
        "many seed": derived_seed(s.seed, "many masks"),
        "deep seed": derived_seed(s.seed, "selu network"),
        "q": s.q,
        "input q": s.input_q,
        "sizes": [NETWORK_INPUTS, *[s.width] * s.depth],
        "mean": s.mean,
        "std": s.std,
        "inputs": s.n_inputs,
        "channel layer": LAYERS[s.shape][0],
        "maps": _SHAPING[s.shape],
        "images": f"{s.first} : {s.first + N_IMAGES}",
        "layers": s.n_layers,
        "made": _BETWEEN[s.inputs],
        "before": f"nn.Dropout({s.q})" if first else "nn.Identity()",
        "behind": "nn.Identity()" if first else f"nn.Dropout({s.q})",
        "steps": s.n_steps,
        "gap": s.gap_width,
        "gap start": s.fit.gap[0],
        "passes": s.fit.n_passes,
    }


def _fixed() -> dict[str, object]:
    return {
        "network inputs": NETWORK_INPUTS,
        "masks": N_MASKS,
        "samples": N_SAMPLES,
        "filters": list(FILTERS.values()),
        "numbers": N_NUMBERS,
        "alpha samples": ALPHA_SAMPLES,
        "alpha width": ALPHA_WIDTH,
        "stream": f"{N_BATCHES}, {BATCH}, {N_INPUTS}",
        "in": N_INPUTS,
        "out": N_OUTPUTS,
        "points": N_POINTS,
        "grid": N_GRID,
        "width": WIDTH,
        "rate": LEARNING_RATE,
        "noise": NOISE,
    }


def experiment_for(settings: DropoutSettings) -> ExperimentSpec:
    """A training with this q, on data that fit the view."""
    q = settings.q
    dense = [{"kind": "dense", "width": 32}] * 2
    network: dict[str, object] = {"blocks": dense, "dropout": q}
    data: dict[str, object] = {"name": "moons", "noise": 0.3, "n_samples": 200}
    match settings.view:
        case "masks":
            width = max(settings.width, 2)
            network["blocks"] = [{"kind": "dense", "width": width}] * settings.depth
        case "channels":
            image = settings.shape in ("image", "volume")
            data = {"name": "digits" if image else "mnist1d"}
            if settings.shape != "table":
                network["blocks"] = [{"kind": "convolution", "channels": len(FILTERS)}] * 2
        case "alpha":
            network |= {
                "activation": "selu",
                "dropout_kind": "alpha",
                "initialization": {"name": "kaiming_normal", "gain": 1.0},
                "blocks": [{"kind": "dense", "width": 32}] * settings.n_layers,
            }
        case "shift":
            network["normalization"] = "batch"
            if settings.order == "batch_norm_first":
                network["placement"] = "before"
        case "uncertainty":
            data = {"name": "sinusoid", "noise": NOISE, "n_samples": 64}
            network["blocks"] = [{"kind": "dense", "width": WIDTH}] * 2
        case "variance":
            pass
        case _:
            assert_never(settings.view)
    return ExperimentSpec.model_validate({"data": data, "network": network})
