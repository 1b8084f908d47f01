"""Which data: the set, its size, noise, split and scaling."""

from __future__ import annotations

import streamlit as st

from nnviz.catalog.datasets import DATASETS
from nnviz.records import Task, has_classes
from nnviz.spec.data import DEFAULT_N_SAMPLES
from nnviz.ui.controls.fields import choice, share, whole, words
from nnviz.ui.document import Document, widget_key

MOST_SAMPLES = 2000


def data_controls(document: Document) -> None:
    """Edit `document["data"]`; a setting appears where it applies to the chosen set."""
    data = document["data"]
    before = data["name"]
    choice(data, "name", "Data set", list(DATASETS), "data", show=_with_description)
    entry = DATASETS[data["name"]]
    if data["name"] != before:
        data.update(n_samples=None, noise=None, n_classes=None, label_noise=0.0)
        _loss_for(document, entry.task)
    path = f"data.{data['name']}"
    if data["n_samples"] is None:
        data["n_samples"] = entry.size or DEFAULT_N_SAMPLES
    if entry.any_classes:
        data["n_classes"] = data["n_classes"] or entry.n_classes
        whole(data, "n_classes", "Classes", 2, 6, path)
    if entry.noise is not None:
        if data["noise"] is None:
            data["noise"] = entry.noise
        share(
            data, "noise", "Noise", 1.0, path, 0.01,
            help="Standard deviation of the noise added to the points or targets.",
        )  # fmt: skip
    if has_classes(entry.task):
        share(
            data, "label_noise", "Label noise", 0.9, path,
            help="Share of the training labels replaced by another class; test labels stay clean.",
        )  # fmt: skip
    with st.expander("Size, split and scaling", key=widget_key("data.more")):
        _more(document, path)


def _more(document: Document, path: str) -> None:
    data = document["data"]
    entry = DATASETS[data["name"]]
    whole(
        data, "n_samples", "Points", 20, entry.size or max(MOST_SAMPLES, data["n_samples"]), path,
        help="Training and test points together.",
    )  # fmt: skip
    share(data, "test_fraction", "Share used for testing", 0.9, path, low=0.05)
    choice(
        data, "scaling", "Scaling", ["standard", "minmax", "none"], path,
        help="Fitted on the training points: to mean 0 and deviation 1, or to -1…1.",
    )  # fmt: skip
    whole(data, "seed", "Data seed", 0, 2**31 - 1, path)


def _with_description(name: str) -> str:
    return f"{words(name)}: {DATASETS[name].description}"


def _loss_for(document: Document, task: Task) -> None:
    training = document["training"]
    if not has_classes(task) and training["loss"] == "cross_entropy":
        training.update(loss="mse", class_weights=None, label_smoothing=0.0)
    if has_classes(task) and training["loss"] != "cross_entropy":
        training["loss"] = "cross_entropy"
    training["class_weights"] = None
