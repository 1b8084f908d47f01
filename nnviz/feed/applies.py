"""Which experiments a view has something to show for; each takes the settings of all lanes."""

from __future__ import annotations

from collections.abc import Sequence

from nnviz.catalog.activations import ACTIVATIONS, Activation
from nnviz.records import has_classes
from nnviz.spec import ExperimentSpec

Specs = Sequence[ExperimentSpec]


def is_plane(specs: Specs) -> bool:
    """Whether the answers can be drawn over the inputs."""
    return all(spec.data.entry.input_shape in ((1,), (2,)) for spec in specs)


def is_image(specs: Specs) -> bool:
    """Whether a point is a picture, a signal, a row or a volume, and its answer a class."""
    return predicts_classes(specs) and all(len(spec.data.entry.input_shape) > 1 for spec in specs)


def predicts_classes(specs: Specs) -> bool:
    """Whether the targets are classes."""
    return has_classes(specs[0].data.entry.task)


def has_hidden(specs: Specs) -> bool:
    """Whether any lane has a hidden layer."""
    return any(spec.network.depth for spec in specs)


def is_deep(specs: Specs) -> bool:
    """Whether any lane has more than one hidden layer, so that layers can be compared."""
    return any(spec.network.depth > 1 for spec in specs)


def normalizes(specs: Specs) -> bool:
    """Whether any lane has a normalization."""
    return bool(_normalizations(specs) - {"none"})


def has_batch_norm(specs: Specs) -> bool:
    """Whether any lane has a BatchNorm."""
    return "batch" in _normalizations(specs)


def can_die(specs: Specs) -> bool:
    """Whether any lane has units that can be dead."""
    return any(entry.dead_below is not None for entry in _activations(specs))


def can_saturate(specs: Specs) -> bool:
    """Whether any lane has units that can saturate."""
    return any(entry.saturation for entry in _activations(specs))


def _activations(specs: Specs) -> list[Activation]:
    return [
        ACTIVATIONS[layer.settings.activation]
        for spec in specs
        for layer in spec.layer_shapes
        if layer.settings
    ]


def _normalizations(specs: Specs) -> set[str]:
    return {
        layer.settings.normalization
        for spec in specs
        for layer in spec.layer_shapes
        if layer.settings
    }
