"""What a reader may send over the feed: a closed list of commands, each bounded."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal, assert_never

from pydantic import Field, TypeAdapter, ValidationError

from nnviz.base import Spec
from nnviz.feed.by_hand import intervene, untouched
from nnviz.feed.viewer import LESSON, PACES, Viewer
from nnviz.feed.ways import other_ways
from nnviz.runs import Path, Run
from nnviz.spec.by_hand import Doing, Index, LayerName, Value

MAX_MESSAGE = 4000
"""Characters."""
MAX_STEP = 2**53
Step = Annotated[int, Field(ge=0, le=MAX_STEP)]
WayId = Annotated[str, Field(max_length=16)]
PanelId = Annotated[str, Field(max_length=40)]


class CommandError(ValueError):
    """What came is no command."""


class Got(Spec):
    """The browser has taken in a frame, and is ready for the next."""

    do: Literal["got"]
    frame: Step


class See(Spec):
    """What the browser shows now, by the ids of panels; unknown ones mean nothing."""

    do: Literal["see"]
    panels: tuple[PanelId, ...] = Field(max_length=80)


class Point(Spec):
    """Look at a step; None follows the newest."""

    do: Literal["point"]
    step: Step | None


class Move(Spec):
    """A button of the transport."""

    do: Literal["train", "pause", "step", "epoch", "back", "reset", "seed", "undo", "redo"]


class SetPace(Spec):
    """Another speed, by its name."""

    do: Literal["pace"]
    pace: str = Field(max_length=8)


class Way(Spec):
    """Go back to a way, or lay one under the present (None: no longer)."""

    do: Literal["return", "ghost"]
    way: WayId | None


class Pin(Spec):
    """Show what a unit computes in the place of the answer; None: no longer."""

    do: Literal["pin"]
    layer: LayerName | None
    unit: Index | None


class ByHand(Spec):
    """Set a weight (`input` None: the bias), switch a unit, freeze a layer."""

    do: Literal["by_hand"]
    what: Doing
    layer: LayerName
    unit: Index | None = None
    input: Index | None = None
    value: Value | None = None


Command = Got | See | Point | Move | SetPace | Way | Pin | ByHand
_COMMAND: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="do")])


def command(text: str) -> Command:
    """The command that a message holds. Raises CommandError."""
    if len(text) > MAX_MESSAGE:
        raise CommandError(f"a message has at most {MAX_MESSAGE} characters")
    try:
        return _COMMAND.validate_json(text, strict=True)
    except ValidationError as error:
        raise CommandError("this is no command of the feed") from error


def obey(viewer: Viewer, asked: Command) -> None:
    """Do it; without `may_steer` only looking around is done."""
    match asked:
        case Got() | See():
            return
        case Point():
            viewer.point(asked.step)
        case Way(do="ghost"):
            viewer.lay_under(_way(viewer, asked.way))
        case Pin():
            is_unit = asked.layer is not None and asked.unit is not None
            viewer.pin((asked.layer or "", asked.unit or 0) if is_unit else None)
        case _ if not viewer.may_steer:
            return
        case Way():
            path = _way(viewer, asked.way)
            if path is not None:
                viewer.walk(lambda: viewer.run.go_back_to(path))
        case SetPace():
            if asked.pace in PACES or asked.pace == LESSON:
                viewer.set_pace(asked.pace)
        case ByHand():
            intervene(viewer, asked.what, asked.layer, asked.unit, asked.input, asked.value)
        case Move():
            _move(viewer, asked)


def _move(viewer: Viewer, asked: Move) -> None:
    run = viewer.run
    match asked.do:
        case "back":
            _back(viewer)
        case "pause":
            run.pause()
        case "undo":
            viewer.walk(run.undo)
        case "redo":
            viewer.walk(run.redo)
        case "seed":
            _seed(viewer, secrets.randbelow(2**31))
        case "train":
            viewer.point(None)
            run.train()
        case "step":
            viewer.point(None)
            run.step()
        case "epoch":
            viewer.point(None)
            run.epochs()
        case "reset":
            viewer.point(None)
            if _is_by_hand(run):
                viewer.walk(lambda: run.change(untouched(run), 0))
            else:
                run.reset()
        case _:
            assert_never(asked.do)


def _is_by_hand(run: Run) -> bool:
    """Whether something was done to the weights that a new start leaves behind."""
    return any(lane.training.by_hand for lane in run.lanes)


def _seed(viewer: Viewer, seed: int) -> None:
    run = viewer.run
    if _is_by_hand(run):
        viewer.walk(lambda: run.change(untouched(run, seed)))
    else:
        viewer.walk(lambda: run.reseed(seed))


def _back(viewer: Viewer) -> None:
    """One step before what is shown; the run itself goes back where its newest step is."""
    if viewer.run.status == "running":
        return
    if viewer.position is None:
        viewer.run.seek(viewer.run.current_step - 1)
    else:
        viewer.point(max(0, viewer.position - 1))


def _way(viewer: Viewer, way_id: str | None) -> Path | None:
    return next((path for path in other_ways(viewer.run) if path.id == way_id), None)
