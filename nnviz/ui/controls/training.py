"""How to train: loss, optimizer, rate, batches, penalties, schedule, device and seed."""

from __future__ import annotations

import streamlit as st

from nnviz.catalog.datasets import DATASETS
from nnviz.catalog.losses import LOSSES
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.ui.controls.fields import choice, magnitude, share, whole, words
from nnviz.ui.document import Document, widget_key

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
PENALTIES = (0.0, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1)


def training_controls(document: Document) -> None:
    """Edit `document["training"]`."""
    training = document["training"]
    optimizer = training["optimizer"]
    before = optimizer["name"]
    choice(optimizer, "name", "Optimizer", list(OPTIMIZERS), "training.optimizer")
    if optimizer["name"] != before:
        optimizer.update(momentum=None, nesterov=None, beta1=None, beta2=None)
    magnitude(
        optimizer, "learning_rate", "Learning rate", RATES, "training.optimizer",
        "Size of the updates.",
    )  # fmt: skip
    _optimizer_arguments(optimizer)
    whole(
        training, "batch_size", "Batch size", 1, 4096, "training",
        help="Training points in one update.",
    )  # fmt: skip
    whole(
        training, "n_steps", "Steps", 1, 1_000_000, "training", step=1000,
        help="Updates until the run stops by itself; pressing Train again goes on.",
    )  # fmt: skip
    with st.expander("Loss and penalties", key=widget_key("training.more_loss")):
        _loss(document)
    with st.expander("Schedule, device and seed", key=widget_key("training.more")):
        _schedule(training["schedule"])
        choice(training, "device", "Device", ["auto", "cpu", "cuda", "mps"], "training")
        whole(
            training, "seed", "Training seed", 0, 2**31 - 1, "training",
            help="Decides the initial weights, the order of the batches and what dropout drops.",
        )  # fmt: skip


def _optimizer_arguments(optimizer: Document) -> None:
    known = OPTIMIZERS[optimizer["name"]].arguments
    if "momentum" not in known:
        return
    path = f"training.{optimizer['name']}"
    share(optimizer, "momentum", "Momentum", 0.99, path, 0.01)
    if "nesterov" in known:
        optimizer["nesterov"] = bool(
            st.checkbox(
                "Nesterov",
                bool(optimizer["nesterov"] and optimizer["momentum"]),
                key=widget_key(f"{path}.nesterov"),
                disabled=not optimizer["momentum"],
                help="Look ahead along the momentum; needs a momentum above 0.",
            )
            and optimizer["momentum"]
        )


def _loss(document: Document) -> None:
    training = document["training"]
    task = DATASETS[document["data"]["name"]].task
    fitting = [name for name, loss in LOSSES.items() if task in loss.tasks]
    path = f"training.{task}"
    choice(training, "loss", "Loss", fitting, path)
    if training["loss"] == "cross_entropy":
        balanced = st.checkbox(
            "Balance the classes",
            training["class_weights"] == "balanced",
            key=widget_key("training.class_weights"),
            help="Weigh each class by the inverse of its share of the training points.",
        )
        if not isinstance(training["class_weights"], list) or balanced:
            training["class_weights"] = "balanced" if balanced else None
        share(training, "label_smoothing", "Label smoothing", 0.9, path)
    else:
        training.update(class_weights=None, label_smoothing=0.0)
    if training["loss"] == "huber":
        magnitude(
            training, "huber_delta", "Huber δ", (0.1, 0.3, 1.0, 3.0), path,
            "Errors above δ count linearly.",
        )  # fmt: skip
    magnitude(
        training, "l1", "L1 penalty", PENALTIES, "training",
        "Weight of the sum of the weights' absolute values.",
    )  # fmt: skip
    magnitude(
        training["optimizer"], "weight_decay", "L2 penalty (weight decay)", PENALTIES,
        "training.optimizer", "The optimizer's weight decay.",
    )  # fmt: skip


def _schedule(schedule: Document) -> None:
    before = schedule["name"]
    choice(schedule, "name", "Learning-rate schedule", list(SCHEDULES), "training.schedule")
    if schedule["name"] != before:
        schedule.update(every=None, gamma=None, warmup_steps=None)
    known = SCHEDULES[schedule["name"]].arguments
    for argument in ("every", "warmup_steps"):
        if argument in known:
            schedule[argument] = schedule[argument] or int(known[argument])
            whole(schedule, argument, words(argument), 1, 1_000_000, "training.schedule", step=100)
    if "gamma" in known:
        schedule["gamma"] = schedule["gamma"] or known["gamma"]
        share(schedule, "gamma", "gamma", 1.0, "training.schedule", low=0.01)
