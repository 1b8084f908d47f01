"""The script's network: one row a block, then its initial weights, then its dropout masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from nnviz.catalog.calls import written
from nnviz.catalog.sources import Definitions
from nnviz.export.lines import WIDTH
from nnviz.network import WITH_WEIGHTS, initialization_of, part_calls, weight_fill
from nnviz.spec import ExperimentSpec, LayerShape


def network_lines(spec: ExperimentSpec, needed: Definitions) -> list[str]:
    """Ends with `network`, in training mode, at step 0."""
    rows: list[str] = []
    places: dict[tuple[str, str], str] = {}
    for layer in spec.layer_shapes:
        calls = part_calls(layer)
        for part in calls:
            places[layer.name, part] = f"network[{len(places)}]"
        rows += _row(layer.name, [needed.source_of(call) for call in calls.values()])
    weights = _weights(spec, places, needed)
    return [
        "# Network: one row a block",
        "network = nn.Sequential(",
        *rows,
        ")",
        *weights,
        *_masks(spec, places),
    ]


def _row(name: str, parts: Sequence[str]) -> list[str]:
    """The parts of a block on one line, or where that is long one part a line."""
    line = f"    {', '.join(parts)},  # {name}"
    return [line] if len(line) <= WIDTH else [f"    # {name}", *(f"    {p}," for p in parts)]


def _weights(
    spec: ExperimentSpec, places: dict[tuple[str, str], str], needed: Definitions
) -> list[str]:
    """Layers that start alike, next to each other, share a loop."""
    starts = []
    for layer in spec.layer_shapes:
        for place in (places[layer.name, p] for p in WITH_WEIGHTS if (layer.name, p) in places):
            lines = tuple(_start(spec, layer, needed))
            starts.append((f"({written(layer.name)}, {place})", lines))
    text = ["", "# Initial weights: each layer draws its own, from the training seed and its name"]
    text.append(f"seed = {spec.training.seed}")
    for lines, layers in groupby(starts, key=lambda start: start[1]):
        text.append(f"for name, layer in {_sequence(pair for pair, _ in layers)}:")
        text += [f"    {line}" for line in lines]
    return text


def _start(spec: ExperimentSpec, layer: LayerShape, needed: Definitions) -> Iterator[str]:
    fill = weight_fill(spec.network, layer)
    if fill is None:
        yield "torch.manual_seed(derived_seed(seed, name))"
        yield "layer.reset_parameters()"
        return
    yield 'torch.manual_seed(derived_seed(seed, name, "w"))'
    yield needed.source_of(fill, "layer.weight.data")
    yield f"nn.init.constant_(layer.bias, {initialization_of(spec.network, layer).bias or 0.0})"


def _masks(spec: ExperimentSpec, places: dict[tuple[str, str], str]) -> list[str]:
    layers = [
        f"({written(name)}, {place})" for (name, part), place in places.items() if part == "dropout"
    ]
    if not layers:
        return []
    return [
        "",
        "",
        "def seed_mask(layer, inputs):",
        '    """Set torch\'s generator to the mask of this layer and step."""',
        "    torch.manual_seed(derived_seed(layer.seed, step))",
        "",
        "",
        "# Dropout masks: each layer's own too. Another device than the CPU draws others",
        f"for name, layer in {_sequence(layers)}:",
        '    layer.seed = derived_seed(seed, "dropout", name + ".dropout")',
        "    layer.register_forward_pre_hook(seed_mask)",
    ]


def _sequence(items: Iterator[str] | list[str]) -> str:
    """A list on one line, or where it is long one item a line."""
    texts = list(items)
    line = f"[{', '.join(texts)}]"
    if len(f"for name, layer in {line}:") <= WIDTH:
        return line
    return "[\n" + "".join(f"    {text},\n" for text in texts) + "]"
