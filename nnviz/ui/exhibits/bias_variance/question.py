"""The sidebar of a question: where it starts, the model, its axis, and the repetitions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from nnviz.experiments.complexity.axes import AXES, CLASSICAL, MODELS, Model
from nnviz.experiments.complexity.presets import (
    COMPLEXITY_PRESETS,
    another_axis,
    another_model,
    axes_of,
)
from nnviz.experiments.complexity.settings import LOSSES, SHOWN, ComplexitySettings
from nnviz.figures.expected_shapes import EXPECTED_SHAPES
from nnviz.records import has_classes
from nnviz.spec import ExperimentSpec
from nnviz.spec.fields import described
from nnviz.ui.controls import data_controls, network_controls, training_controls
from nnviz.ui.controls.fields import choice, setting, switch
from nnviz.ui.controls.segments import renew
from nnviz.ui.document import START, Document, checked_spec, document, open_spec, widget_key

PAGE = "bias_variance"
FREEZES = {
    "none": "fresh data and fresh weights",
    "data": "one training set for all",
    "initialization": "the same initial weights for all",
}
FIELDS: dict[Model, tuple[str, ...]] = {
    "polynomial": ("degree", "ridge", "n_samples", "noise"),
    "random_features": ("n_features", "ridge", "n_samples", "noise", "n_inputs"),
    "neighbors": ("n_neighbors", "n_samples", "noise", "n_inputs"),
    "tree": ("max_depth", "n_samples", "noise", "n_inputs"),
    "network": (),
}
_WRITTEN = "nnviz.bias_variance.network"
"""The network that the form wrote last: another one in the document came from elsewhere."""


def model_controls(asked: Document, path: str) -> None:
    """The form of a question about a classical model; an earlier link may bring a network."""
    if asked["model"] == "network":
        network_form(asked, path)
        return
    _starting_point(asked, path, CLASSICAL)
    before = asked["model"]
    choice(asked, "model", "Model", list(CLASSICAL), path, show=lambda name: MODELS[name])
    if asked["model"] != before:
        asked.update(another_model(asked["model"]))
    path = f"{path}.{asked['model']}"
    st.caption("The data: y = sin(πx) + noise, x evenly random in -1…1.")
    for name in FIELDS[asked["model"]]:
        if name != asked["axis"]:
            setting(asked, ComplexitySettings, name, path)
    _axis(asked, path, None)
    _repetitions(asked, path)


def network_form(asked: Document, path: str) -> None:
    """The form of a question about the session's own network, the one of the Playground."""
    _starting_point(asked, path, ("network",))
    if asked["experiment"] != st.session_state.get(_WRITTEN, START.model_dump(mode="json")):
        open_spec(ExperimentSpec.model_validate(asked["experiment"]))
    edited = document()
    with st.expander("Data", key=f"{PAGE}.data"):
        data_controls(edited)
    with st.expander("Network", key=f"{PAGE}.network"):
        network_controls(edited)
    with st.expander("Training", key=f"{PAGE}.training"):
        training_controls(edited)
    spec, mistakes = checked_spec()
    for mistake in mistakes:
        st.error(mistake)
    asked["experiment"] = st.session_state[_WRITTEN] = spec.model_dump(mode="json")
    if has_classes(spec.data.entry.task):
        choice(asked, "loss", "Split the", list(LOSSES), path, show=LOSSES.__getitem__)
    _axis(asked, path, spec)
    _repetitions(asked, path)


def _starting_point(asked: Document, path: str, models: Sequence[str]) -> None:
    fitting = [name for name, p in COMPLEXITY_PRESETS.items() if p.settings.model in models]
    known = {name: COMPLEXITY_PRESETS[name].settings.model_dump(mode="json") for name in fitting}
    told = [field for field in ComplexitySettings.model_fields if field not in SHOWN]
    same = (name for name in fitting if all(known[name][f] == asked[f] for f in told))
    current = next(same, None)
    key = widget_key(f"{path}.start.{current}")
    st.selectbox(
        "Start from", fitting, index=None if current is None else fitting.index(current),
        placeholder="my own question", format_func=lambda name: COMPLEXITY_PRESETS[name].title,
        key=key, help="Each shows one phenomenon.", on_change=partial(_open, asked, known, key),
    )  # fmt: skip
    if current is not None:
        preset = COMPLEXITY_PRESETS[current]
        st.caption(f"{preset.notice} *{preset.source}*")


def _open(asked: Document, known: dict[str, Document], key: str) -> None:
    if (name := st.session_state[key]) is not None:
        asked.update(known[name])
        renew(PAGE)


def _axis(asked: Document, path: str, experiment: ExperimentSpec | None) -> None:
    options, before = axes_of(asked["model"], experiment), asked["axis"]
    choice(
        asked, "axis", described(ComplexitySettings, "axis").label, options, path,
        show=lambda name: AXES[name].title,
    )  # fmt: skip
    if asked["axis"] != before:
        asked.update(another_axis(asked["axis"]))
    axis, path = AXES[asked["axis"]], f"{path}.{asked['axis']}"
    for name, column in zip(("low", "high"), st.columns(2), strict=True):
        with column:
            _bound(asked, name, (axis.low, axis.high), int if axis.whole else float, path)
    setting(asked, ComplexitySettings, "n_values", path)


def _bound(asked: Document, name: str, ends: tuple[float, float], kind: type, path: str) -> None:
    value = kind(min(max(asked[name], ends[0]), ends[1]))
    shown: dict[str, Any] = {} if kind is int else {"format": "%g", "step": None}
    asked[name] = st.number_input(
        described(ComplexitySettings, name).label, kind(ends[0]), kind(ends[1]), value,
        key=widget_key(f"{path}.{name}"), **shown,
    )  # fmt: skip


def _repetitions(asked: Document, path: str) -> None:
    setting(asked, ComplexitySettings, "n_replicates", path, show=str)
    setting(asked, ComplexitySettings, "freeze", path, show=FREEZES.__getitem__)
    for name in ("log_risk", "robust", "predict"):
        switch(asked, ComplexitySettings, name, path)
    if asked["predict"]:
        for part in ("bias", "variance", "risk"):
            setting(
                asked, ComplexitySettings, f"guess_{part}", path,
                choices=(None, *EXPECTED_SHAPES), show=_shape_words,
            )  # fmt: skip


def _shape_words(name: str | None) -> str:
    return "choose a shape" if name is None else EXPECTED_SHAPES[name][0]
