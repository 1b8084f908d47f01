"""The script's data: drawn, split, scaled on the training part, as tensors."""

from __future__ import annotations

from typing import Literal, assert_never

from nnviz.catalog.calls import written
from nnviz.catalog.sources import Definitions
from nnviz.spec import DataSpec, ExperimentSpec


def data_lines(spec: ExperimentSpec, needed: Definitions) -> list[str]:
    """Ends with `train_x`, `train_y`, `test_x` and `test_y`."""
    data = spec.data
    arguments = str(data.size), repr(data.noise_level), str(data.classes), "rng"
    more = {} if data.row_length is None else {"length": str(data.row_length)}
    x_is_table = len(data.sample.shape) == 1
    return [
        f"# Data: {data.entry.description};",
        f"# {data.n_train} points to train, {data.n_test} to test",
        f"rng = {_rng(data, 'draw')}",
        f"x, y = {needed.source_of(data.entry.call, *arguments, **more)}",
        *_order(data),
        f"train, test = order[{data.n_test}:], order[:{data.n_test}]",
        *_scaled("x", data.input_scaling, "axis=0" if x_is_table else ""),
        *(_scaled("y", data.scaling, "axis=0") if data.entry.scale_target else ()),
        *_label_noise(data),
        "x = torch.tensor(x, dtype=torch.float32)",
        f"y = torch.tensor(y, dtype=torch.{'long' if data.classes else 'float32'})",
        "train_x, train_y, test_x, test_y = x[train], y[train], x[test], y[test]",
    ]


def _order(data: DataSpec) -> list[str]:
    if not data.entry.test_is_last:
        return [f"order = {_rng(data, 'split')}.permutation({data.size})"]
    return [
        "# The last points are the test points",
        f"order = {_rng(data, 'split')}.permutation({data.n_train})",
        f"order = np.concatenate([np.arange({data.n_train}, {data.size}), order])",
    ]


def _rng(data: DataSpec, purpose: str) -> str:
    parts = ", ".join(map(written, (data.name, data.seed, purpose)))
    return f"np.random.default_rng(derived_seed({parts}))"


def _scaled(name: str, scaling: Literal["standard", "minmax", "none"], axis: str) -> list[str]:
    match scaling:
        case "none":
            return []
        case "standard":
            return [
                f"shift, factor = {name}[train].mean({axis}), {name}[train].std({axis})",
                f"{name} = ({name} - shift) / np.where(factor > 0, factor, 1.0)",
            ]
        case "minmax":
            return [
                f"low, high = {name}[train].min({axis}), {name}[train].max({axis})",
                "shift, factor = (low + high) / 2, (high - low) / 2",
                f"{name} = ({name} - shift) / np.where(factor > 0, factor, 1.0)",
            ]
        case _:
            assert_never(scaling)


def _label_noise(data: DataSpec) -> list[str]:
    if not data.label_noise:
        return []
    return [
        f"# Label noise: {data.label_noise:.0%} of the training points get another class",
        f"rng = {_rng(data, 'label noise')}",
        f"wrong = rng.permutation({data.n_train})[:{round(data.label_noise * data.n_train)}]",
        f"shift = rng.integers(1, {data.classes}, {data.n_train})",
        f"y[train[wrong]] = (y[train] + shift)[wrong] % {data.classes}",
    ]
