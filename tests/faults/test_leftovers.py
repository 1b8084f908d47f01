"""Whatever is killed: no process and no folder stays. The engine asks for no place to write."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.faults.conftest import is_one, until

ROOT = Path(__file__).parents[2]
APP = """
import os, sys, time
from nnviz import DataSpec, ExperimentSpec
from nnviz.runs import Engine, Run
engine = Engine(n_workers=2)
assert engine.wait_until_ready(180), engine.message
run = Run([ExperimentSpec(data=DataSpec(n_samples=40))], on=engine)
run.train()
while run.status != "finished":
    time.sleep(0.01)
print(run.history.latest[0].train_loss.hex(), flush=True)
sys.stdin.read()
if sys.argv[1] == "close":
    engine.close()
"""
OTHER_USER = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for temporary files that every user may write to."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o777)
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def started(place: Path, ending: str, root: Path = ROOT, *before: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*before, sys.executable, "-c", APP, ending],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "TMPDIR": str(place / "tmp"), "HOME": "/none"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def family(app: subprocess.Popen[bytes]) -> tuple[psutil.Process, list[psutil.Process]]:
    children = psutil.Process(app.pid).children()
    host = next(child for child in children if is_one(child, "nnviz.runs.host"))
    return host, until(lambda: [*host.children()] if len(host.children()) == 2 else None)


@pytest.mark.parametrize("killed", ["nobody", "worker", "host", "app", "all"])
def test_nothing_is_left_whatever_is_killed(place: Path, killed: str) -> None:
    app = started(place, "close")
    assert app.stdout is not None
    assert app.stdin is not None
    assert app.stdout.readline()
    host, workers = family(app)
    for victim in {
        "nobody": [], "worker": workers[:1], "host": [host], "app": [psutil.Process(app.pid)],
        "all": [psutil.Process(app.pid), host, *workers],
    }[killed]:  # fmt: skip
        victim.kill()
    app.stdin.close()
    app.wait(60)
    app.stdout.close()
    assert psutil.wait_procs([host, *workers], timeout=60)[1] == []
    assert list((place / "tmp").iterdir()) == []


@pytest.mark.parametrize("after", [0.3, 0.6, 0.9, 1.2, 2.0, 3.0])
def test_nothing_is_left_of_a_start_that_was_cut_short(place: Path, after: float) -> None:
    app = started(place, "close")
    assert app.stdin is not None
    assert app.stdout is not None
    with pytest.raises(subprocess.TimeoutExpired):
        app.wait(after)
    children = psutil.Process(app.pid).children(recursive=True)
    app.send_signal(signal.SIGKILL)
    app.wait()
    app.stdin.close()
    app.stdout.close()
    psutil.wait_procs(children, timeout=60)
    until(lambda: list((place / "tmp").iterdir()) == [])


def test_a_read_only_checkout_of_another_user(place: Path) -> None:
    checkout = place / "checkout"
    shutil.copytree(
        ROOT / "nnviz", checkout / "nnviz", ignore=shutil.ignore_patterns("__pycache__")
    )
    for path in [checkout, *checkout.rglob("*")]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    files = sorted(checkout.rglob("*"))
    as_other: list[str] = []
    if os.getuid() == 0:  # may read as root does, for this machine's Python, but write nowhere
        if shutil.which("setpriv") is None:
            pytest.skip("root writes to read-only files, and there is no setpriv")
        who = [f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups"]
        capability = "+dac_read_search"
        as_other = [
            "setpriv", *who, f"--inh-caps={capability}", f"--ambient-caps={capability}",
        ]  # fmt: skip
    own = started(place, "close")
    other = started(place, "close", checkout, *as_other)
    told = []
    for app in (own, other):
        assert app.stdin is not None
        assert app.stdout is not None
        told.append(app.stdout.readline())
        app.stdin.close()
        assert app.wait(60) == 0
        app.stdout.close()
    assert told[0] == told[1] != b""
    assert sorted(checkout.rglob("*")) == files
    for path in [checkout, *checkout.rglob("*")]:
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
