"""The exported script is short, stands alone, ends, and is never silently another training."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from torch import nn

from nnviz import ExperimentSpec
from nnviz.catalog.activations import ACTIVATIONS, Activation
from nnviz.catalog.datasets import DATASETS, DatasetEntry
from nnviz.catalog.schedules import SCHEDULES, Schedule
from nnviz.data import load
from nnviz.export import to_pytorch
from nnviz.presets import PRESETS
from tests.export.interpreter import Interpreter
from tests.export.losses import check

HALF_LIFE = 30
ALLOWED = {"torch", "numpy", "sklearn", "mnist1d", *sys.stdlib_module_names}
EVERYTHING = {
    "data": {"name": "digits", "n_samples": 108, "label_noise": 0.1, "scaling": "minmax"},
    "network": {
        "blocks": [
            {"kind": "convolution", "kernel_size": 4},
            {"kind": "pool"},
            *({"kind": "dense", "width": 20 + i} for i in range(12)),
        ],
        "activation": "leaky_relu",
        "normalization": "batch",
        "momentum": "cumulative",
        "track_running_stats": True,
        "dropout": 0.25,
        "initialization": {"name": "kaiming_normal"},
    },
    "training": {
        "optimizer": {"name": "sgd", "momentum": 0.9, "nesterov": True, "weight_decay": 0.001},
        "schedule": {"name": "step"},
        "class_weights": "balanced",
        "label_smoothing": 0.1,
        "l1": 0.001,
        "batch_size": 20,
    },
}


def halving(step, n_steps, arguments):
    """By half every HALF_LIFE updates."""
    return 0.5 ** (step / HALF_LIFE)


def on_a_line(n, noise, n_classes, rng):
    y = np.arange(n) % n_classes
    return spread(y, noise, rng), y


def spread(y, noise, rng):
    return np.stack([y, noise * rng.standard_normal(len(y))], axis=1)


(HALF, WHOLE) = (0.5, 1.0)


def of_a_pair(step, n_steps, arguments):
    return WHOLE


def scripts():
    return [to_pytorch(PRESETS[name].spec) for name in PRESETS] + [
        to_pytorch(ExperimentSpec.model_validate(EVERYTHING))
    ]


def test_only_torch_numpy_and_the_data_s_packages_are_imported():
    for script in scripts():
        for node in ast.walk(ast.parse(script)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= ALLOWED


def test_every_import_and_every_function_is_used():
    for script in scripts():
        tree = ast.parse(script)
        bound = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        own = ast.FunctionDef | ast.ClassDef
        bound |= {node.name for node in tree.body if isinstance(node, own)}
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert bound <= used


def test_lines_fit_a_slide_and_a_plain_training_a_page():
    assert all(len(line) <= 100 for script in scripts() for line in script.splitlines())
    assert len(to_pytorch(ExperimentSpec()).splitlines()) <= 100


def test_what_a_training_does_not_have_its_script_does_not_speak_of():
    plain = to_pytorch(ExperimentSpec())
    for word in ("ropout", "schedule", "class_weights", "one_hot", "penalty", "Label noise"):
        assert word not in plain


def test_it_prints_twenty_lines_or_every_update(interpreter: Interpreter):
    document = {"data": {"name": "iris"}, "training": {"n_steps": 100}}
    script = to_pytorch(ExperimentSpec.model_validate(document))
    some, every = (interpreter.run(script, *asked).splitlines() for asked in ((), ("1",)))
    assert len(some) == 20
    assert len(every) == 100
    assert some == every[4::5]


def test_all_at_once_is_the_same_training_too(interpreter: Interpreter):
    check(interpreter, EVERYTHING)


def test_a_new_activation_is_exported_by_its_entry_alone(
    interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch
):
    entry = Activation("tanhshrink", nn.Tanhshrink, "z - tanh(z)")
    monkeypatch.setitem(ACTIVATIONS, entry.name, entry)
    document = {"data": {"name": "moons"}, "network": {"activation": "tanhshrink"}}
    assert "nn.Tanhshrink()" in to_pytorch(ExperimentSpec.model_validate(document))
    check(interpreter, document)


def test_a_new_schedule_is_exported_by_its_entry_alone(
    interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(SCHEDULES, "halving", Schedule("halving", halving))
    check(interpreter, {"data": {"name": "moons"}, "training": {"schedule": {"name": "halving"}}})


def test_a_new_data_set_is_exported_by_its_entry_alone(
    interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch
):
    entry = DatasetEntry("line", on_a_line, (2,), 3, "on a line", noise=0.2, any_classes=True)
    monkeypatch.setitem(DATASETS, "line", entry)
    check(interpreter, {"data": {"name": "line", "n_classes": 4}})
    load.cache_clear()


def test_what_has_no_source_is_refused_and_never_another_thing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(SCHEDULES, "own", Schedule("own", of_a_pair))
    spec = ExperimentSpec.model_validate({"training": {"schedule": {"name": "own"}}})
    with pytest.raises(TypeError, match=r"WHOLE .* can't be written into a script"):
        to_pytorch(spec)


def test_as_a_file_of_its_own_it_prints_the_same(interpreter: Interpreter, tmp_path: Path):
    script = to_pytorch(ExperimentSpec.model_validate({"training": {"n_steps": 40}}))
    file = tmp_path / "nnviz_training.py"
    file.write_text(script)
    command = [sys.executable, "-I", "-W", "error", str(file), "1"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert printed.stdout == interpreter.run(script, "1")
    assert not printed.stderr
