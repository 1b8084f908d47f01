"""The one live part of the page: metrics, scrubber and charts of all lanes at the same step."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nnviz.data import load
from nnviz.experiments.mode_gap.measured import differs_by_mode
from nnviz.experiments.mode_gap.records import ModeGapRecord
from nnviz.figures import FigureDict, Ghost, Series
from nnviz.figures.shared_axes import AxisLimits, common_limits, with_limits
from nnviz.runs import Path, Run
from nnviz.runs.mode_gaps import ModeGaps
from nnviz.spec import ComparisonSpec, ExperimentSpec
from nnviz.ui.compare.session import SCRUBBER
from nnviz.ui.compare.verdict import current_sweep, verdict_view
from nnviz.ui.compare.views import LaneChoices, LaneView, ShownLanes, fitting_views
from nnviz.ui.compare.words import metrics_table, plain, single_points
from nnviz.ui.live_charts import Panel, live_charts
from nnviz.ui.looking import Look, look, scrub
from nnviz.ui.session import watch
from nnviz.ui.ways import ghost_of

TICK_SECONDS, IDLE_SECONDS = 0.2, 30.0
READING = "The untrained networks are being measured."
SIDE_BY_SIDE, MODES, VERDICT = "Side by side", "train() against eval()", "Verdict over seeds"
SECTIONS = (SIDE_BY_SIDE, MODES, VERDICT)
_SERIES, _GAPS, _LIMITS, _LIMITED = (
    f"compare.{name}" for name in ("series", "gaps", "limits", "limited")
)


def live_view(comparison: ComparisonSpec, run: Run, section: str, choices: LaneChoices) -> None:
    """Redrawn at each tick while the run or its repetition is going."""
    busy = _is_busy(run, section)
    tick = st.fragment(_tick, run_every=TICK_SECONDS if busy else IDLE_SECONDS)
    shown = comparison, section, choices, ghost_of(run, SCRUBBER)
    tick(run, run.path, shown, busy)


def _is_busy(run: Run, section: str) -> bool:
    sweep = current_sweep() if section == VERDICT else None
    follows = section == MODES and _gaps(run).is_behind
    waits = not run.history.steps or bool(run.waiting)
    return run.is_live or waits or follows or bool(sweep and sweep.is_live)


def _tick(
    run: Run,
    path: Path,
    asked: tuple[ComparisonSpec, str, LaneChoices, Ghost | None],
    busy: bool,
) -> None:
    comparison, section, choices, ghost = asked
    watch(run)
    if section == MODES:
        _gaps(run).follow()
    found = look(run, SCRUBBER)
    if run.path is not path or (found is not None and busy != _is_busy(run, section)):
        st.rerun()
    if found is None:
        st.info(run.waiting or run.message or READING)
        return
    if run.waiting:
        st.warning(run.waiting)
    if run.message:
        st.warning(_with_names(run, comparison.names))
    with st.container(key="compare.head"):
        scrub(run, found, SCRUBBER)
        st.markdown(metrics_table(found.until, comparison.names))
    if section == VERDICT:
        live_charts(verdict_view(comparison, current_sweep()), key="compare.charts")
        return
    shown = _shown(comparison, run, found, choices, ghost)
    live_charts(_drawn(shown, section == MODES), key="compare.charts")
    if section == MODES:
        _mode_words(shown)


def _with_names(run: Run, names: Sequence[str]) -> str:
    told = [
        f"**{plain(name)}**: {text}"
        for name, text in zip(names, run.divergences, strict=True)
        if text
    ]
    others = " The other lanes go on." if told and not all(run.divergences) else ""
    return " ".join(told) + others if told else run.message


def _shown(
    comparison: ComparisonSpec, run: Run, found: Look, choices: LaneChoices, ghost: Ghost | None
) -> ShownLanes:
    series, gaps = _series(run), _gaps(run)
    return ShownLanes(
        names=comparison.names,
        specs=run.lanes,
        series=series,
        snapshots=found.entry,
        data=[load(spec.data).record for spec in run.lanes],
        gaps=gaps.entries(),
        gap=gaps.at(found.position),
        choices=choices,
        current_step=found.position,
        ghost=ghost,
    )


def _series(run: Run) -> list[Series]:
    kept_path, series = st.session_state.get(_SERIES, (None, None))
    if kept_path is not run.path or series is None:
        series = [Series() for _ in run.lanes]
        st.session_state[_SERIES] = (run.path, series)
    for number, each in enumerate(series):
        each.update(run.history.lane(number))
    found: list[Series] = series
    return found


def _gaps(run: Run) -> ModeGaps:
    kept: ModeGaps | None = st.session_state.get(_GAPS)
    if kept is None or kept.run is not run:
        kept = st.session_state[_GAPS] = ModeGaps(run)
    return kept


def _drawn(shown: ShownLanes, modes: bool) -> list[Panel]:
    panels, limits = [], _kept_limits(shown.specs)
    for view in fitting_views(shown.specs, modes):
        if modes or view.name in shown.choices.names:
            drawn = _on_axes(view, view.draw(shown), limits, shown.choices.frozen)
            panels += view.panels(shown, drawn)
    return panels


def _kept_limits(specs: Sequence[ExperimentSpec]) -> dict[str, AxisLimits]:
    """Frozen axes by view: kept while data and networks are the same."""
    measured = tuple((spec.data, spec.network) for spec in specs)
    if st.session_state.get(_LIMITED) != measured:
        st.session_state[_LIMITED], st.session_state[_LIMITS] = measured, {}
    kept: dict[str, AxisLimits] = st.session_state.setdefault(_LIMITS, {})
    return kept


def _on_axes(
    view: LaneView, drawn: list[FigureDict], kept: dict[str, AxisLimits], frozen: bool
) -> list[FigureDict]:
    """Lanes on the same axes: those of this moment, or those of when they were frozen."""
    if not frozen:
        kept.pop(view.name, None)
    if not view.shared or not (frozen or view.per_lane):
        return drawn
    limits = kept.get(view.name) or common_limits(drawn)
    if frozen:
        kept[view.name] = limits
    return [with_limits(figure, limits) for figure in drawn]


def _mode_words(shown: ShownLanes) -> None:
    lanes = [
        (name, record)
        for name, spec, record in zip(shown.names, shown.specs, shown.gap or (), strict=False)
        if differs_by_mode(spec)
    ]
    if not lanes:
        return
    st.subheader("One point alone")
    st.markdown(single_points([_single(*lane) for lane in lanes]))
    st.caption(
        "A batch of one has no variance, so torch refuses it in training; in evaluation BatchNorm"
        " takes its running mean and variance instead, and answers. Without running statistics"
        " evaluation needs a batch too. Their momentum is a setting of the network in the sidebar,"
        " or of a lane."
    )


def _single(name: str, record: ModeGapRecord) -> tuple[str, str | None, str | None]:
    return name, record.single.train_refusal, record.single.eval_refusal
