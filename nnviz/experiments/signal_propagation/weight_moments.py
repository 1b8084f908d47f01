"""Mean and variance of a weight as its initializer draws it, in closed form."""

from __future__ import annotations

import math

from nnviz.blocks.initialization import InitializationSpec
from nnviz.catalog.activations import gain
from nnviz.catalog.initializers import INITIALIZERS


def weight_moments(
    spec: InitializationSpec, activation: str, fan_in: int, fan_out: int, rows: int | None = None
) -> tuple[float, float] | None:
    """Mean and variance of a single weight; None where weights are no draw (eye, dirac).

    `rows` (size(0), what `sparse` and `orthogonal` see) defaults to `fan_out`. Sources: the
    definitions of torch.nn.init; nn.Linear's own default is U(±1/√fan_in), variance
    1/(3·fan_in); `trunc_normal` has absolute bounds.
    """
    rows = fan_out if rows is None else rows
    values = {**INITIALIZERS[spec.name].arguments, **spec.arguments}
    chosen = values.get("gain")
    squared_gain = (gain(activation) if chosen is None else float(chosen)) ** 2
    match spec.name:
        case "default":
            return 0.0, 1 / (3 * fan_in)
        case "xavier_uniform" | "xavier_normal":
            return 0.0, squared_gain * 2 / (fan_in + fan_out)
        case "kaiming_uniform" | "kaiming_normal":
            return 0.0, squared_gain / (fan_in if values["mode"] == "fan_in" else fan_out)
        case "orthogonal":
            return 0.0, squared_gain / max(rows, fan_in)
        case "constant":
            return float(values["value"] or 0.0), 0.0
        case "ones":
            return 1.0, 0.0
        case "zeros":
            return 0.0, 0.0
    return _drawn(spec.name, {k: float(v or 0.0) for k, v in values.items()}, rows)


def _drawn(name: str, values: dict[str, float], rows: int) -> tuple[float, float] | None:
    match name:
        case "uniform":
            return (values["a"] + values["b"]) / 2, (values["b"] - values["a"]) ** 2 / 12
        case "normal":
            return values["mean"], values["std"] ** 2
        case "sparse":
            kept = 1 - math.ceil(values["sparsity"] * rows) / rows
            return 0.0, kept * values["std"] ** 2
        case "trunc_normal":
            return _truncated(**values)
        case _:  # eye and dirac draw nothing; of others no closed form is known here
            return None


def _truncated(mean: float, std: float, a: float, b: float) -> tuple[float, float]:
    """Moments of a normal draw that is repeated until it lies within [a, b]."""
    low, high = (a - mean) / std, (b - mean) / std
    pdf_low, pdf_high = (math.exp(-(t**2) / 2) / math.sqrt(2 * math.pi) for t in (low, high))
    mass = (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) / 2
    shift = (pdf_low - pdf_high) / mass
    variance = 1 + (low * pdf_low - high * pdf_high) / mass - shift**2
    return mean + std * shift, max(variance, 0.0) * std**2
