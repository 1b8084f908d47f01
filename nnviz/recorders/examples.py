"""What a few test points do inside each block, where samples have positions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nnviz.blocks.kind import Seen
from nnviz.recorders.forward import ForwardRecorder
from nnviz.recorders.parts import learned_part, named_blocks
from nnviz.records import SeenRecord
from nnviz.spec import LayerShape

N_EXAMPLES = 4
MAX_ALONG = 16
"""Channels, units, heads or layers that are kept; steps, rows and columns all are."""
_KEPT_WHOLE = ("example", "step", "looked at", "row", "column", "token")
_SPACES = {1: ("step",), 2: ("row", "column")}


def seen_in(
    network: nn.Sequential, layers: tuple[LayerShape, ...], x: Tensor
) -> dict[str, tuple[SeenRecord, ...]]:
    """What is seen in every block by its name; call in evaluation mode, without gradients."""
    if len(layers[0].input_shape) == 1:
        return {}
    given: dict[str, Tensor] = {}
    handles = []
    for name, block in named_blocks(network):
        if (learned := learned_part(block)) is not None:
            handles.append(learned.register_forward_pre_hook(_keeper(given, name)))
    with ForwardRecorder(network) as heard:
        network(x[:N_EXAMPLES])
    for handle in handles:
        handle.remove()
    found = {}
    for layer in layers[:-1]:
        output = heard.blocks[layer.name].output
        seen = [] if output is None or output.dim() < 3 else [_maps(output)]
        if layer.name in given:
            part = learned_part(network.get_submodule(layer.name))
            assert part is not None
            seen += layer.block.seen(part, given[layer.name])
        found[layer.name] = tuple(_record(each) for each in seen)
    return found


def _keeper(given: dict[str, Tensor], name: str):  # type: ignore[no-untyped-def]
    def keep(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        given[name] = inputs[0]

    return keep


def _maps(output: Tensor) -> Seen:
    """What comes out; of a volume its middle slice."""
    if output.dim() == 5:
        output = output[:, :, output.shape[2] // 2]
    return Seen("maps", ("example", "channel", *_SPACES[output.dim() - 2]), output)


def _record(seen: Seen) -> SeenRecord:
    along = [slice(None) if axis in _KEPT_WHOLE else slice(MAX_ALONG) for axis in seen.axes]
    values = seen.values.detach()[tuple(along)].to("cpu", torch.float16)
    return SeenRecord(seen.name, seen.axes, values.numpy().copy())
