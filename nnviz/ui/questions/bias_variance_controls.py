"""The bias-variance page's sidebar: a starting point, the model, its axis and the repetitions."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nnviz.experiments.complexity.axes import AXES, MODELS, applies_to
from nnviz.experiments.complexity.presets import COMPLEXITY_PRESETS
from nnviz.experiments.complexity.settings import LOSSES, ROUNDS
from nnviz.records import has_classes
from nnviz.ui.controls import data_controls, network_controls, training_controls
from nnviz.ui.controls.fields import choice, share, whole
from nnviz.ui.document import Document, checked_spec, document, open_spec, widget_key
from nnviz.ui.questions.bias_variance import (
    PAGE,
    choose_place,
    path,
    renew,
    start_document,
    use_network,
)

FREEZES = {
    "none": "fresh data and fresh weights",
    "data": "one training set for all",
    "initialization": "the same initial weights for all",
}
RIDGES = (0.0, 1e-6, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
_PRESET = "bias_variance.preset"


def controls(asked: Document) -> None:
    """The sidebar."""
    with st.sidebar:
        _presets(asked)
        before = asked["model"], asked["axis"]
        choice(asked, "model", "Model", list(MODELS), path(), show=_model_words)
        if asked["model"] != before[0]:
            _change_model(asked)
        if asked["model"] == "network":
            _network(asked)
        else:
            _classical(asked)
        _axis(asked)
        _repetitions(asked)


def _presets(asked: Document) -> None:
    chosen = st.selectbox(
        "Start from",
        list(COMPLEXITY_PRESETS),
        index=None,
        placeholder="my own question",
        format_func=lambda name: COMPLEXITY_PRESETS[name].title,
        key=_PRESET,
        help="Each shows one phenomenon.",
        on_change=_open_preset,
        args=(asked,),
    )
    if chosen:
        preset = COMPLEXITY_PRESETS[chosen]
        st.caption(f"{preset.notice} *{preset.source}*")


def _open_preset(asked: Document) -> None:
    name = st.session_state[_PRESET]
    if name is None:
        return
    settings = COMPLEXITY_PRESETS[name].settings
    asked.clear()
    asked.update(settings.model_dump(mode="json"))
    if settings.experiment is not None:
        open_spec(settings.experiment)
    choose_place(None)
    renew()


def _change_model(asked: Document) -> None:
    model = asked["model"]
    asked["model"] = None
    if model == "network":
        use_network(asked)
    else:
        start_document(asked, model, next(n for n, a in AXES.items() if model in a.models))
    _own_question()
    st.rerun()


def _own_question() -> None:
    """The settings are no longer those of a starting point; widgets read them anew."""
    st.session_state.pop(_PRESET, None)
    choose_place(None)
    renew()


def _model_words(name: Any) -> str:
    return MODELS[name]


def _classical(asked: Document) -> None:
    model, axis = asked["model"], asked["axis"]
    if model == "polynomial" and axis != "degree":
        whole(asked, "degree", "Degree", 0, 50, path())
    if model == "random_features" and axis != "n_features":
        whole(asked, "n_features", "Random features", 1, 2000, path())
    if model == "neighbors" and axis != "n_neighbors":
        whole(asked, "n_neighbors", "Neighbours", 1, 500, path())
    if model == "tree" and axis != "max_depth":
        whole(asked, "max_depth", "Depth, at most", 1, 30, path())
    if model in ("polynomial", "random_features") and axis != "ridge":
        current = asked["ridge"]
        choice(asked, "ridge", "Ridge penalty", sorted({*RIDGES, current}), path(),
               help="Weight of the squared size of the weights.",
               show=lambda value: f"{value:g}")  # fmt: skip
    st.caption("The data: y = sin(πx) + noise, x evenly random in -1…1.")
    if axis != "n_samples":
        whole(asked, "n_samples", "Training points", 2, 2000, path())
    if axis != "noise":
        share(asked, "noise", "Noise σ", 1.0, path(), 0.05,
              help="Standard deviation of the targets' noise.")  # fmt: skip
    if model != "polynomial":
        whole(asked, "n_inputs", "Inputs", 1, 10, path(),
              help="Only the first one matters; the model has to find that out.")  # fmt: skip


def _network(asked: Document) -> None:
    """The session's own network: the one of the Playground."""
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
    asked["experiment"] = spec.model_dump(mode="json")
    if has_classes(spec.data.entry.task):
        choice(asked, "loss", "Split the", list(LOSSES), path(), show=LOSSES.__getitem__)


def _axis(asked: Document) -> None:
    before = asked["axis"]
    options = [name for name, axis in AXES.items() if _is_offered(asked, name)]
    if before not in options:
        before = None
    choice(asked, "axis", "Change along the axis", options, path(), show=_axis_words)
    if asked["axis"] != before:
        start_document(asked, asked["model"], asked["axis"])
        _own_question()
        st.rerun()
    axis = AXES[asked["axis"]]
    left, middle, right = st.columns([1, 1, 0.8])
    with left:
        _bound(asked, "low", "From", axis.low, axis.high, axis.whole)
    with middle:
        _bound(asked, "high", "To", axis.low, axis.high, axis.whole)
    with right:
        whole(asked, "n_values", "Values", 2, 24, path())


def _is_offered(asked: Document, name: str) -> bool:
    if asked["model"] not in AXES[name].models:
        return False
    return asked["model"] != "network" or applies_to(checked_spec()[0], name)


def _axis_words(name: str) -> str:
    return AXES[name].title


def _bound(
    asked: Document, field: str, label: str, low: float, high: float, is_whole: bool
) -> None:
    key, value = widget_key(f"{path()}.{field}"), min(max(asked[field], low), high)
    if is_whole:
        asked[field] = st.number_input(label, int(low), int(high), int(value), key=key)
        return
    asked[field] = st.number_input(
        label, float(low), float(high), float(value), key=key, format="%g", step=None
    )


def _repetitions(asked: Document) -> None:
    choice(
        asked, "n_replicates", "Replicates at each value", list(ROUNDS), path(),
        help="A replicate is one training on one fresh training set.", show=str,
    )  # fmt: skip
    choice(
        asked, "freeze", "A replicate has", list(FREEZES), path(), show=FREEZES.__getitem__,
        help="Keeping the data or the initial weights leaves the other cause's share of the"
        " variance: V = variance of the weights' draw + variance of the data's draw.",
    )  # fmt: skip
