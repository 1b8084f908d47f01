"""CONTRIBUTING's recipes are true: its own blocks, put where they say, are found everywhere."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("nnviz", "pages", "tests", "app.py", "pyproject.toml", ".streamlit", "docs")
NAMES = ("tanhshrink", "logsigmoid", "linear_decay")

LOOK = """
from streamlit.testing.v1 import AppTest
from nnviz import ExperimentSpec, advance, initial_state
from nnviz.export import to_pytorch
from nnviz.feed.view import Asked, Shown
from nnviz.feed.views import drawn
from nnviz.figures import FIELD_LABELS, Series
from nnviz.ui.compare.fields import LANE_FIELDS
from nnviz.ui.exhibits.activations.shape import ShapeSettings
from nnviz.data import load

training = {"schedule": {"name": "linear_decay"}}
spec = ExperimentSpec.model_validate(
    {"network": {"activation": "logsigmoid"}, "training": training}
)
assert ExperimentSpec.from_code(spec.to_code()) == spec
script = to_pytorch(spec)
assert "nn.LogSigmoid()" in script and "def _linear_decay" in script

state, snapshots = advance(initial_state(spec), n_steps=8)
rates = {taken.step: taken.learning_rate for taken in snapshots}
assert abs(rates[8] / rates[1] - (1 - 7 / 1000)) < 1e-12
assert all(layer.largest > 0 for layer in snapshots[-1].layers)
series = Series(snapshots)
assert series.layer("largest").shape == (len(snapshots), 3)

rows = {"data": {"name": "adding"}, "network": {"blocks": [{"kind": "reversed"}]}}
turned = ExperimentSpec.model_validate(rows)
assert "class ReversedSteps(nn.Module)" in to_pytorch(turned)
_, seen = advance(initial_state(turned), n_steps=2)
assert [layer.kind for layer in seen[-1].layers] == ["reversed"]
assert [record.name for record in seen[-1].layers[0].seen] == ["maps"]

ShapeSettings(names=("tanhshrink", "logsigmoid"))
asked, data = Asked(("largest",)), load(spec.data).record
(panel,) = drawn(Shown([""], [spec], [series], [snapshots[-1]], [data], asked))
assert panel.title == "Largest activation" and FIELD_LABELS["largest"]

app = AppTest.from_file("nnviz/ui/main.py", default_timeout=120)
app.switch_page("../../pages/playground.py").run()
assert not app.exception, app.exception
offered = {box.label: " ".join(box.options) for box in app.selectbox}
assert "tanhshrink" in offered["Activation"] and "logsigmoid" in offered["Activation"]
assert "linear decay" in offered["Learning-rate schedule"]
views = next(pills for pills in app.get("button_group") if pills.label == "Shown views")
assert "Largest activation" in views.options
"""


def blocks() -> list[tuple[str, str, str]]:
    """(file, place, code) of every block that says where it goes."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return re.findall(
        r"^```python\n# ([\w/.]+), ([^\n]+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL
    )


def put(file: Path, place: str, code: str) -> None:
    """Put the code where its first line says: "above X", "in X" or "at the end"."""
    if place == "a new file":
        file.write_text(code)
        return
    text = file.read_text()
    lines = text.splitlines(keepends=True)
    where, _, name = place.partition(" ")
    if place == "at the end":
        at, depth = len(lines), 0
        code = f"\n\n{code}"
    elif where == "above":
        at, depth = _statement(ast.parse(text), name).lineno - 1, 0
        code = f"{code}\n\n"
    else:
        assert where == "in", place
        at, depth = _end_of(_statement(ast.parse(text), name), lines)
    lines.insert(at, indent(code, " " * depth))
    file.write_text("".join(lines))


def _statement(tree: ast.Module, name: str) -> ast.stmt:
    for found in tree.body:
        targets = found.targets if isinstance(found, ast.Assign) else [getattr(found, "target", "")]
        named = [getattr(found, "name", ""), *(getattr(each, "id", "") for each in targets)]
        if name in named:
            return found
    raise AssertionError(f"there is no {name}")


def _end_of(found: ast.stmt, lines: list[str]) -> tuple[int, int]:
    """Line before which a class's next field or a list's next entry stands, and its indentation."""
    if isinstance(found, ast.ClassDef):
        assert found.end_lineno is not None
        return found.end_lineno, found.body[0].col_offset
    entries = next(
        part
        for part in ast.walk(found)
        if isinstance(part, ast.Dict | ast.Tuple) and part.end_lineno != part.lineno
    )
    last = entries.elts[-1] if isinstance(entries, ast.Tuple) else entries.values[-1]
    assert entries.end_lineno is not None
    return entries.end_lineno - 1, _column(lines[last.lineno - 1])


def _column(line: str) -> int:
    """Where the line's text starts."""
    return len(line) - len(line.lstrip())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with what all recipes add."""
    folder = tmp_path_factory.mktemp("house")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, folder / part)
    for file, place, code in blocks():
        put(folder / file, place, code)
    return folder


def run(house: Path, *words: str) -> subprocess.CompletedProcess[str]:
    own = {"PYTHONPATH": str(house), "NNVIZ_WORKERS": "1", "OMP_NUM_THREADS": "1"}
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, *words], cwd=house, env=kept | own, text=True, capture_output=True
    )


def test_what_the_recipes_add_is_in_widgets_views_tables_and_scripts(house: Path) -> None:
    assert {file for file, _, _ in blocks()} >= {
        "nnviz/catalog/activations.py", "nnviz/catalog/schedules.py", "nnviz/records.py",
    }  # fmt: skip
    done = run(house, "-c", LOOK)
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_tests_that_walk_the_lists_try_what_the_recipes_add_and_pass(house: Path) -> None:
    files = (
        "catalog",
        "test_network.py",
        "ensemble",
        "figures/test_series.py",
        "figures/test_every_figure.py",
        "experiments/test_nonlinearity.py",
        "experiments/test_signal_propagation.py",
        "export",
        "training/test_bursts.py",
    )
    done = run(
        house, "-m", "pytest", "-q", "-n0", "-rA", "-p", "no:cacheprovider",
        *(f"tests/{file}" for file in files), "-k", " or ".join(NAMES),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    for name in NAMES:
        assert done.stdout.count(f"{name}]") + done.stdout.count(f"[{name}") >= 5, name
