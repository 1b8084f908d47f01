"""What each block computes in a forward pass: pre-activation, normalized value, activation."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from nnviz.catalog.initializers import Learned
from nnviz.recorders.parts import learned_part, named_blocks, part
from nnviz.recorders.wires import INPUT, wired_parts


@dataclass
class BlockForward:
    """One block's values in the pass: (N, units) or (N, channels, …); None where it has none.

    `activation_input` is what the activation function gets: the pre-activation, or the
    normalized value where normalization comes before.
    """

    pre_activation: Tensor | None = None
    normalized: Tensor | None = None
    activation_input: Tensor | None = None
    activation: Tensor | None = None
    output: Tensor | None = None


class ForwardRecorder:
    """Listens to the forward passes inside its `with` block; `blocks` holds the latest one.

    `wires` are what each part handed on, by the names of `wires.py`, and what came in.

    `n_rows` keeps only the first samples. Values are copies on the CPU: nothing refers to the
    network. A value that passes unchanged from one part to the next is one copy.
    """

    def __init__(self, network: nn.Sequential, n_rows: int | None = None) -> None:
        self._network = network
        self._n_rows = n_rows
        self._handles: list[RemovableHandle] = []
        self._latest: tuple[Tensor, Tensor] | None = None
        self.blocks: dict[str, BlockForward] = {}
        self.wires: dict[str, Tensor] = {}

    def __enter__(self) -> ForwardRecorder:
        self._handles.append(self._network.register_forward_pre_hook(self._on_input))
        for name, block in named_blocks(self._network):
            record = self.blocks[name] = BlockForward()
            learned = learned_part(block)
            self._listen(
                learned if isinstance(learned, Learned) else None, record, "pre_activation"
            )
            self._listen(part(block, "normalization"), record, "normalized")
            self._listen(part(block, "activation"), record, "activation", "activation_input")
            self._listen(block, record, "output")
        for name, wired in wired_parts(self._network):
            self._handles.append(wired.register_forward_hook(self._on_wire(name)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._latest = None

    def _listen(
        self, module: nn.Module | None, record: BlockForward, output: str, given: str | None = None
    ) -> None:
        if module is None:
            return

        def keep(_: nn.Module, inputs: tuple[Tensor, ...], result: Tensor) -> None:
            if given:
                setattr(record, given, self._kept(inputs[0]))
            setattr(record, output, self._kept(result))

        self._handles.append(module.register_forward_hook(keep))

    def _on_input(self, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self.wires[INPUT] = self._kept(inputs[0])

    def _on_wire(self, name: str):  # type: ignore[no-untyped-def]
        def keep(_: nn.Module, inputs: tuple[Tensor, ...], result: Tensor) -> None:
            self.wires[name] = self._kept(result)

        return keep

    def _kept(self, value: Tensor) -> Tensor:
        if self._latest is None or self._latest[0] is not value:
            self._latest = value, value[: self._n_rows].detach().to("cpu", copy=True)
        return self._latest[1]
