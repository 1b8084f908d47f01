"""Which data: the set, its size, noise, split and scaling."""

from __future__ import annotations

import streamlit as st

from nnviz.catalog.dataset_entry import DatasetEntry
from nnviz.catalog.datasets import DATASETS
from nnviz.records import Task, has_classes
from nnviz.spec import DataSpec
from nnviz.spec.fields import described
from nnviz.spec.start import starting_blocks
from nnviz.ui.controls.fields import setting
from nnviz.ui.document import Document, widget_key, with_uids

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
        data.update(n_samples=None, noise=None, n_classes=None, length=None, label_noise=0.0)
        _loss_for(document, entry.task)
        _network_for(document, DATASETS[before], entry)
    path = f"data.{data['name']}"
    if data["n_samples"] is None:
        data["n_samples"] = entry.size or entry.usual_size
    if entry.length is not None:
        data["length"] = data["length"] or entry.length
        told, key = described(DataSpec, "length"), widget_key(f"{path}.length")
        low, high = int(told.low), int(told.high)
        data["length"] = st.slider(
            told.label, low, high, data["length"], entry.length_step, key=key, help=told.help
        )
    if entry.any_classes:
        data["n_classes"] = data["n_classes"] or entry.n_classes
        setting(data, DataSpec, "n_classes", path)
    if entry.noise is not None:
        if data["noise"] is None:
            data["noise"] = entry.noise
        setting(data, DataSpec, "noise", path)
    if has_classes(entry.task) and not entry.per_position:
        setting(data, DataSpec, "label_noise", path)
    with st.expander("Size, split and scaling", key=widget_key("data.more")):
        most = entry.size or max(MOST_SAMPLES, data["n_samples"])
        setting(data, DataSpec, "n_samples", path, high=most)
        setting(data, DataSpec, "test_fraction", path)
        if entry.scales_inputs:
            setting(data, DataSpec, "scaling", path)
        setting(data, DataSpec, "seed", path)


def _network_for(document: Document, before: DatasetEntry, now: DatasetEntry) -> None:
    """Other blocks where those before could not take, or answer, what the new data are."""
    if (before.vocabulary > 0, before.per_position) == (now.vocabulary > 0, now.per_position):
        return
    document["network"]["blocks"] = [
        with_uids(block.model_dump(mode="json")) for block in starting_blocks(now)
    ]


def _loss_for(document: Document, task: Task) -> None:
    training = document["training"]
    if not has_classes(task) and training["loss"] == "cross_entropy":
        training.update(loss="mse", class_weights=None, label_smoothing=0.0)
    if has_classes(task) and training["loss"] != "cross_entropy":
        training["loss"] = "cross_entropy"
    training["class_weights"] = None
