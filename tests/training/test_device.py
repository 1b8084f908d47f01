"""Where a training runs, and what is said where the device asked for is not there."""

from __future__ import annotations

import threading

import pytest
import torch

from nnviz import DenseBlock, ExperimentSpec, NetworkSpec, TrainingSpec, advance, initial_state
from nnviz.training import fastest, resolve_device
from nnviz.training.fastest import device_of, fastest_device, updates_per_second

CPU, GPU = torch.device("cpu"), torch.device("cuda")
SMALL = ExperimentSpec()
LARGE = ExperimentSpec(network=NetworkSpec(blocks=(DenseBlock(width=512),) * 3))


@pytest.fixture(autouse=True)
def nothing_found_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastest, "_found", {})


@pytest.fixture
def a_gpu(monkeypatch: pytest.MonkeyPatch) -> list[tuple[ExperimentSpec, torch.device]]:
    """A machine whose GPU takes 1,000 updates a second, its CPU 5,000 small or 200 large ones."""
    asked = []

    def rate(spec: ExperimentSpec, device: torch.device) -> float:
        asked.append((spec, device))
        on_cpu = 200.0 if spec.n_parameters > 100_000 else 5000.0
        return on_cpu if device == CPU else 1000.0

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(fastest, "updates_per_second", rate)
    return asked


def test_a_missing_device_is_the_cpu_with_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    device, sentence = resolve_device("cuda")
    assert device == CPU
    assert sentence == "There is no cuda device on this machine; the CPU is used."
    spec = ExperimentSpec(training=TrainingSpec(device="cuda"))
    on_cpu = ExperimentSpec(training=TrainingSpec(device="cpu"))
    asked, _ = advance(initial_state(spec), n_steps=3)
    plain, _ = advance(initial_state(on_cpu), n_steps=3)
    assert all(torch.equal(asked.parameters[name], t) for name, t in plain.parameters.items())


def test_auto_takes_what_was_faster_on_this_machine(a_gpu: list) -> None:
    assert device_of(SMALL) == CPU
    assert device_of(LARGE) == GPU
    assert {device for _, device in a_gpu} == {CPU, GPU}


def test_it_is_tried_once_for_a_network_and_a_batch_size(a_gpu: list) -> None:
    device_of(SMALL)
    n_tried = len(a_gpu)
    other_seed = SMALL.model_copy(update={"training": TrainingSpec(seed=7, n_steps=50)})
    assert device_of(other_seed) == CPU
    assert len(a_gpu) == n_tried
    device_of(SMALL.model_copy(update={"training": TrainingSpec(batch_size=8)}))
    assert len(a_gpu) > n_tried


def test_a_device_that_is_named_is_not_tried(a_gpu: list) -> None:
    named = LARGE.model_copy(update={"training": TrainingSpec(device="cpu")})
    assert device_of(named) == CPU
    assert a_gpu == []


def test_without_a_gpu_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(fastest, "updates_per_second", None)
    assert device_of(LARGE) == CPU


def test_who_asks_meanwhile_does_not_wait(a_gpu: list) -> None:
    """One thread is in the middle of trying; another gets its own answer, and both the same."""
    started, go_on, answers = threading.Event(), threading.Event(), []

    def slow(spec: ExperimentSpec, device: torch.device) -> float:
        started.set()
        assert go_on.wait(60)
        return 1.0 if device == CPU else 100.0

    first = threading.Thread(target=lambda: answers.append(fastest_device(SMALL, slow)))
    first.start()
    assert started.wait(60)
    assert fastest_device(SMALL) == CPU  # while the first is still at it
    go_on.set()
    first.join(60)
    assert answers == [CPU]


def test_a_gpu_that_fails_is_not_taken(a_gpu: list) -> None:
    def fails(spec: ExperimentSpec, device: torch.device) -> float:
        if device == GPU:
            raise torch.cuda.OutOfMemoryError
        return 1.0

    assert fastest_device(LARGE, fails) == CPU


def test_a_step_that_cannot_be_recorded_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(trainer: object) -> None:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(fastest, "why_not_captured", lambda trainer: None)
    monkeypatch.setattr(fastest, "CapturedStep", fails)
    trainer = fastest.ready_trainer(SMALL, CPU)
    assert trainer.captured is None
    trainer.take_step()


def test_a_trial_is_of_real_steps_and_leaves_trainings_as_they_are() -> None:
    before, _ = advance(initial_state(SMALL), n_steps=5, record=False)
    assert updates_per_second(SMALL, CPU) > 1
    after, _ = advance(initial_state(SMALL), n_steps=5, record=False)
    assert all(torch.equal(after.parameters[name], t) for name, t in before.parameters.items())
