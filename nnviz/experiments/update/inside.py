"""Looking inside one update: take it apart once, then answer what is asked of it."""

from __future__ import annotations

from nnviz.experiments.update.backward import backward_lines
from nnviz.experiments.update.drawn import changed, columns, edges, spot
from nnviz.experiments.update.forward import forward_lines
from nnviz.experiments.update.looked import Looked, place
from nnviz.experiments.update.loss import Terms, loss_lines, loss_terms
from nnviz.experiments.update.records import Asked, Focus, Line, Phase, UpdateRecord
from nnviz.experiments.update.stepping import update_lines
from nnviz.experiments.update.taken import Taken, take
from nnviz.experiments.update.words import told
from nnviz.training import TrainingState


def look_inside(state: TrainingState, asked: Asked) -> UpdateRecord:
    """The update after `state` as the trainer takes it; state and training stay as they are.

    Raises ValueError in words for a training that has diverged, for kinds of block that can't be
    taken apart, and for a unit that there isn't.
    """
    return _answer(take(state), asked)


def look_or_refuse(state: TrainingState, asked: Asked) -> UpdateRecord | str:
    """`look_inside`, or why not."""
    try:
        return look_inside(state, asked)
    except ValueError as error:
        return str(error)


def _answer(taken: Taken, asked: Asked) -> UpdateRecord:
    """What is asked of one update."""
    terms = loss_terms(taken)
    looked = place(taken, asked, _sample(asked, terms))
    lines: dict[Phase, tuple[Line, ...]] = {
        "forward": forward_lines(taken, looked),
        "loss": loss_lines(taken, looked, terms),
        "backward": backward_lines(taken, looked),
        "update": update_lines(taken, looked),
    }
    drawn = columns(taken, looked, lines)
    return UpdateRecord(
        step=taken.step,
        sample=looked.sample,
        loss=taken.loss,
        losses_B=terms.terms_B.numpy(),
        wrong_B=None if terms.wrong_B is None else terms.wrong_B.numpy(),
        right=_right(taken, looked.sample),
        columns=drawn,
        edges=edges(taken, drawn),
        focus=_focus(looked, [column.name for column in drawn]),
        lines=lines,
        told=told(taken, looked, terms, lines),
        changed=changed(taken, looked),
        n_parameters=len(taken.before),
    )


def _right(taken: Taken, sample: int | None) -> int | None:
    if sample is None or taken.y.dim() > 1 or taken.y.is_floating_point():
        return None
    return int(taken.y[sample])


def _focus(looked: Looked, names: list[str]) -> Focus:
    name, position = looked.block.name, (looked.position, spot(looked))
    return Focus(names.index(name), name, looked.unit, *position, looked.of, looked.source)


def _sample(asked: Asked, terms: Terms) -> int | None:
    """The asked one; by itself the worst of those answered wrongly, if any, else the worst."""
    n = len(terms.terms_B)
    if asked.sample == "batch":
        return None
    if asked.sample is not None:
        return min(asked.sample, n - 1)
    losses_B = terms.terms_B.clone()
    if terms.wrong_B is not None and bool(terms.wrong_B.any()):
        losses_B[~terms.wrong_B] = -1.0
    return int(losses_B.argmax())
