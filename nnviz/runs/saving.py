"""A run as a file: a zip of spec.json, states in safetensors and the history as Parquet tables."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnviz.records import LAYER_SCALARS, RUN_SCALARS, Snapshot
from nnviz.runs.history import History
from nnviz.runs.run import Run
from nnviz.spec import ExperimentSpec, SpecError
from nnviz.training import TrainingState

if TYPE_CHECKING:  # pandas takes long to load, and a worker has no use for it
    import pandas as pd

VERSION = 1
MAX_FILE_BYTES = 200 * 2**20
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class SavedRun:
    """What a saved run's file holds."""

    lanes: tuple[ExperimentSpec, ...]
    states: tuple[TrainingState, ...]
    history: pd.DataFrame
    layers: pd.DataFrame


def history_frame(history: History) -> pd.DataFrame:
    """One row a lane and step: losses, accuracies, learning rate. Lanes count from 1."""
    import pandas as pd

    columns = ["lane", "step", *RUN_SCALARS]
    rows = [
        [lane, taken.step, *(getattr(taken, name) for name in RUN_SCALARS)]
        for lane, taken in _snapshots(history)
    ]
    return pd.DataFrame(rows, columns=columns)


def layers_frame(history: History) -> pd.DataFrame:
    """One row a lane, step and layer: what was measured there as a single number."""
    import pandas as pd

    columns = ["lane", "step", "layer", "kind", *LAYER_SCALARS]
    rows = [
        [lane, taken.step, layer.name, layer.kind, *(getattr(layer, n) for n in LAYER_SCALARS)]
        for lane, taken in _snapshots(history)
        for layer in (*taken.layers, taken.output)
    ]
    return pd.DataFrame(rows, columns=columns)


def save_run(run: Run) -> bytes:
    """The run as a zip file, without pickle. Raises ValueError before its first snapshot."""
    states = run.states
    if states is None:
        raise ValueError("the run has not started yet")
    specs = [lane.model_dump(mode="json") for lane in run.lanes]
    events = [{"step": event.step, "text": event.text} for event in run.events]
    document = {"version": VERSION, "lanes": specs, "events": events}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("spec.json", json.dumps(document, indent=1, ensure_ascii=False))
        for number, state in enumerate(states):
            archive.writestr(_state_name(number), state.to_bytes())
        for name, frame in (("history", history_frame), ("layers", layers_frame)):
            archive.writestr(f"{name}.parquet", frame(run.history).to_parquet(index=False))
    return file.getvalue()


def read_run(data: bytes) -> SavedRun:
    """What `save_run` wrote. Raises SpecError for anything else."""
    import pandas as pd

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_FILE_BYTES:
                raise SpecError("it is too large")
            document = json.loads(archive.read("spec.json"))
            lanes = tuple(map(ExperimentSpec.model_validate, document["lanes"]))
            states = [archive.read(_state_name(number)) for number in range(len(lanes))]
            frames = [archive.read(f"{name}.parquet") for name in ("history", "layers")]
        return SavedRun(
            lanes,
            tuple(map(TrainingState.from_bytes, states)),
            *(pd.read_parquet(io.BytesIO(frame)) for frame in frames),
        )
    except _UNREADABLE as error:
        raise SpecError("this is not a saved nnviz run") from error


def _state_name(lane: int) -> str:
    return "state.safetensors" if lane == 0 else f"state_{lane + 1}.safetensors"


def _snapshots(history: History) -> list[tuple[int, Snapshot]]:
    entries = history.entries
    n_lanes = len(entries[0]) if entries else 0
    found: list[tuple[int, Snapshot]] = []
    for lane in range(n_lanes):
        taken = {entry[lane].step: entry[lane] for entry in entries}
        found += [(lane + 1, snapshot) for snapshot in taken.values()]
    return found
