"""A folder for the moment in which a process starts; nothing of it stays.

Dask's scheduler and workers make themselves a folder for spilled data and uploaded files, reading
a certificate takes a file for a moment, and loading torch makes a folder for compiled code. We use
none of it afterwards, so that all is gone as soon as the process has started. What is killed within
that moment leaves its folder to the process that named it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

N_TRIES = 10
_making = threading.Lock()


def new_prefix() -> str:
    """How the folders of one app begin; nobody else's do."""
    return os.path.join(tempfile.gettempdir(), f"nnviz-{token_hex(8)}")


@contextmanager
def scratch(folder: str) -> Iterator[str]:
    """The folder `folder` for temporary files of this process, and only inside the block."""
    with _making:
        os.mkdir(folder, 0o700)
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        yield folder
    finally:
        tempfile.tempdir = before
        remove(folder)


def make_no_more() -> None:
    """This process is about to end: who would make a folder now waits for that."""
    _making.acquire()


def remove(folder: str) -> None:
    """Take the folder away, if it is there, also while something is still written into it."""
    for _ in range(N_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return


def remove_all(prefix: str) -> None:
    """Take away whatever those that were killed have left."""
    path = Path(prefix)
    for folder in path.parent.glob(f"{path.name}-*"):
        remove(str(folder))
