"""The lanes of a comparison as pipelines, and the sentence that says what to see in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from nnviz import figures
from nnviz.catalog.calls import Call
from nnviz.feed.panels import Choices
from nnviz.feed.view import Asked, Shown
from nnviz.figures import FigureDict
from nnviz.figures.pipeline import growth_per_layer
from nnviz.figures.pipeline_cells import brief
from nnviz.figures.pipeline_columns import FLOWS, Flow, PipelineLane, PipelinePart
from nnviz.network import part_calls
from nnviz.records import Snapshot, WiresRecord
from nnviz.runs import lanes_difference
from nnviz.spec import ExperimentSpec, LayerShape

_MOVES = ("Flatten", "Identity", "ZeroPad")
"""Modules that hand on what they get: their wire is the one before."""


def draw(s: Shown) -> FigureDict:
    """The picture."""
    lanes = lanes_of(tuple(s.names), tuple(s.specs))
    return figures.pipeline(s.snapshots, lanes, opened_block(s.specs, s.asked.layer), s.asked.flow)


def choices(asked: Asked) -> Choices:
    """The switch over the whole picture."""
    return Choices("flow", {str(flow): words for flow, words in FLOWS.items()}, asked.flow)


def opened_block(specs: Sequence[ExperimentSpec], asked: str) -> str:
    """The block whose parts are drawn: the asked one, else the middle one of those that differ."""
    lanes = [{layer.name: (layer.block, layer.settings) for layer in s.layer_shapes} for s in specs]
    names = list(dict.fromkeys(name for lane in lanes for name in lane))
    if asked in names:
        return asked
    differing = [name for name in names if len({repr(lane.get(name)) for lane in lanes}) > 1]
    among = differing or names[:-1] or names
    return among[(len(among) - 1) // 2]


@lru_cache(maxsize=64)
def lanes_of(names: tuple[str, ...], specs: tuple[ExperimentSpec, ...]) -> tuple[PipelineLane, ...]:
    """Each lane with its parts."""
    own = _own(specs)
    return tuple(
        PipelineLane(name, told, [part for layer in spec.layer_shapes for part in _parts(layer)])
        for name, told, spec in zip(names, own, specs, strict=True)
    )


def _own(specs: Sequence[ExperimentSpec]) -> list[str]:
    """What differs, each lane's own value: "initialization: xavier normal"."""
    found = [text.partition(": ") for text in lanes_difference(specs)]
    pairs = [(name, values.split(", ")) for name, _, values in found]
    pairs = [(name, values) for name, values in pairs if len(values) == len(specs)]
    return [
        " · ".join(f"{name} {values[lane]}" for name, values in pairs if _has(spec, name))
        for lane, spec in enumerate(specs)
    ]


def _has(spec: ExperimentSpec, setting: str) -> bool:
    """Whether the setting says something: without a normalization its place does not, and where
    the number of blocks differs the single ones don't."""
    if setting.startswith("block ") and setting.endswith(tuple("0123456789")):
        return False
    return spec.network.normalization != "none" or not setting.startswith("normalization ")


def _parts(layer: LayerShape) -> list[PipelinePart]:
    found = []
    for name, call in part_calls(layer).items():
        wire, title = f"{layer.name}.{name}", _title(call)
        if not title.startswith(_MOVES):
            words = title, _detail(name, call, layer), _start(name, layer)
            found.append(PipelinePart(wire, layer.name, *words))
    return found or [PipelinePart(layer.name, layer.name, layer.kind)]


def _title(call: Call) -> str:
    """The module without its number of dimensions."""
    title = str(call).partition("(")[0].removeprefix("nn.")
    return title.removesuffix("1d").removesuffix("2d").removesuffix("3d")


def _detail(name: str, call: Call, layer: LayerShape) -> str:
    if name == layer.core.learned:
        words = [value for value in call.values if isinstance(value, str)]
        return " ".join([*words, f"{_size(layer.input_shape)} → {_size(layer.output_shape)}"])
    if name == "dropout" and layer.settings is not None:
        return f"p = {layer.settings.dropout:g}"
    return ""


def _start(name: str, layer: LayerShape) -> str:
    """How the learned part's weights begin."""
    if layer.settings is None or name != layer.core.learned:
        return ""
    return layer.settings.initialization.name


def _size(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))


def sentence(
    names: Sequence[str],
    specs: Sequence[ExperimentSpec],
    snapshots: Sequence[Snapshot],
    asked: Asked,
) -> str:
    """What to see now, from the numbers: what the opened block hands on, or the gradient's way."""
    if asked.flow == "gradient":
        return _backward(snapshots, names)
    opened = opened_block(specs, asked.layer)
    told = [
        f"{lane.name} {words}"
        for lane, taken in zip(lanes_of(tuple(names), tuple(specs)), snapshots, strict=True)
        if (words := _wire_in_words(taken.wires.get(asked.flow), lane, opened))
    ]
    first = f"What {opened} hands on: {'; '.join(told)}." if told else ""
    return f"{first} {_untrained_statistics(snapshots, asked.flow)}".strip()


def _wire_in_words(wires: WiresRecord | None, lane: PipelineLane, block: str) -> str:
    own = [part.wire for part in lane.parts if part.block == block]
    if wires is None or not own or own[-1] not in wires.names:
        return ""
    place = wires.names.index(own[-1])
    mean, std = float(wires.mean_W[place]), float(wires.std_W[place])
    size = max(abs(mean), std)
    shares = f"{wires.zero_W[place]:.0%} zeros" if wires.zero_W[place] > 0.005 else ""
    if not shares:
        shares = f"{wires.negative_W[place]:.0%} negative"
    return f"{brief(mean, size)} ± {brief(std, size)}, {shares}"


def _untrained_statistics(snapshots: Sequence[Snapshot], flow: Flow) -> str:
    has_running = any(
        layer.batch_statistics is not None for taken in snapshots for layer in taken.layers
    )
    if flow != "eval" or snapshots[0].step or not has_running:
        return ""
    return "At step 0 the running statistics are still 0 and 1, so eval() does not normalize yet."


def _backward(snapshots: Sequence[Snapshot], names: Sequence[str]) -> str:
    told = []
    for name, taken in zip(names, snapshots, strict=True):
        growth = growth_per_layer(taken)
        if growth is not None:
            first, last = taken.learned_layers[0].delta_rms, taken.learned_layers[-1].delta_rms
            told.append(f"{name} ×{brief(first / last)}")
    return f"From the last layer back to the first the gradient arrives: {'; '.join(told)}."
