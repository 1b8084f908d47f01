"""How to train: loss, optimizer, rate, batches, penalties, schedule, device and seed."""

from __future__ import annotations

import streamlit as st

from nnviz.catalog.datasets import DATASETS
from nnviz.catalog.losses import LOSSES
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.spec import OptimizerSpec, ScheduleSpec, TrainingSpec
from nnviz.spec.fields import described
from nnviz.ui.controls.fields import choice, setting
from nnviz.ui.document import Document, widget_key


def training_controls(document: Document) -> None:
    """Edit `document["training"]`."""
    training = document["training"]
    optimizer = training["optimizer"]
    before = optimizer["name"]
    setting(optimizer, OptimizerSpec, "name", "training.optimizer")
    if optimizer["name"] != before:
        optimizer.update(momentum=None, nesterov=None, beta1=None, beta2=None)
    setting(optimizer, OptimizerSpec, "learning_rate", "training.optimizer")
    _optimizer_arguments(optimizer)
    setting(training, TrainingSpec, "batch_size", "training")
    setting(training, TrainingSpec, "n_steps", "training")
    with st.expander("Loss and penalties", key=widget_key("training.more_loss")):
        _loss(document)
    with st.expander("Schedule, device and seed", key=widget_key("training.more")):
        _schedule(training["schedule"])
        setting(training, TrainingSpec, "device", "training")
        setting(training, TrainingSpec, "seed", "training")


def _optimizer_arguments(optimizer: Document) -> None:
    known = OPTIMIZERS[optimizer["name"]].arguments
    if "momentum" not in known:
        return
    path = f"training.{optimizer['name']}"
    setting(optimizer, OptimizerSpec, "momentum", path)
    if "nesterov" in known:
        told = described(OptimizerSpec, "nesterov")
        ahead = st.checkbox(
            told.label,
            bool(optimizer["nesterov"] and optimizer["momentum"]),
            key=widget_key(f"{path}.nesterov"),
            disabled=not optimizer["momentum"],
            help=told.help,
        )
        optimizer["nesterov"] = bool(ahead and optimizer["momentum"])


def _loss(document: Document) -> None:
    training = document["training"]
    task = DATASETS[document["data"]["name"]].task
    fitting = tuple(name for name, loss in LOSSES.items() if task in loss.tasks)
    path = f"training.{task}"
    setting(training, TrainingSpec, "loss", path, choices=fitting)
    if training["loss"] == "cross_entropy":
        told = described(TrainingSpec, "class_weights")
        key = widget_key("training.class_weights")
        is_on = training["class_weights"] == "balanced"
        balanced = st.checkbox(told.label, is_on, key=key, help=told.help)
        if not isinstance(training["class_weights"], list) or balanced:
            training["class_weights"] = "balanced" if balanced else None
        setting(training, TrainingSpec, "label_smoothing", path)
    else:
        training.update(class_weights=None, label_smoothing=0.0)
    if training["loss"] == "huber":
        setting(training, TrainingSpec, "huber_delta", path)
    setting(training, TrainingSpec, "l1", "training")
    setting(training["optimizer"], OptimizerSpec, "weight_decay", "training.optimizer")
    told = described(TrainingSpec, "clip_norm")
    norms = [None, *sorted({*told.offered, training["clip_norm"] or told.offered[0]})]
    choice(training, "clip_norm", told.label, norms, "training", told.help, show=_norm)


def _norm(clip_norm: float | None) -> str:
    return "never" if clip_norm is None else f"above {clip_norm:g}"


def _schedule(schedule: Document) -> None:
    before = schedule["name"]
    setting(schedule, ScheduleSpec, "name", "training.schedule")
    if schedule["name"] != before:
        schedule.update(every=None, gamma=None, warmup_steps=None)
    for argument, default in SCHEDULES[schedule["name"]].arguments.items():
        schedule[argument] = schedule[argument] or default
        setting(schedule, ScheduleSpec, argument, "training.schedule")
