"""What dies is replaced and goes on with the same numbers; nothing outlives the app."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from nnviz.runs import Engine, Run
from tests.runs.conftest import unseen, until
from tests.runs.test_engine import called
from tests.runs.test_run import assert_same, inline, state_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills with POSIX signals")
ROOT = Path(__file__).parents[2]

PARENT = """
import os, sys, time
from nnviz.runs import engine
pids = []
assert engine().wait_until_ready(), engine().message
engine().submit(os.getpid, on_done=pids.append)
while not pids:
    time.sleep(0.01)
engine().submit(time.sleep, 1.0, on_done=print)
print(pids[0], flush=True)
if sys.argv[1] == "wait":
    time.sleep(600)
"""


def test_a_run_outlives_its_worker(live_engine: Engine) -> None:
    worker = called(live_engine, os.getpid)
    runs = [Run([unseen(n_steps=6000)], str(number), live_engine) for number in range(2)]
    for run in runs:
        run.train()
    until(lambda: all(run.current_step > 50 for run in runs))
    os.kill(worker, signal.SIGKILL)
    until(lambda: all(run.status != "running" for run in runs))
    for run in runs:
        assert (run.status, run.message) == ("finished", "")
        assert_same(state_of(run), inline(run.lanes[0], 6000))


@pytest.mark.faults
def test_a_run_outlives_the_whole_engine(live_engine: Engine) -> None:
    spec = unseen(n_steps=6000)
    host = called(live_engine, os.getppid)
    run = Run([spec], "owner", live_engine)
    run.train()
    until(lambda: run.current_step > 50)
    os.kill(host, signal.SIGKILL)
    until(lambda: run.status != "running")
    assert (run.status, run.message) == ("finished", "")
    assert_same(state_of(run), inline(spec, 6000))
    assert called(live_engine, os.getppid) != host


@pytest.mark.faults
@pytest.mark.parametrize("ending", ["exit", "killed"])
def test_no_process_outlives_the_app(ending: str) -> None:
    app = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PARENT, "wait" if ending == "killed" else "leave"],
        cwd=ROOT,
        env=os.environ | {"NNVIZ_WORKERS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert app.stdout is not None
    worker = psutil.Process(int(app.stdout.readline()))
    host = worker.parent()
    assert host is not None
    family = [host, *host.children(recursive=True)]
    if ending == "killed":
        app.kill()
    _, told = app.communicate(timeout=60)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []
    assert told == b""
