"""One lane of the gallery as a script of its own: the first seed's training."""

from __future__ import annotations

from nnviz.experiments.overfitting.gallery import dropped_inputs, extra_of, spec_of
from nnviz.experiments.overfitting.gallery_records import FEWER_INPUTS, GalleryLane
from nnviz.experiments.overfitting.gallery_remedies import N_NUISANCE
from nnviz.experiments.overfitting.remedies import INPUT_NOISE
from nnviz.export import to_pytorch

_DRAWN, _OUTPUT = "x, y = _moons(", "    output = network(inputs)"
_TENSOR = "x = torch.tensor(x, dtype=torch.float32)\n"


def gallery_code(lane: GalleryLane) -> str:
    """The training, update for update; only the noise on inputs is drawn anew."""
    script = to_pytorch(spec_of(lane))
    if sd := extra_of(lane, INPUT_NOISE):
        noisy = f"    output = network(inputs + {sd} * torch.randn_like(inputs))"
        return script.replace(_OUTPUT, noisy)
    if lane.remedy != FEWER_INPUTS:
        return script
    end = script.index("\n", script.index(_DRAWN)) + 1
    more = f"x = np.concatenate([x, rng.standard_normal((len(x), {N_NUISANCE}))], axis=1)\n"
    script = script[:end] + more + script[end:]
    without = f"x[:, {dropped_inputs(lane)}] = 0  # those that tell least of the classes\n"
    return script.replace(_TENSOR, _TENSOR + without) if lane.dose else script
