"""Which steps are recorded: a grid of the settings, never of the clock.

All strides are powers of two, so that a coarse grid is part of every finer one, and readers who
go at different speeds meet at the same steps.
"""

from __future__ import annotations

from nnviz.spec import ExperimentSpec
from nnviz.training import is_early

N_RECORDED = 256
MOST_APART = 256
"""Steps between records of a training that goes as fast as it can, however long it is."""
MAX_SLOWDOWN = 0.1
MAX_SECONDS_APART = 0.25
COARSER = 16
STEPS_SHOWN_A_SECOND = 10.0
FINEST_IN_A_CROWD, SEEN_EVERY_SECONDS = 64, 0.09
MIN_KEPT, MAX_KEPT = 64, 512

STEP_SECONDS, SNAPSHOT_SECONDS = 3e-4, 4e-3
"""What a step and a snapshot take at least, of however small a network."""


def is_on(step: int, stride: int) -> bool:
    """Whether `step` is on the grid of that stride: 0, 1, 2, 4, 8, … or a multiple."""
    return is_early(step) or step % stride == 0


def next_on(step: int, stride: int) -> int:
    """The first step of the grid after `step`."""
    return min(1 << step.bit_length(), (step // stride + 1) * stride)


def fine_stride(n_steps: int, n_recorded: int = N_RECORDED) -> int:
    """The stride that gives at most `n_recorded` records over a training."""
    return _power_of_two(n_steps / n_recorded)


def live_stride(spec: ExperimentSpec, n_steps: int, speed: float | None) -> int:
    """The stride while training goes on at `speed` steps a second (None: as fast as it can).

    Slow enough, it is every step. At full speed it is as coarse as recording needs to cost a tenth
    of the time, within limits; `fine_stride` is filled in when the training rests.
    """
    if speed is not None:
        return max(1, _power_of_two(speed / STEPS_SHOWN_A_SECOND / 1.999))
    step = max(spec.step_seconds, STEP_SECONDS)
    cheap = max(spec.snapshot_seconds, SNAPSHOT_SECONDS) / MAX_SLOWDOWN
    finest = min(fine_stride(n_steps), MOST_APART)
    wished = max(finest, _power_of_two(min(cheap, MAX_SECONDS_APART) / step))
    return min(wished, COARSER * finest, MOST_APART)


def crowded_stride(stride: int, rate: float) -> int:
    """The stride at full speed where a training gets `rate` steps a second; NaN is not known.

    Finer where steps come slowly, so that each burst has something to show.
    """
    while stride > FINEST_IN_A_CROWD and rate * SEEN_EVERY_SECONDS < stride:
        stride //= 2
    return stride


def state_stride(stride: int) -> int:
    """How far apart states are kept beside records that are `stride` apart."""
    return min(max(8 * stride, MIN_KEPT), MAX_KEPT)


def _power_of_two(at_least: float) -> int:
    power = 1
    while power < at_least:
        power *= 2
    return power
