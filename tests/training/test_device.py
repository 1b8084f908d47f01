"""Where a training runs, and what is said where the device asked for is not there."""

import torch

from nnviz import ExperimentSpec, TrainingSpec, advance, initial_state
from nnviz.training import resolve_device


def test_a_missing_device_is_the_cpu_with_one_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    device, sentence = resolve_device("cuda")
    assert device == torch.device("cpu")
    assert sentence == "There is no cuda device on this machine; the CPU is used."
    spec = ExperimentSpec(training=TrainingSpec(device="cuda"))
    on_cpu = ExperimentSpec(training=TrainingSpec(device="cpu"))
    asked, _ = advance(initial_state(spec), n_steps=3)
    plain, _ = advance(initial_state(on_cpu), n_steps=3)
    assert all(torch.equal(asked.parameters[name], t) for name, t in plain.parameters.items())


def test_auto_takes_a_gpu_only_for_large_networks(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto", 1000) == (torch.device("cpu"), None)
    assert resolve_device("auto", 200_000) == (torch.device("cuda"), None)
    assert resolve_device("cuda", 10) == (torch.device("cuda"), None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device("auto", 200_000) == (torch.device("cpu"), None)
    assert resolve_device("cpu") == (torch.device("cpu"), None)
