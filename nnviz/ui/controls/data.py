"""Which data: the set, its size, noise, split and scaling."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nnviz.catalog.datasets import DATASETS
from nnviz.records import Task, has_classes
from nnviz.spec import DataSpec
from nnviz.spec.data import DEFAULT_N_SAMPLES
from nnviz.ui.controls.fields import setting
from nnviz.ui.document import Document, widget_key

MOST_SAMPLES = 2000
"""Of a set that is drawn: more takes long to show. A document that has more keeps them."""


def data_controls(document: Document) -> None:
    """Edit `document["data"]`; a setting appears where it applies to the chosen set."""
    data = document["data"]
    before = data["name"]
    kept = widget_key("data.name")
    chosen = DATASETS.get(st.session_state.get(kept, before), DATASETS[before])
    setting(data, DataSpec, "name", "data", help=chosen.description.capitalize() + ".")
    entry = DATASETS[data["name"]]
    if data["name"] != before:
        data.update(n_samples=None, noise=None, n_classes=None, label_noise=0.0)
        _loss_for(document, entry.task)
    path = f"data.{data['name']}"
    if data["n_samples"] is None:
        data["n_samples"] = entry.size or DEFAULT_N_SAMPLES
    if entry.any_classes:
        data["n_classes"] = data["n_classes"] or entry.n_classes
        setting(data, DataSpec, "n_classes", path)
    if entry.noise is not None:
        if data["noise"] is None:
            data["noise"] = entry.noise
        setting(data, DataSpec, "noise", path)
    if has_classes(entry.task):
        setting(data, DataSpec, "label_noise", path)
    with st.expander("Size, split and scaling", key=widget_key("data.more")):
        most = entry.size or max(MOST_SAMPLES, data["n_samples"])
        _more(data, path, high=most)


def _more(data: Document, path: str, **size: Any) -> None:
    setting(data, DataSpec, "n_samples", path, **size)
    setting(data, DataSpec, "test_fraction", path)
    setting(data, DataSpec, "scaling", path)
    setting(data, DataSpec, "seed", path)


def _loss_for(document: Document, task: Task) -> None:
    training = document["training"]
    if not has_classes(task) and training["loss"] == "cross_entropy":
        training.update(loss="mse", class_weights=None, label_smoothing=0.0)
    if has_classes(task) and training["loss"] != "cross_entropy":
        training["loss"] = "cross_entropy"
    training["class_weights"] = None
