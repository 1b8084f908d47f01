"""The recurrent block: a state that goes on from step to step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from nnviz.blocks.kind import Block, Core, LearnedTensor, Need, Seen, steps_of
from nnviz.blocks.sample import Sample
from nnviz.catalog.calls import Call

GATES = {
    "rnn": ("state",),
    "lstm": ("input gate", "forget gate", "candidate", "output gate"),
    "gru": ("reset gate", "update gate", "candidate"),
}
"""What the rows of a weight matrix are for, in the order in which torch packs them."""
CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Recurrent(nn.Module):
    """`nn.RNN` (tanh), `nn.LSTM` or `nn.GRU` over samples (channels, steps).

    Gives the states of the last layer at all steps, (states, steps), or one row: at the end of
    the reading ("last": of the backward direction that is step 0), or their mean. `forget_bias`
    is what an LSTM's forget gate starts with, both of torch's biases together; None leaves them as
    torch draws them.
    """

    reads_steps = True

    def __init__(
        self,
        cell: str,
        n_in: int,
        width: int,
        layers: int = 1,
        bidirectional: bool = False,
        output: str = "last",
        forget_bias: float | None = None,
    ) -> None:
        super().__init__()
        self.cells = CELLS[cell](n_in, width, layers, batch_first=True, bidirectional=bidirectional)
        self.output, self.forget_bias = output, forget_bias

    def reset_parameters(self) -> None:
        """U(±1/√width) as torch starts it, then the forget gate's bias."""
        self.cells.reset_parameters()
        if self.forget_bias is None:
            return
        width = self.cells.hidden_size
        for name, parameter in self.cells.named_parameters():
            if name.startswith("bias"):
                start = self.forget_bias if name.startswith("bias_ih") else 0.0
                nn.init.constant_(parameter[width : 2 * width], start)

    def forward(self, x: Tensor) -> Tensor:
        """(N, states, steps) or (N, states) from (N, channels, steps)."""
        states: Tensor = self.cells(x.mT)[0]
        if self.output == "all":
            return states.mT
        if self.output == "mean":
            return states.mean(dim=1)
        if not self.cells.bidirectional:
            return states[:, -1]
        width = self.cells.hidden_size
        return torch.cat([states[:, -1, :width], states[:, 0, width:]], dim=1)


class RecurrentBlock(Block):
    """One or more recurrent layers of `width` units."""

    needs: ClassVar[Need] = "sequence"
    brief: ClassVar[str] = "recur"
    sized_by: ClassVar[str | None] = "width"

    kind: Literal["recurrent"] = "recurrent"
    cell: Literal["rnn", "lstm", "gru"] = Field("lstm", title="Cell")
    width: Annotated[int, Field(ge=1, le=256)] = Field(32, title="Units")
    layers: Annotated[int, Field(ge=1, le=4)] = Field(1, title="Layers")
    bidirectional: bool = Field(
        False, title="Both directions", description="A second set of units reads from the end."
    )
    forget_bias: Annotated[float, Field(ge=-10, le=10)] | None = Field(
        None,
        title="Forget bias",
        description="What an LSTM's forget gate starts with: 1 or more keeps the cell's state from"
        " step to step. Left out, it starts around 0, as torch draws it.",
        json_schema_extra={"choices": [None, 0.0, 1.0, 2.0, 4.0]},
    )
    output: Literal["last", "mean", "all"] = Field(
        "last",
        title="Hands on",
        description="The state after the last step, the mean over the steps, or all of them.",
    )

    @property
    def keeps_positions(self) -> bool:
        """Only where it hands on all steps."""
        return self.output == "all"

    @property
    def n_layers(self) -> int:
        """As many as asked for."""
        return self.layers

    def core(self, arrives: Sample) -> Core:
        """gates · (i·h + h·h) multiplications a step, layer and direction."""
        steps, n_in = steps_of(arrives), arrives.shape[0]
        directions, n_gates = 1 + self.bidirectional, len(GATES[self.cell])
        out = self.width * directions
        incoming = [n_in, *[out] * (self.layers - 1)]
        n_weights = sum(n_gates * self.width * (n + self.width) for n in incoming) * directions
        call = Call(
            Recurrent,
            self.cell,
            n_in,
            self.width,
            layers=self.layers,
            bidirectional=self.bidirectional,
            output=self.output,
            forget_bias=self.forget_bias if self.cell == "lstm" else None,
        )
        shape = (out, steps) if self.output == "all" else (out,)
        inside = steps * out * self.layers * (n_gates + 1)
        return Core(Sample(shape), {"recurrent": call}, "recurrent", steps * n_weights, inside)

    def tensors(self, part: nn.Module) -> tuple[LearnedTensor, ...]:
        """From the inputs and from the state, one tensor a gate, layer and direction."""
        found = []
        for name, parameter in part.named_parameters():
            if parameter.dim() == 1:
                continue
            _, way, layer, *backward = name.removeprefix("cells.").split("_")
            read = {"ih": "input-to-hidden", "hh": "hidden-to-hidden"}[way]
            place = f", layer {int(layer[1:]) + 1}" if self.layers > 1 else ""
            place += ", backward" if backward else ""
            for k, gate in enumerate(GATES[self.cell]):
                rows = slice(k * self.width, (k + 1) * self.width)
                found.append(LearnedTensor(f"{read}, {gate}{place}", name, rows, parameter[rows]))
        return tuple(found)

    def seen(self, part: nn.Module, given: Tensor) -> tuple[Seen, ...]:
        """States and gates of the first layer that reads forward, step by step."""
        cells = part.get_submodule("cells")
        assert isinstance(cells, nn.RNNBase)
        found = unrolled(cells, given.mT)
        return tuple(Seen(name, ("example", "unit", "step"), v) for name, v in found.items())


def unrolled(cells: nn.RNNBase, x_NTC: Tensor) -> dict[str, Tensor]:
    """What the first layer of torch's recurrent module computes on its way forward, (N, units, T).

    "state" is what it hands on; an LSTM has its "cell" besides; gates as named in `GATES`.
    """
    parameters = dict(cells.named_parameters())
    W_ih, W_hh = parameters["weight_ih_l0"], parameters["weight_hh_l0"]
    b_ih, b_hh = parameters["bias_ih_l0"], parameters["bias_hh_l0"]
    names = GATES[cells.mode.partition("_")[0].lower()]
    state = cell = x_NTC.new_zeros(len(x_NTC), cells.hidden_size)
    steps = []
    for x_NC in x_NTC.unbind(1):
        incoming = (x_NC @ W_ih.T + b_ih).chunk(len(names), dim=1)
        returning = (state @ W_hh.T + b_hh).chunk(len(names), dim=1)
        gates, state, cell = _one_step(incoming, returning, state, cell)
        steps.append(torch.stack([*gates, cell, state]))
    told: dict[str, Tensor] = dict(
        zip((*names, "cell", "state"), torch.stack(steps, dim=-1), strict=True)
    )
    if len(names) != len(GATES["lstm"]):
        del told["cell"]
    return told


def _one_step(
    incoming: Sequence[Tensor], returning: Sequence[Tensor], state: Tensor, cell: Tensor
) -> tuple[list[Tensor], Tensor, Tensor]:
    """Gates, state and cell after one step, from W_ih·x + b_ih and W_hh·h + b_hh of each gate."""
    z = [a + b for a, b in zip(incoming, returning, strict=True)]
    if len(z) == 1:
        state = z[0].tanh()
        return [state], state, cell
    if len(z) == 3:
        reset, update = z[0].sigmoid(), z[1].sigmoid()
        candidate = (incoming[2] + reset * returning[2]).tanh()
        return [reset, update, candidate], (1 - update) * candidate + update * state, cell
    let_in, forget, candidate, out = z[0].sigmoid(), z[1].sigmoid(), z[2].tanh(), z[3].sigmoid()
    cell = forget * cell + let_in * candidate
    return [let_in, forget, candidate, out], out * cell.tanh(), cell
