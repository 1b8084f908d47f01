"""What the exhibits of dropout share: q, a seed and its button, and the data to try it on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from nnviz.base import Spec
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Action


class Dropping(Spec):
    """How much is dropped, and the seed of all that is drawn."""

    q: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.5,
        title="Probability of dropping q",
        description="Each unit is dropped with it, anew in every training pass.",
    )
    seed: Annotated[int, Field(ge=0, le=9999)] = 0


def other_numbers(settings: Dropping, shown: object) -> Sequence[Action]:
    """The same question with the next seed."""
    return (Action("Other numbers", {"seed": (settings.seed + 1) % 10_000}, shortcut="n"),)


def on_moons(widths: Sequence[int], **network: Any) -> ExperimentSpec:
    """A network of dense layers of these widths on noisy moons."""
    network = {"blocks": [{"kind": "dense", "width": width} for width in widths], **network}
    data = {"name": "moons", "noise": 0.3, "n_samples": 200}
    return ExperimentSpec.model_validate({"data": data, "network": network})
