"""The dots beside the lanes' names have the colours of their lines."""

from pathlib import Path

import nnviz.ui
from nnviz.figures import TOKENS


def test_each_dot_has_its_lines_colour_in_light_and_dark():
    style = (Path(nnviz.ui.__file__).parent / "style.css").read_text()
    for lane in range(4):
        light, dark = TOKENS[f"lane_{lane}"]
        rule = f":is(.st-key-compare-lane-{lane}, .st-key-compare-head tr:nth-child({lane + 1}))"
        line = next(line for line in style.splitlines() if line.startswith(rule))
        assert f"light-dark({light}, {dark})" in line


def test_what_stays_in_sight_is_as_opaque_as_the_page():
    style = (Path(nnviz.ui.__file__).parent / "style.css").read_text()
    assert f"background: light-dark({', '.join(TOKENS['page'])})" in style
