"""What an output should not depend on: the padding of a sequence, the contrast of an image.

Shapes: N samples, C channels, L positions; K values of what is changed.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from nnviz.experiments.convolution.samples import N_SAMPLES, sample
from nnviz.experiments.normalization.records import KINDS, NormalizationKind, SurroundingsRecord
from nnviz.randomness import torch_generator
from nnviz.records import FloatArray
from nnviz.seeds import derived_seed

N_SEQUENCES, FEATURES, LENGTH, LONGEST = 6, 8, 8, 40
CONTRASTS = np.round(2.0 ** np.linspace(-2, 2, 17), 3)


def pad_neighbours(groups: int, seed: int) -> SurroundingsRecord:
    """Outputs at the 8 real positions of a sequence while its batch is padded to longer ones.

    The neighbours grow with the padding; the sequence itself is followed by zeros. Layer
    normalization is that of sequences: over the features of each position by itself.
    """
    generator = torch_generator(derived_seed(seed, "sequences"))
    whole_NCL = 1 + torch.randn(N_SEQUENCES, FEATURES, LONGEST, generator=generator)
    lengths_K = np.arange(LENGTH, LONGEST + 1, 2)
    outputs: dict[NormalizationKind, list[Tensor]] = {kind: [] for kind in KINDS}
    for length in lengths_K.tolist():
        batch_NCL = whole_NCL[:, :, :length].clone()
        batch_NCL[0, :, LENGTH:] = 0
        for kind in KINDS:
            outputs[kind].append(_normalized(batch_NCL, kind, groups)[0, :, :LENGTH])
    return SurroundingsRecord(
        lengths_K.astype(float), {kind: _moved(found) for kind, found in outputs.items()}, {}
    )


def change_contrast(number: int, contrast: float) -> SurroundingsRecord:
    """Outputs of a colour photograph while the contrast of its red channel is another.

    Its batch are three other crops; `tiles` are red channels before and after, (2, H, W), as it is
    and with this contrast.
    """
    places = [(number + k) % N_SAMPLES for k in range(4)]
    batch_NCHW = torch.from_numpy(np.stack([sample("colour", place) / 255 for place in places]))
    outputs: dict[NormalizationKind, list[Tensor]] = {"batch": [], "layer": [], "instance": []}
    for factor in (1.0, contrast, *CONTRASTS.tolist()):
        changed = batch_NCHW.clone()
        changed[0, 0] = 0.5 + factor * (changed[0, 0] - 0.5)
        for kind in outputs:
            outputs[kind].append(_normalized(changed, kind, 1)[0])
    red_HW = batch_NCHW[0, 0].numpy()
    tiles = {"input": np.stack([red_HW, 0.5 + contrast * (red_HW - 0.5)])}
    tiles |= {
        kind: np.stack([image[0].numpy() for image in found[:2]])
        for kind, found in outputs.items()
        if kind != "batch"
    }
    moved = {kind: _moved(found)[2:] for kind, found in outputs.items()}
    return SurroundingsRecord(CONTRASTS, moved, tiles)


def _normalized(batch: Tensor, kind: NormalizationKind, groups: int) -> Tensor:
    """In training mode, without γ and β; "layer" of a position, or of an image."""
    functional = nn.functional
    match kind:
        case "layer" if batch.dim() == 3:
            return functional.layer_norm(batch.mT, (batch.shape[1],)).mT
        case "layer":
            return functional.group_norm(batch, 1)
        case "batch":
            return functional.batch_norm(batch, None, None, training=True)
        case "instance":
            return functional.instance_norm(batch)
        case "group":
            return functional.group_norm(batch, groups)


def _moved(outputs_K: list[Tensor]) -> FloatArray:
    """Root mean square distance from the first, (K,)."""
    found = torch.stack(outputs_K) - outputs_K[0]
    return np.asarray(found.square().flatten(1).mean(1).sqrt().numpy(), float)
