"""The script's network: one row a block, then its initial weights, then its dropout masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from nnviz.blocks.convolution import ConvolutionBlock
from nnviz.blocks.residual import Residual, ResidualBlock
from nnviz.catalog.calls import written
from nnviz.catalog.sources import Definitions
from nnviz.export.by_hand import by_hand_lines
from nnviz.export.lines import WIDTH
from nnviz.network import dropouts_of, initialization_of, part_calls, weight_fill
from nnviz.spec import ExperimentSpec, LayerShape


def network_lines(spec: ExperimentSpec, needed: Definitions) -> list[str]:
    """Ends with `network`, in training mode, at step 0."""
    rows, places = _rows(spec, needed)
    weights = _weights(spec, places, needed)
    return [
        "# Network: one row a block",
        "network = nn.Sequential(",
        *rows,
        ")",
        *weights,
        *_masks(spec, places),
        *by_hand_lines(spec, places),
    ]


def _rows(
    spec: ExperimentSpec, needed: Definitions
) -> tuple[list[str], dict[tuple[str, str], str]]:
    """Every block in the order of computation, and where the script finds each part."""
    rows: list[str] = []
    within: list[str] = []
    places: dict[tuple[str, str], str] = {}
    n_parts = n_within = 0
    for layer in spec.layer_shapes:
        calls = part_calls(layer)
        texts = [needed.source_of(call) for call in calls.values()]
        if isinstance(layer.block, ResidualBlock):
            needed.add(Residual)
            rows += ["    Residual(", *(f"    {row}" for row in within), "    ),"]
            places[layer.name, ""] = f"network[{n_parts}]"
            within, n_within, n_parts = [], 0, n_parts + 1
        elif "." in layer.name:
            for k, part in enumerate(calls, start=n_within):
                places[layer.name, part] = f"network[{n_parts}][{k}]"
            within += _row(layer.name, texts)
            n_within += len(calls)
        else:
            for k, part in enumerate(calls, start=n_parts):
                places[layer.name, part] = f"network[{k}]"
            rows += _row(layer.name, texts)
            n_parts += len(calls)
    return rows, places


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
        if layer.core.learned:
            place = places[layer.name, layer.core.learned]
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
    if not (isinstance(layer.block, ConvolutionBlock) and not layer.block.bias):
        bias = initialization_of(spec.network, layer).bias or 0.0
        yield f"nn.init.constant_(layer.bias, {bias})"


def _masks(spec: ExperimentSpec, places: dict[tuple[str, str], str]) -> list[str]:
    layers = []
    for layer in spec.layer_shapes:
        for path in dropouts_of(layer):
            part, *inside = path.split(".")
            place = places[layer.name, part] + "".join(map(_member, inside))
            layers.append(f"({written(f'{layer.name}.{path}')}, {place})")
    if not layers:
        return []
    return [
        "",
        "",
        "def seed_mask(layer, inputs):",
        '    """Set torch\'s generator to the mask of this layer and step, sample by sample."""',
        "    torch.manual_seed(derived_seed(layer.seed, step))",
        "    return tuple(each.contiguous() for each in inputs)",
        "",
        "",
        "# Dropout masks: each layer's own too. Another device than the CPU draws others",
        f"for name, layer in {_sequence(layers)}:",
        '    layer.seed = derived_seed(seed, "dropout", name)',
        "    layer.register_forward_pre_hook(seed_mask)",
    ]


def _member(name: str) -> str:
    return f"[{name}]" if name.isdigit() else f".{name}"


def _sequence(items: Iterator[str] | list[str]) -> str:
    """A list on one line, or where it is long one item a line."""
    texts = list(items)
    line = f"[{', '.join(texts)}]"
    if len(f"for name, layer in {line}:") <= WIDTH:
        return line
    return "[\n" + "".join(f"    {text},\n" for text in texts) + "]"
