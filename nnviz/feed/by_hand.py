"""What a reader does to the network by hand: done to the run, refused in words, told."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from nnviz.base import readable_errors
from nnviz.feed.looking import Look
from nnviz.feed.viewer import Viewer
from nnviz.feed.wire import Json
from nnviz.runs import Run
from nnviz.runs.changes import done_by_hand
from nnviz.runs.path import MAX_CHANGES
from nnviz.spec import ExperimentSpec
from nnviz.spec.by_hand import MAX_INTERVENTIONS, Doing, Intervention, in_force

_SUBJECT: dict[Doing, str] = {
    "set": "weight", "off": "switch", "on": "switch", "freeze": "layer", "unfreeze": "layer",
}  # fmt: skip


def intervene(
    viewer: Viewer, do: Doing, layer: str, unit: int | None, place: int | None, value: float | None
) -> None:
    """Do it at the step that is shown, and go on from there; at rest by one step, to show it.

    Where it can't be done `viewer.refused` says why. What was to be done later is of another way.
    """
    run = viewer.run
    at = run.current_step if viewer.position is None else viewer.position
    try:
        done = Intervention(step=at, do=do, layer=layer, unit=unit, input=place, value=value)
        by_hand = _with(run.lanes[0].training.by_hand, done)
        lane = _under(run.lanes[0], by_hand)
    except ValidationError as error:
        viewer.refuse("; ".join(readable_errors(error)[:2]))
        return
    viewer.refuse(_too_much(run, by_hand))
    if not viewer.refused:
        viewer.walk(lambda: run.change([lane], at))
        if run.status != "running":
            run.step()


def untouched(run: Run, seed: int | None = None) -> list[ExperimentSpec]:
    """The lanes without anything done by hand, with this seed (None: their own)."""
    return [_under(lane, (), None if seed is None else {"seed": seed}) for lane in run.lanes]


def told(viewer: Viewer, found: Look | None) -> Json:
    """What is off and frozen at the step that is shown, what is to be done later, and refusals."""
    if found is None or len(found.path.lanes) > 1:
        return {}
    done = found.path.lanes[0].training.by_hand
    standing = in_force(done, found.step)
    later = [
        f"{done_by_hand(each)} at step {each.step:,}" for each in done if each.step > found.step
    ]
    return {
        "off": sorted(map(list, standing.off)),
        "frozen": sorted(standing.frozen),
        "later": later,
        "refused": viewer.refused,
    }


def _with(by_hand: tuple[Intervention, ...], done: Intervention) -> tuple[Intervention, ...]:
    """What was done before, and this in the place of the same at the same step."""
    before = [
        each
        for each in by_hand
        if each.step < done.step or (each.step == done.step and _subject(each) != _subject(done))
    ]
    return (*before, done)


def _subject(done: Intervention) -> tuple[object, ...]:
    return _SUBJECT[done.do], done.layer, done.unit, done.input


def _under(
    lane: ExperimentSpec, by_hand: tuple[Intervention, ...], also: Mapping[str, int] | None = None
) -> ExperimentSpec:
    training = lane.training.model_copy(update={"by_hand": by_hand, **(also or {})})
    return ExperimentSpec(data=lane.data, network=lane.network, training=training)


def _too_much(run: Run, by_hand: tuple[Intervention, ...]) -> str:
    """Why this can't be done, or nothing."""
    if len(run.lanes) > 1:
        return "By hand only one network at a time can be changed."
    if len(by_hand) > MAX_INTERVENTIONS:
        return (
            f"At most {MAX_INTERVENTIONS} things can be done to one training by hand: take some"
            " back with Undo, or begin anew with Reset."
        )
    n_changes = sum(step < by_hand[-1].step for step, _ in run.path.timelines[0].changes)
    if n_changes >= MAX_CHANGES:
        return f"This training was changed {MAX_CHANGES} times on its way: begin anew with Reset."
    return ""
