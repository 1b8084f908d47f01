"""Four starts by `model.apply(init_weights)`, and their trainings, as torch code."""

from __future__ import annotations

from collections.abc import Mapping

from nnviz.catalog.activations import gain
from nnviz.spec import ExperimentSpec, InitializationSpec
from nnviz.ui.exhibits.signal_code import fill_code, module_code

_SCRIPT = """\
import torch
from torch import nn

from nnviz.data import load
from nnviz.seeds import derived_seed
from nnviz.spec import DataSpec

torch.set_num_threads(1)
data = load(DataSpec(name="digits"))
x, y = data.train_x, data.train_y
starts = {{  # what fills a weight: in hidden layers, in the output layer; None: nn.Linear's own
{starts}}}
rms, losses = {{}}, {{}}

for lane, fills in starts.items():
    hidden = [part for _ in range({depth}) for part in (nn.Linear({width}, {width}), {phi})]
    model = nn.Sequential(nn.Flatten(), *hidden, nn.Linear({width}, 10))
    names = iter({names})

    def init_weights(m):
        if not isinstance(m, nn.Linear):
            return
        if fills is None:
            torch.manual_seed(derived_seed({seed}, next(names)))
            return m.reset_parameters()
        torch.manual_seed(derived_seed({seed}, next(names), "w"))
        with torch.no_grad():
            fills[m is model[-1]](m.weight)
        nn.init.zeros_(m.bias)

    model.apply(init_weights)
    with torch.no_grad():
        outputs = [model[: 3 + 2 * layer](x) for layer in range({depth})]
    rms[lane] = [a.square().mean().sqrt().item() for a in outputs]

    optimizer = torch.optim.SGD(model.parameters(), lr={learning_rate})
    batches, epoch = [], 0
    for step in range({n_steps}):
        if not batches:
            order = torch.Generator().manual_seed(derived_seed({seed}, "epoch", epoch))
            batches = list(torch.randperm(len(x), generator=order).split({batch_size}))
            epoch += 1
        batch = batches.pop(0)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
        optimizer.step()
    with torch.no_grad():
        losses[lane] = nn.functional.cross_entropy(model(x), y).item()
    print(lane, "sizes", rms[lane], "loss", losses[lane])
"""


def race_code(lanes: Mapping[str, ExperimentSpec]) -> str:
    """The page's own numbers: the seeds are derived from the layers' names and the epoch."""
    spec = next(iter(lanes.values()))
    training, network = spec.training, spec.network
    rows = "".join(
        f'    "{name}": {_fills(lane.network.initialization, network.activation)},\n'
        for name, lane in lanes.items()
    )
    return _SCRIPT.format(
        starts=rows,
        depth=len(network.blocks),
        width=spec.layer_shapes[0].output_shape[0],
        phi=module_code(network.activation),
        names=[layer.name for layer in spec.layer_shapes],
        learning_rate=training.optimizer.learning_rate,
        seed=training.seed,
        n_steps=training.n_steps,
        batch_size=training.batch_size,
    )


def _fills(start: InitializationSpec, activation: str) -> str:
    if start.name == "default":
        return "None"
    hidden, output = (fill_code(start, gain(name)) for name in (activation, "identity"))
    return f"(lambda W: {hidden}, lambda W: {output})"
