"""One interpreter for all scripts: importing torch takes longer than most of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.export.interpreter import Interpreter


@pytest.fixture(scope="package")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interpreter]:
    started = Interpreter.start(str(tmp_path_factory.mktemp("elsewhere")))
    yield started
    started.close()
