"""The Playground's parts: what is edited, and what is said of it."""

from __future__ import annotations

import copy
from functools import partial

import streamlit as st

from nnviz.feed import Viewer
from nnviz.presets import PRESETS
from nnviz.spec import ExperimentSpec, SpecError
from nnviz.ui.address import show_address
from nnviz.ui.controls import data_controls, network_controls, training_controls
from nnviz.ui.controls.start import start_choice
from nnviz.ui.document import Document, checked_spec, document, open_spec
from nnviz.ui.downloads import downloads
from nnviz.ui.exhibits.bias_variance.opening import bias_variance_button
from nnviz.ui.live.choices import choose_layer, view_choices
from nnviz.ui.live.session import addressed_run, moved_run, viewer_of
from nnviz.ui.live.stage import stage
from nnviz.ui.notices import refused, told_if_run_is_gone

PAGE = "playground"
_OPENED = "nnviz.opened"


def open_from_address() -> None:
    """Once a session: edit what the address names, the run of this browser or shared settings."""
    if _OPENED in st.session_state:
        return
    st.session_state[_OPENED] = True
    run = addressed_run()
    if run is not None:
        open_spec(run.lanes[0])
    elif code := st.query_params.get("code"):
        try:
            open_spec(ExperimentSpec.from_code(code))
            told_if_run_is_gone()
        except SpecError as error:
            refused(f"The settings in the address can't be used: {error}")


def follow_run() -> None:
    """Edit what the run is now, if something else moved it: Undo, or another window."""
    run = moved_run(PAGE)
    if run is None:
        return
    open_spec(run.lanes[0])


def current_viewer() -> tuple[Viewer, list[str]]:
    """The run of the document's settings, and what is wrong with them (then nothing changed)."""
    spec, mistakes = checked_spec()
    viewer = viewer_of(PAGE, (spec,), ("",), mistakes)
    show_address(PAGE, code=viewer.run.lanes[0].to_code(), run=viewer.run.id)
    return viewer, mistakes


def live_view(viewer: Viewer) -> None:
    """The experiment in one line with its menus, and the stage."""
    lanes = viewer.run.lanes
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="live.head"):
        st.caption(summary(lanes[0]), width="stretch")
        asked = view_choices(PAGE, lanes, "views")
        downloads(viewer.run)
        bias_variance_button(lanes[0])
    viewer.show(asked, ("",))
    stage(viewer, key="playground.stage", on_layer=partial(choose_layer, PAGE, lanes))


def editor() -> None:
    """The sidebar: presets, data, network, training."""
    with st.sidebar:
        start_choice(
            PRESETS,
            "playground.preset",
            "my own settings",
            "Each preset shows one phenomenon.",
            lambda name: open_spec(PRESETS[name].spec, name),
        )
        edited = document()
        before = _weights_of(edited)
        with st.expander("Data", expanded=True, key="playground.data"):
            data_controls(edited)
        with st.expander("Network", expanded=True, key="playground.network"):
            network_controls(edited)
        with st.expander("Training", expanded=True, key="playground.training"):
            training_controls(edited)
        if _weights_of(edited) != before:  # what was done by hand was done to other weights
            edited["training"].pop("by_hand", None)


def _weights_of(edited: Document) -> Document:
    """A copy of what decides which weights there are."""
    parts = {name: edited[name] for name in ("data", "network")}
    return copy.deepcopy(parts | {"seed": edited["training"]["seed"]})


def summary(spec: ExperimentSpec) -> str:
    """The experiment in one line."""
    data, training = spec.data, spec.training
    shape = data.sample.shape
    sizes = ["×".join(map(str, shape if shape[0] > 1 or len(shape) == 1 else shape[1:]))]
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
