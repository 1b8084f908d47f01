"""What the browser loads lies beside app.py, whole, under names that change with the content."""

from __future__ import annotations

import re
from pathlib import Path

from nnviz.ui.static_files import ASSETS, PLOTLY_JS, asset_folder, ensure_static_files, loader


def files(folder: Path) -> dict[str, int]:
    found = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.stat().st_ino for file in found}


def test_plotly_and_every_script_are_copied_whole(tmp_path: Path) -> None:
    ensure_static_files(tmp_path)
    copied = sorted((tmp_path / "static" / asset_folder()).iterdir())
    assert [file.name for file in copied] == sorted(file.name for file in ASSETS.iterdir())
    assert all(file.read_bytes() == (ASSETS / file.name).read_bytes() for file in copied)
    (plotly,) = (tmp_path / "static").glob("plotly-*.min.js")
    assert plotly.stat().st_size == PLOTLY_JS.stat().st_size


def test_a_second_call_writes_nothing(tmp_path: Path) -> None:
    ensure_static_files(tmp_path)
    before = files(tmp_path)
    ensure_static_files(tmp_path)
    assert files(tmp_path) == before


def test_the_inline_loader_is_short_and_names_files_that_exist(tmp_path: Path) -> None:
    ensure_static_files(tmp_path)
    for module in ("live_charts", "scrubber"):
        script = loader(module)
        assert len(script) < 1000
        for name in re.findall(r'"(nnviz-[^"]+|plotly-[^"]+)"', script):
            assert (tmp_path / "static" / name).is_file()


def test_scripts_import_only_their_neighbours() -> None:
    for script in ASSETS.glob("*.js"):
        for name in re.findall(r'^import .* from "(.+)";', script.read_text(), re.MULTILINE):
            assert (ASSETS / name).is_file(), f"{script.name} imports {name}"
