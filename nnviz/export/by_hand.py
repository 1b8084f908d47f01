"""The script's interventions: weights set, units switched off, layers frozen on the way."""

from __future__ import annotations

from collections.abc import Iterable

from nnviz.catalog.calls import written
from nnviz.network import part_calls
from nnviz.spec import ExperimentSpec, LayerShape
from nnviz.spec.by_hand import Intervention, units_switched

Places = dict[tuple[str, str], str]
"""Where the script finds each part of a block, and what holds blocks under the part ""."""

_SWITCHES = '''
def switch_behind(part, n_units):
    """What the units of this part are multiplied by from now on: 1, or 0 where they are off."""
    factor = torch.ones(n_units)
    part.register_forward_hook(
        lambda part, inputs, given: given * factor.view(-1, *[1] * (given.dim() - 2))
    )
    return factor

'''
_FROZEN = """\
frozen = {}
ends = np.cumsum([0, *(p.numel() for p in network.parameters())])
starts = {id(p): start for p, start in zip(network.parameters(), ends)}


def vector_parts(*modules):
    \"\"\"Where the parameters of these modules lie in the vector of all.\"\"\"
    own = [p for module in modules for p in module.parameters()]
    return [slice(starts[id(p)], starts[id(p)] + p.numel()) for p in own]

"""
HOLD = """\
parts = [part for layer in frozen.values() for part in layer]
    kept = [weights.data[part].clone() for part in parts]
    for part in parts:
        weights.grad[part] = 0
    """
PUT_BACK = """
    for part, before in zip(parts, kept):
        weights.data[part] = before"""


def by_hand_lines(spec: ExperimentSpec, places: Places) -> list[str]:
    """A function of the step that does what was done; nothing where nothing was."""
    done = spec.training.by_hand
    if not done:
        return []
    lines = ["", "", "# What was done by hand, each before the update that follows its step"]
    switched = units_switched(done)
    shapes = {layer.name: layer for layer in spec.layer_shapes}
    if switched:
        lines += [*_SWITCHES.strip("\n").splitlines(), "", ""]
    lines += [
        f"{_factor(name)} = switch_behind({_last_part(shapes[name], places)},"
        f" {shapes[name].output_shape[0]})"
        for name in switched
    ]
    if freezes(spec):
        lines += _FROZEN.strip("\n").splitlines()
    lines += ["", "", "def by_hand(step):", '    """What takes effect before this update."""']
    for step in dict.fromkeys(each.step for each in done):
        lines.append(f"    if step == {step}:")
        lines += [f"        {_act(each, shapes, places)}" for each in done if each.step == step]
    return lines


def freezes(spec: ExperimentSpec) -> bool:
    """Whether a layer is ever frozen."""
    return any(done.do == "freeze" for done in spec.training.by_hand)


def _act(done: Intervention, shapes: dict[str, LayerShape], places: Places) -> str:
    name = written(done.layer)
    match done.do:
        case "off" | "on":
            return f"{_factor(done.layer)}[{done.unit}] = {float(done.do == 'on')}"
        case "freeze":
            return f"frozen[{name}] = vector_parts({', '.join(_learned(done.layer, places))})"
        case "unfreeze":
            return f"frozen.pop({name}, None)"
        case "set":
            place = places[done.layer, shapes[done.layer].core.learned or ""]
            if done.input is None:
                return f"{place}.bias.data[{done.unit}] = {done.value}"
            return f"{place}.weight.data[{done.unit}].view(-1)[{done.input}] = {done.value}"


def _factor(name: str) -> str:
    return f"{name.replace('.', '_')}_is_on"


def _last_part(layer: LayerShape, places: Places) -> str:
    *_, last = ("", *part_calls(layer))
    return places[layer.name, last]


def _learned(name: str, places: Places) -> Iterable[str]:
    """The parts of a block, or all of them that a residual one holds."""
    if (name, "") in places:
        return [places[name, ""]]
    return [place for (layer, _), place in places.items() if layer == name]
