"""The losses lab's sidebar."""

from __future__ import annotations

import streamlit as st

from nnviz.figures.loss_curves import LOSS_NAMES
from nnviz.ui.controls.fields import choice, share, whole
from nnviz.ui.document import Document, widget_key
from nnviz.ui.labs.losses import IGNORED, N_CLASSES, N_SAMPLES, PAGE, VIEWS
from nnviz.ui.labs.segments import segments, titled
from nnviz.ui.labs.sliders import whole_slider

TARGETS = {**{c: f"class {c}" for c in range(N_CLASSES)}, IGNORED: f"{IGNORED}: to be ignored"}


def controls(document: Document) -> None:
    """Edit the document; only the controls of the chosen view are there."""
    with st.sidebar:
        segments(document, "view", "Look at", list(VIEWS), PAGE, show=titled(VIEWS))
        {
            "steps": _steps,
            "imbalance": _imbalance,
            "curves": _curves,
            "saturation": _saturation,
        }[document["view"]](document)


def _steps(document: Document) -> None:
    segments(
        document, "sample", "Sample of the batch", list(range(1, N_SAMPLES + 1)), PAGE, show=str
    )
    place = document["sample"] - 1
    for c in range(N_CLASSES):
        _entry(document["logits"][place], c, f"Logit of class {c}", -10.0, 10.0, f"logit.{place}")
    one = {"target": document["targets"][place]}
    choice(
        one, "target", "Its target", [0, 1, 2, IGNORED], f"{PAGE}.{place}",
        show=lambda target: TARGETS.get(target, str(target)),
    )  # fmt: skip
    document["targets"][place] = one["target"]
    st.markdown("**How the batch becomes one number**")
    segments(document, "reduction", "reduction", ["mean", "sum", "none"], PAGE)
    for c in range(N_CLASSES):
        _entry(document["weights"], c, f"weight of class {c}", 0.0, 20.0, "weight")
    share(document, "label_smoothing", "label_smoothing", 0.9, PAGE, 0.05)
    choice(
        document, "ignore_index", "ignore_index", [IGNORED, 0, 1, 2], PAGE, show=str,
        help="Samples with this target count neither above nor below the line.",
    )  # fmt: skip


def _entry(row: list[float], place: int, label: str, low: float, high: float, path: str) -> None:
    key = widget_key(f"{PAGE}.{path}.{place}")
    row[place] = float(st.slider(label, low, high, float(row[place]), 0.1, key=key))


def _imbalance(document: Document) -> None:
    share(document, "minority_share", "Share of class 1", 0.5, PAGE, 0.01, low=0.01)
    share(
        document, "distance", "Distance between the classes", 6.0, PAGE, 0.1, low=0.5,
        help="In standard deviations of each class.",
    )  # fmt: skip
    share(document, "minority_weight", "Weight of class 1", 100.0, PAGE, 0.5, low=1.0)
    whole_slider(document, "n_points", "Training points", 100, 2000, PAGE, step=100)
    whole(document, "seed", "Seed", 0, 9999, PAGE)


def _curves(document: Document) -> None:
    document["losses"] = st.multiselect(
        "Losses",
        list(LOSS_NAMES),
        default=document["losses"],
        key=widget_key(f"{PAGE}.losses"),
        format_func=LOSS_NAMES.__getitem__,
        placeholder="Choose losses",
    )
    share(
        document, "target", "Target", 3.0, PAGE, 0.1, low=-3.0,
        help="For binary cross-entropy it is a probability and clipped to 0…1.",
    )  # fmt: skip
    share(
        document, "huber_delta", "Huber's δ", 5.0, PAGE, 0.1, low=0.1,
        help="Errors up to δ count squared, larger ones linearly.",
    )  # fmt: skip


def _saturation(document: Document) -> None:
    share(
        document, "start", "Logit at the start z₀", 10.0, PAGE, 0.5, low=-10.0,
        help="The target is 1: a negative logit is a wrong answer, a large one a sure one.",
    )  # fmt: skip
    share(document, "learning_rate", "Learning rate", 20.0, PAGE, 0.05, low=0.05)
    whole_slider(document, "n_steps", "Steps", 20, 2000, PAGE, step=20)
