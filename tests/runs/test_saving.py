"""A saved run comes back the same, and nothing else comes in."""

from __future__ import annotations

import io
import json
import zipfile

import pandas as pd
import pytest

from nnviz import SpecError
from nnviz.runs import Run, history_frame, layers_frame, read_run, save_run
from tests.runs.conftest import HandEngine, small
from tests.runs.test_run import assert_same, polynomial, state_of


@pytest.fixture
def run(hand: HandEngine) -> Run:
    run = Run([small(), small(batch_size=4)], on=hand)
    run.step(20)
    hand.work()
    run.change_training([small(l1=0.1).training, small(batch_size=4).training])
    run.step(3)
    hand.work()
    return run


def test_a_saved_run_comes_back_the_same(run: Run) -> None:
    saved = read_run(save_run(run))
    assert saved.lanes == run.lanes
    for number, state in enumerate(saved.states):
        assert state.spec == run.lanes[number]
        assert_same(state, state_of(run, number))
    pd.testing.assert_frame_equal(saved.history, history_frame(run.history))
    pd.testing.assert_frame_equal(saved.layers, layers_frame(run.history))


def test_the_file_is_a_zip_of_open_formats(run: Run) -> None:
    with zipfile.ZipFile(io.BytesIO(save_run(run))) as archive:
        assert sorted(archive.namelist()) == [
            "history.parquet", "layers.parquet", "spec.json",
            "state.safetensors", "state_2.safetensors",
        ]  # fmt: skip
        document = json.loads(archive.read("spec.json"))
    assert document["version"] == 1
    assert document["events"] == [{"step": 20, "text": "L1 penalty 0 → 0.1"}]


def test_the_tables_are_tidy(run: Run) -> None:
    history, layers = history_frame(run.history), layers_frame(run.history)
    assert list(history.columns[:4]) == ["lane", "step", "epoch", "train_loss"]
    assert list(history["lane"].unique()) == [1, 2]
    assert len(history) == 2 * len(run.history)
    latest = run.history.latest
    assert latest is not None
    assert history["test_loss"].iloc[-1] == latest[1].test_loss
    assert not history.duplicated(["lane", "step"]).any()
    assert not layers.duplicated(["lane", "step", "layer"]).any()
    assert set(layers["layer"]) == {"dense1", "output"}
    last = layers[(layers.lane == 2) & (layers.layer == "dense1")].iloc[-1]
    assert last["grad_norm"] == latest[1].layers[0].grad_norm
    assert layers["weight_norm"].notna().all()


def test_a_lane_that_has_diverged_is_told_once_a_step(hand: HandEngine) -> None:
    wild = polynomial({"name": "sgd", "learning_rate": 100.0})
    run = Run([polynomial({"name": "adam"}), wild], on=hand)
    run.train()
    hand.work()
    history = history_frame(run.history)
    assert not history.duplicated(["lane", "step"]).any()
    assert history[history.lane == 2].step.max() < history[history.lane == 1].step.max()
    assert read_run(save_run(run)).states[1].divergence is not None


def test_a_run_that_has_not_started_can_not_be_saved(hand: HandEngine) -> None:
    with pytest.raises(ValueError, match="not started"):
        save_run(Run([small()], on=hand))


def test_other_files_are_refused(run: Run) -> None:
    saved = save_run(run)
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    for data in (b"", b"PK", saved[:-100], saved[: len(saved) // 2], empty.getvalue()):
        with pytest.raises(SpecError, match="not a saved nnviz run"):
            read_run(data)


def test_files_that_unpack_to_more_than_a_run_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnviz.runs.saving.MAX_FILE_BYTES", 1000)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("spec.json", " " * 2000)
    with pytest.raises(SpecError, match="not a saved nnviz run"):
        read_run(file.getvalue())
