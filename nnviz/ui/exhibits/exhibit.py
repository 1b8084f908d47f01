"""An exhibit: one thing to see, with all that its page needs to show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from nnviz.base import Spec
from nnviz.feed import Panel
from nnviz.spec import ComparisonSpec, ExperimentSpec
from nnviz.ui.charts import ChartClick, Frame
from nnviz.ui.document import Document
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.exhibits.scene import Scene

S = TypeVar("S", bound=Spec)
M = TypeVar("M")


@dataclass(frozen=True)
class Action:
    """A button above the picture that changes settings; `shortcut` is a key."""

    label: str
    changes: Mapping[str, Any]
    icon: str = ":material/casino:"
    help: str = ""
    shortcut: str | None = None
    disabled: bool = False
    primary: bool = False


@dataclass(frozen=True)
class Play:
    """The button that plays: the frames are made when it is pressed, and shown in `seconds`."""

    frames: Callable[[Any, Any], Sequence[Frame]]
    label: str = "Play"
    seconds: float = 6.0


def _no_panels(settings: Any, measured: Any) -> Sequence[Panel]:
    return ()


def _no_numbers(settings: Any, measured: Any) -> Mapping[str, str]:
    return {}


def _no_rows(settings: Any, measured: Any) -> Sequence[Mapping[str, Any]]:
    return ()


def _no_actions(settings: Any, measured: Any) -> Sequence[Action]:
    return ()


def _no_refusal(settings: Any, measured: Any) -> str:
    return ""


def _every_field(settings: Any) -> Sequence[str]:
    return tuple(type(settings).model_fields)


def _as_it_is(settings: Any, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    return sent


@dataclass(frozen=True)
class Exhibit(Generic[S, M]):
    """One thing to see. `measure` computes it, once for equal settings of all readers.

    `lead` says in a sentence what the picture shows and where to look; `picture` is the one large
    picture: a scene, or panels. `panels` are more of them, folded. `fields` are the settings that
    have a widget, in order, as they apply, those in `more` folded; all others are set by hand in
    the picture, by a `click` or as `grasp` makes settings of what was set there. `controls` is a
    form of its own, which edits the document. `watch` draws, after the picture, what is live.
    `experiment` is what to try in training, `lanes` what to compare.
    """

    name: str
    title: str
    lead: str
    settings: type[S]
    measure: Callable[[S], M] | Pieces[S, M]
    picture: Callable[[S, M], Scene | Sequence[Panel]]
    notice: Callable[[S, M], str]
    code: Callable[[S], str]
    source: str
    experiment: Callable[[S], ExperimentSpec]
    panels: Callable[[S, M], Sequence[Panel]] = _no_panels
    numbers: Callable[[S, M], Mapping[str, str]] = _no_numbers
    table: Callable[[S, M], Sequence[Mapping[str, Any]]] = _no_rows
    refusal: Callable[[S, M], str] = _no_refusal
    fields: Callable[[S], Sequence[str]] = _every_field
    more: Sequence[str] = ()
    controls: Callable[[Document, str], None] | None = None
    actions: Callable[[S, M], Sequence[Action]] = _no_actions
    play: Play | None = None
    grasp: Callable[[S, Mapping[str, Any]], Mapping[str, Any]] = _as_it_is
    click: Callable[[S, ChartClick], Mapping[str, Any]] | None = None
    watch: Callable[[S, M], None] | None = None
    lanes: Callable[[S], ComparisonSpec] | None = None


Shown = Exhibit[Any, Any]

__all__ = ["Action", "Exhibit", "Frame", "Play", "Shown"]
