"""Training and test loss part over the training: when to stop, by patience and by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnviz.experiments.overfitting.collecting import gap_record
from nnviz.experiments.overfitting.records import GapRecord
from nnviz.experiments.overfitting.settings import GapSettings
from nnviz.feed import Grip, Panel
from nnviz.figures.curves import LOSS_UNITS
from nnviz.figures.overfitting_curves import loss_gap
from nnviz.ui.exhibits.exhibit import Exhibit, Frame, Play
from nnviz.ui.exhibits.overfitting.change import mean_told
from nnviz.ui.exhibits.overfitting.stopping_code import stopping_code
from nnviz.ui.exhibits.overfitting.trained import trained, whose


def picture(settings: GapSettings, shown: GapRecord) -> Sequence[Panel]:
    """The three losses over the steps, with a stop to be dragged."""
    steps, step = settings.checkpoints, settings.checkpoints[settings.stop_at]
    grip = Grip(
        "stop", x=float(step), low=0.0, high=float(steps[-1]), label="I stop at {}", color="lane_2"
    )
    return [_panel(loss_gap(shown, settings.log_loss), (grip,))]


def _panel(figure: Mapping[str, Any], grips: Sequence[Grip] = ()) -> Panel:
    return Panel(
        "gap", "Training, validation and test loss", figure,
        "Means over the seeds, bands ± 2 standard errors; grey: the generalization gap. Stars:"
        " each seed with the weights that early stopping restores.", 430, 12, short=330,
        grips=grips,
    )  # fmt: skip


def grasp(settings: GapSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The evaluation that is nearest to the step that was set."""
    if not isinstance(step := sent.get("stop"), int | float) or isinstance(step, bool):
        return {}
    return {"stop": int(np.argmin(np.abs(np.array(settings.checkpoints) - step)))}


def frames(settings: GapSettings, shown: GapRecord) -> Sequence[Frame]:
    """From the first evaluation on."""
    gap_T = shown.gap()
    return [
        Frame(
            f"After {step:,} updates: gap {gap_T[t]:.2f} {LOSS_UNITS[shown.task]}",
            [_panel(loss_gap(shown, settings.log_loss, t + 1))],
        )
        for t, step in enumerate(shown.lane.checkpoints)
        if t
    ]


def numbers(settings: GapSettings, shown: GapRecord) -> Mapping[str, str]:
    """The test loss at the end, at the reader's stop, and as validation stops it."""
    test_ST, rows = shown.lane.test_loss_ST, np.arange(len(shown.lane.test_loss_ST))
    unit = LOSS_UNITS[shown.task]
    values = {
        "Gap at the end": test_ST[:, -1] - shown.lane.train_loss_ST[:, -1],
        "Test loss at the end": test_ST[:, -1],
        "Test loss at my stop": test_ST[:, settings.stop_at],
        "Test loss, early stopping": test_ST[rows, shown.stops.best_S],
    }
    return {name: f"{mean_told(each)} {unit}" for name, each in values.items()}


def notice(settings: GapSettings, shown: GapRecord) -> str:
    """How wide the gap is at the end, and what stopping would have saved."""
    lane, unit = shown.lane, LOSS_UNITS[shown.task]
    gap_ST = lane.test_loss_ST - lane.train_loss_ST
    rows, best_S = np.arange(len(gap_ST)), shown.stops.best_S
    saved_S = lane.test_loss_ST[:, -1] - lane.test_loss_ST[rows, best_S]
    steps = np.asarray(lane.checkpoints)
    first, last = steps[best_S].min(), steps[best_S].max()
    span = f"step {first:,}" if first == last else f"steps {first:,} to {last:,}"
    return (
        f"At the end the gap is **{mean_told(gap_ST[:, -1])}** {unit} ({len(rows)} seeds). Patience"
        f" runs out on {int(shown.stops.ran_out_S.sum())} of {len(rows)} seeds; the restored"
        f" weights are those of {span}, and with them the test loss is lower by"
        f" **{mean_told(saved_S)}** {unit}. Drag the stop: can you beat the validation points,"
        " which neither train nor judge?"
    )


TRAINING: Exhibit[GapSettings, GapRecord] = Exhibit(
    name="training",
    title="While it trains",
    lead="Training loss falls on; **test loss** turns. Drag the line to where you would stop.",
    settings=GapSettings,
    measure=trained(gap_record, lambda settings: settings.experiment is None),
    picture=picture,
    notice=notice,
    code=stopping_code,
    source="Early stopping: Prechelt 1998; patience and restored weights as in Keras.",
    experiment=lambda settings: settings.asked,
    numbers=numbers,
    fields=lambda settings: ("n_seeds", "patience", "min_delta", "log_loss"),
    more=("min_delta", "log_loss"),
    controls=whose,
    play=Play(frames, "Play the training"),
    grasp=grasp,
)
