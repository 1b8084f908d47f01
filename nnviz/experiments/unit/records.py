"""What is asked about a unit, and what is known of it.

Shapes: K images, I channels that arrive, H × W pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.records import FloatArray, IntArray


@dataclass(frozen=True)
class AskedUnit:
    """A unit, or a channel, of a layer."""

    layer: str
    unit: int


@dataclass(frozen=True)
class ExcitingImages:
    """The test images that excite the unit most, the strongest first.

    `value_K` is what the unit gives, of a channel the largest over all positions; `class_K` their
    true classes, -1 where there are none; `map_KHW` what a channel gives at each position.
    """

    point_K: IntArray
    image_KHW: FloatArray
    value_K: FloatArray
    class_K: IntArray
    map_KHW: FloatArray | None = None


@dataclass(frozen=True)
class UnitRecord:
    """A unit where the training stands, in evaluation mode.

    `bias` is None where the layer has none of its own. `kernel_IHW` are the weights of a
    convolution, or those of a dense unit over the image that it gets.
    """

    layer: str
    unit: int
    can_set: bool
    can_freeze: bool
    is_off: bool
    bias: float | None = None
    kernel_IHW: FloatArray | None = None
    images: ExcitingImages | None = None
