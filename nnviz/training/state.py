"""A training that can be stopped, saved, sent, forked and rewound: plain data on the CPU."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from nnviz.records import DivergenceRecord
from nnviz.spec import ExperimentSpec, SpecError, TrainingSpec
from nnviz.training.state_check import check_place, check_tensors

_UNREADABLE = (
    ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, SafetensorError,
)  # fmt: skip
_GROUPS = ("parameters", "buffers", "optimizer")


@dataclass(frozen=True)
class TrainingState:
    """Where a training stands after `step` updates.

    `parameters` and `buffers` are named as in the network's `state_dict`; `optimizer` holds the
    optimizer's tensors over all parameters laid end to end. The random state is the training
    seed with `step`, `epoch` and `position` (samples already used in this epoch): every draw is
    derived from them.
    """

    spec: ExperimentSpec
    parameters: Mapping[str, Tensor]
    buffers: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor] = field(default_factory=dict)
    step: int = 0
    epoch: int = 0
    position: int = 0
    divergence: DivergenceRecord | None = None

    @property
    def epochs(self) -> float:
        """Passes over the training set so far, in fractions."""
        return self.epoch + self.position / self.spec.data.n_train

    def with_training(self, training: TrainingSpec) -> TrainingState:
        """The same network in the middle of its training, continued with other settings.

        The optimizer's memory is kept while the optimizer stays the same kind.
        """
        spec = ExperimentSpec(data=self.spec.data, network=self.spec.network, training=training)
        same = training.optimizer.name == self.spec.training.optimizer.name
        return replace(self, spec=spec, optimizer=self.optimizer if same else {})

    def to_bytes(self) -> bytes:
        """The whole state in the safetensors format, its plain fields as metadata."""
        tensors = {
            f"{group}/{name}": tensor.contiguous().clone()
            for group in _GROUPS
            for name, tensor in getattr(self, group).items()
        }
        plain = {
            "spec": self.spec.model_dump(mode="json"),
            "step": self.step,
            "epoch": self.epoch,
            "position": self.position,
            "divergence": asdict(self.divergence) if self.divergence else None,
        }
        return bytes(save_tensors(tensors, metadata={"nnviz": json.dumps(plain)}))

    @classmethod
    def from_bytes(cls, data: bytes) -> TrainingState:
        """The state that `to_bytes` wrote. Raises SpecError for anything else."""
        try:
            header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
            plain = json.loads(header["__metadata__"]["nnviz"])
            groups: dict[str, dict[str, Tensor]] = {group: {} for group in _GROUPS}
            for key, tensor in load_tensors(data).items():
                group, name = key.split("/", 1)
                groups[group][name] = tensor
            diverged = plain.pop("divergence")
            spec = ExperimentSpec.model_validate(plain.pop("spec"))
            record = DivergenceRecord(**diverged) if diverged else None
            step, epoch, position = (int(plain[name]) for name in ("step", "epoch", "position"))
            parameters, buffers, memory = (groups[name] for name in _GROUPS)
        except _UNREADABLE as error:
            raise SpecError("this is not a saved nnviz training") from error
        check_place(spec, step, epoch, position, record)
        check_tensors(spec, parameters, buffers, memory)
        return cls(spec, parameters, buffers, memory, step, epoch, position, record)
