"""The Playground's parts: what is edited, what is steered, what is shown live."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nnviz.data import load
from nnviz.diagnosis import Diagnosis, diagnose
from nnviz.figures import Ghost, Series
from nnviz.presets import PRESETS
from nnviz.records import HISTOGRAM_QUANTITIES, Snapshot, has_classes
from nnviz.runs import Path, Run
from nnviz.spec import ExperimentSpec
from nnviz.ui.controls import data_controls, network_controls, training_controls
from nnviz.ui.document import document, open_spec, origin
from nnviz.ui.downloads import downloads
from nnviz.ui.live_charts import Panel, live_charts
from nnviz.ui.looking import Look, look, scrub
from nnviz.ui.questions.opening import bias_variance_button
from nnviz.ui.session import SCRUBBER, watch
from nnviz.ui.views import Choices, Shown, block_index, finite, fitting_views, panels, shown_layers
from nnviz.ui.ways import ghost_of, ways_menu

TICK_SECONDS = 0.12
READING = "The untrained network is being measured."
IDLE_SECONDS = 30.0
_MARKS = {
    "good": ":green[:material/check_circle:]",
    "info": ":blue[:material/info:]",
    "warning": ":orange[:material/warning:]",
    "danger": ":red[:material/dangerous:]",
}


def editor() -> None:
    """The sidebar: presets, data, network, training."""
    with st.sidebar:
        chosen = st.selectbox(
            "Start from",
            list(PRESETS),
            index=None,
            placeholder="my own settings",
            format_func=lambda name: PRESETS[name].title,
            key="playground.preset",
            help="Each preset shows one phenomenon.",
            on_change=_open_preset,
        )
        if chosen and chosen == origin():
            st.caption(f"{PRESETS[chosen].notice} *{PRESETS[chosen].source}*")
        edited = document()
        with st.expander("Data", expanded=True, key="playground.data"):
            data_controls(edited)
        with st.expander("Network", expanded=True, key="playground.network"):
            network_controls(edited)
        with st.expander("Training", expanded=True, key="playground.training"):
            training_controls(edited)


def _open_preset() -> None:
    name = st.session_state["playground.preset"]
    if name is not None:
        open_spec(PRESETS[name].spec, name)


def summary(spec: ExperimentSpec) -> str:
    """The experiment in one line."""
    data, training = spec.data, spec.training
    sizes = [
        str(
            data.entry.input_shape[0]
            if len(data.entry.input_shape) == 1
            else "×".join(map(str, data.entry.input_shape[1:]))
        )
    ]
    sizes += [str(layer.output_shape[0]) for layer in spec.layer_shapes if layer.n_parameters]
    optimizer = training.optimizer
    return (
        f"**{data.name.replace('_', ' ')}** ({data.n_train:,} training, {data.n_test:,} test"
        f" points) · **{'–'.join(sizes)}** · **{spec.n_parameters:,}** parameters ·"
        f" {optimizer.name} at {optimizer.learning_rate:g} · {_batches(spec)}"
    )


def _batches(spec: ExperimentSpec) -> str:
    asked, there = spec.training.batch_size, spec.data.n_train
    if asked <= there:
        return f"batches of {asked:,}"
    return f"one batch of all {there:,} points ({asked:,} asked for)"


def view_choices(run: Run) -> Choices:
    """Which views are shown, and what they show."""
    spec = run.lanes[0]
    views = fitting_views(spec)
    titles = {view.name: view.title for view in views}
    layers = shown_layers(spec)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        with st.popover("Views", icon=":material/dashboard:", key="playground.views_menu"):
            names = st.pills(
                "Shown views",
                list(titles),
                selection_mode="multi",
                default=[view.name for view in views if view.default],
                format_func=titles.__getitem__,
                key=f"playground.views.{'.'.join(titles)}",
            )
            show_test = st.checkbox("Show test points", True, key="playground.show_test")
            log_steps = st.checkbox("Steps on a log axis", False, key="playground.log_steps")
        layer = st.selectbox(
            "Layer",
            layers or ["no hidden layer"],
            format_func=lambda name: f"layer: {name}",
            label_visibility="collapsed",
            key=f"playground.layer.{'.'.join(layers)}",
            help="The layer whose distributions over time are shown.",
            width=165,
        )
        quantity = st.selectbox(
            "Quantity",
            HISTOGRAM_QUANTITIES,
            index=2,
            format_func=lambda name: f"show: {name.replace('_', ' ')}",
            label_visibility="collapsed",
            key="playground.quantity",
            help="What the distributions show.",
            width=205,
        )
        ways_menu(run, SCRUBBER)
        downloads(run)
        bias_variance_button()
    place = block_index(spec, layer) if layers else 0
    return Choices(tuple(names), place, quantity, show_test, log_steps)


def live_view(run: Run, choices: Choices) -> None:
    """Metrics, diagnosis, scrubber and charts; redrawn at each tick while the run is going."""
    busy = _is_busy(run)
    tick = st.fragment(_tick, run_every=TICK_SECONDS if busy else IDLE_SECONDS)
    tick(run, run.path, choices, ghost_of(run, SCRUBBER), busy)


def _is_busy(run: Run) -> bool:
    return run.is_live or not run.history.steps or bool(run.waiting)


def _tick(run: Run, path: Path, choices: Choices, ghost: Ghost | None, busy: bool) -> None:
    watch(run)
    found = look(run, SCRUBBER)
    if run.path is not path or busy != _is_busy(run):
        st.rerun()
    if found is None:
        st.info(run.waiting or run.message or READING)
        return
    _metrics(run, found.lane(0)[-1])
    if trouble := run.waiting or (run.message if run.status == "failed" else ""):
        st.warning(trouble)
    else:
        _diagnosis(found.lane(0))
    scrub(run, found, SCRUBBER)
    live_charts(_panels(run, found, choices, ghost), key="playground.charts")


def _metrics(run: Run, snapshot: Snapshot) -> None:
    quality = "accuracy" if has_classes(snapshot.task) else "R²"
    form = ".1%" if has_classes(snapshot.task) else ".3f"
    numbers = {
        "Step": f"{snapshot.step:,}",
        "Epoch": f"{snapshot.epoch:,.1f}",
        "Training loss": finite(snapshot.train_loss, ".4g"),
        "Test loss": finite(snapshot.test_loss, ".4g"),
        f"Training {quality}": finite(snapshot.train_accuracy, form),
        f"Test {quality}": finite(snapshot.test_accuracy, form),
        "Updates/s": finite(run.updates_per_second, ",.0f"),
    }
    with st.container(horizontal=True, gap="xsmall", key="playground.metrics"):
        for label, value in numbers.items():
            st.metric(label, value)
    if snapshot.train_sample is not None:
        st.caption(
            f"Training loss and {quality} are those of a fixed sample of"
            f" {snapshot.train_sample:,} training points."
        )


def _diagnosis(history: Sequence[Snapshot]) -> None:
    found: Diagnosis = diagnose(history)
    st.markdown(f"{_MARKS[found.severity]} {found}")


def _panels(run: Run, found: Look, choices: Choices, ghost: Ghost | None) -> list[Panel]:
    kept_path, series = st.session_state.get("playground.series", (None, None))
    if kept_path is not run.path or series is None:
        series = Series()
        st.session_state["playground.series"] = (run.path, series)
    series.update(run.history.lane(0))
    spec, snapshot = run.lanes[0], found.entry[0]
    data = load(spec.data).record
    return panels(Shown(series, snapshot, data, spec, choices, found.position, ghost))
