"""Pages are run from source, each as a reader's first visit."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from nnviz.runs import shelf

ROOT = Path(__file__).parents[2]


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    """Open a page of the app with these words in its address and run it once."""
    monkeypatch.setenv("NNVIZ_WORKERS", "1")

    def open_page(name: str, **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "nnviz/ui/main.py"), default_timeout=60)
        for key, value in address.items():
            app.query_params[key] = value
        app.switch_page(f"../../pages/{name}.py")
        return app.run()

    yield open_page
    for run_id in tuple(shelf()._kept):
        shelf().leave(run_id)  # as the closed sockets of real pages do
