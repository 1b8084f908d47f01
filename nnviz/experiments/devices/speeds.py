"""Which device is faster for which size: the record of a sweep, and where one overtakes another.

Shapes: D devices, Z sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnviz.experiments.devices.records import Device, Timed, Work
from nnviz.records import FloatArray

Axis = Literal["width", "depth", "batch_size"]
SIZES: dict[Axis, tuple[int, ...]] = {
    "width": (8, 16, 32, 64, 128, 256, 512, 1024, 2048),
    "depth": (1, 2, 4, 8, 16, 32),
    "batch_size": (1, 4, 16, 64, 256, 1024, 4096),
}
UNITS: dict[Axis, tuple[str, str]] = {
    "width": ("width", "units a layer"),
    "depth": ("depth", "hidden layers"),
    "batch_size": ("batch size", "samples an update"),
}
MOST_FLOPS = 5e9
"""An update of more is left out: it would hold a worker for long."""


def works(axis: Axis, work: Work) -> tuple[Work, ...]:
    """The work at every size of the axis that is not too much, the rest as in `work`."""
    fixed = {"width": work.width, "depth": work.depth, "batch_size": work.batch_size}
    each = [Work(**{**fixed, axis: size}) for size in SIZES[axis]]
    return tuple(one for one in each if one.flops <= MOST_FLOPS)


@dataclass(frozen=True)
class Speeds:
    """Updates a second, NaN where not back; low and high are the quartiles."""

    axis: Axis
    devices: tuple[Device, ...]
    sizes: tuple[int, ...]
    median_DZ: FloatArray
    low_DZ: FloatArray
    high_DZ: FloatArray
    timed: tuple[Timed, ...]

    @property
    def n_missing(self) -> int:
        """Measurements that are not back."""
        return int(np.isnan(self.median_DZ).sum())

    def at(self, device: Device, size: int) -> Timed | None:
        """One measurement, or None."""
        same = (t for t in self.timed if t.device == device and _size(t, self.axis) == size)
        return next(same, None)


@dataclass(frozen=True)
class Crossing:
    """From about this size on, `second` is faster than `first`."""

    first: Device
    second: Device
    size: float


def collected(axis: Axis, asked: Sequence[Work], known: Sequence[Sequence[Timed]]) -> Speeds | None:
    """What is back of these measurements; None before anything."""
    mine = [one for each in known for one in each if one.work in asked]
    if not mine:
        return None
    devices = tuple(dict.fromkeys(sorted((t.device for t in mine), key=_order)))
    sizes = tuple(getattr(work, axis) for work in asked)
    median, low, high = (np.full((len(devices), len(sizes)), np.nan) for _ in range(3))
    for one in mine:
        place = devices.index(one.device), sizes.index(_size(one, axis))
        median[place], (low[place], high[place]) = one.updates_a_second, one.spread
    return Speeds(axis, devices, sizes, median, low, high, tuple(mine))


def crossings(speeds: Speeds) -> list[Crossing]:
    """Where each device overtakes the one before it for good, where both were measured.

    Between two sizes the ratio of the medians is taken as straight on log axes. It is told only
    where the quartiles at the largest size are apart, in the other order than at the smallest.
    """
    found = []
    for d in range(1, len(speeds.devices)):
        known = np.flatnonzero(np.isfinite(speeds.median_DZ[[d - 1, d]]).all(axis=0))
        if len(known) < 2 or not _is_apart(speeds, d, d - 1, int(known[-1])):
            continue
        ratio_Z = np.log(speeds.median_DZ[d, known] / speeds.median_DZ[d - 1, known])
        behind = np.flatnonzero(ratio_Z <= 0)
        if not behind.size:
            continue
        k = int(behind[-1])
        logs = np.log(np.asarray(speeds.sizes, float)[known[[k, k + 1]]])
        share = -ratio_Z[k] / (ratio_Z[k + 1] - ratio_Z[k])
        size = float(np.exp(logs[0] + share * (logs[1] - logs[0])))
        found.append(Crossing(speeds.devices[d - 1], speeds.devices[d], size))
    return found


def _is_apart(speeds: Speeds, faster: int, slower: int, z: int) -> bool:
    return bool(speeds.low_DZ[faster, z] > speeds.high_DZ[slower, z])


def _size(one: Timed, axis: Axis) -> int:
    return int(getattr(one.work, axis))


def _order(device: Device) -> tuple[bool, int]:
    return device.kind != "cpu", device.n_threads
