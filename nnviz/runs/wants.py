"""What readers need of a trajectory, and the bursts that bring it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nnviz.runs.bursts import Burst
from nnviz.runs.grid import state_stride
from nnviz.runs.trajectory import Trajectory


@dataclass(frozen=True)
class Want:
    """What a reader needs of a trajectory.

    Records of the grid of `stride` up to `until`; those of `steps`, soon, and of one of them,
    `standing`, the state too; and `holes`, steps that were passed without a record, when there is
    nothing better to do. `is_urgent` is a reader who has just pressed something.
    """

    until: int = 0
    stride: int = 1
    steps: frozenset[int] = frozenset()
    standing: int | None = None
    holes: frozenset[int] = frozenset()
    is_urgent: bool = False

    @property
    def records(self) -> frozenset[int]:
        """All single steps of which there is to be a record."""
        return self.steps | self.holes

    @property
    def last(self) -> int:
        """The last step that is needed; -1 where nothing is."""
        return max(self.until, *self.records, -1)


def needs(trajectory: Trajectory, want: Want, where: str) -> bool:
    """Whether there is work for this want at the "head" of the training, or "behind" it."""
    if where == "behind":
        return bool(want.steps or want.holes)
    return trajectory.end is None and want.last > trajectory.head


def ahead(trajectory: Trajectory, wants: Sequence[Want], seconds: float) -> Burst | None:
    """Taking the training further than it was."""
    wants = [want for want in wants if needs(trajectory, want, "head")]
    if not wants:
        return None
    start, state = trajectory.nearest_state(trajectory.head)
    steps = frozenset(step for want in wants for step in want.records if step > start)
    return Burst(
        trajectory.timeline,
        state,
        until=max(want.last for want in wants),
        seconds=seconds,
        grids=tuple({(want.stride, want.until) for want in wants}),
        keep_every=state_stride(min(want.stride for want in wants)),
        recorded=steps,
        kept=frozenset(step for want in wants for step in want.steps if step > start),
    )


def behind(trajectory: Trajectory, wants: Sequence[Want], seconds: float) -> Burst | None:
    """Going once more to single steps that were passed, for snapshots and states."""
    steps = {step for want in wants for step in want.steps if step <= trajectory.head}
    stood = frozenset(want.standing for want in wants if want.standing is not None)
    stateless = {step for step in stood if trajectory.state(step) is None}
    missing = [s for s in steps if s in stateless or not trajectory.recorded(s)]
    return _over(trajectory, missing, seconds, kept=stood)


def filling(trajectory: Trajectory, wants: Sequence[Want], seconds: float) -> Burst | None:
    """Recording what was passed without a record, while nobody goes on."""
    if any(needs(trajectory, want, "head") for want in wants):
        return None
    steps = {step for want in wants for step in want.holes if step <= trajectory.head}
    return _over(trajectory, [s for s in steps if not trajectory.recorded(s)], seconds)


def _over(
    trajectory: Trajectory,
    missing: Iterable[int],
    seconds: float,
    kept: frozenset[int] = frozenset(),
) -> Burst | None:
    """From the nearest state over the first of these steps, as long as no other state is nearer."""
    steps = sorted(missing)
    if not steps:
        return None
    before = steps[0] if trajectory.recorded(steps[0]) else steps[0] - 1
    _, state = trajectory.nearest_state(before)
    states = sorted(trajectory.state_steps(trajectory.head))
    until = steps[0]
    for step in steps[1:]:
        if bisect_left(states, step) > bisect_left(states, until + 1):
            break
        until = step
    taken = frozenset(step for step in steps if step <= until)
    return Burst(
        trajectory.timeline,
        state,
        until,
        seconds,
        recorded=taken,
        kept=taken & kept,
    )
