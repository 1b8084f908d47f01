"""A Python of its own that runs exported scripts, each in a fresh namespace, warnings as errors."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

_RUNNER = """
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    script, sys.argv[1:] = json.loads(line)
    printed, error = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(script, "nnviz_training.py", "exec"), {"__name__": "__main__"})
    except Exception:
        error = traceback.format_exc()
    made = sys.modules.get("mnist1d.data")
    if made and not hasattr(made, "kept"):  # the first script made it: seconds, always the same
        made.kept = made.make_dataset()
        made.make_dataset = lambda args: made.kept
    nnviz = [name for name in sys.modules if name.partition(".")[0] == "nnviz"]
    print(json.dumps([printed.getvalue(), error, nnviz]), flush=True)
"""


@dataclass
class Interpreter:
    """Python without this package on its path, on one thread."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, folder: str) -> Interpreter:
        """It works in `folder`, which should be empty."""
        environment = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HOME": folder}
        command = [sys.executable, "-I", "-W", "error", "-c", _RUNNER]
        pipe = subprocess.PIPE
        return cls(
            subprocess.Popen(
                command, stdin=pipe, stdout=pipe, text=True, cwd=folder, env=environment
            )
        )

    def run(self, script: str, *arguments: str) -> str:
        """What the script prints. Fails where it raises, warns or has nnviz imported."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([script, arguments]) + "\n")
        self.process.stdin.flush()
        printed, error, nnviz = json.loads(self.process.stdout.readline())
        assert not error, error
        assert not nnviz
        return str(printed)

    def close(self) -> None:
        """End it."""
        self.process.communicate()
