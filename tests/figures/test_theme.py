"""The colours: complete, resolvable, and strong enough to see."""

from __future__ import annotations

import itertools
import json
import re

import numpy as np
import pytest

from nnviz.figures.theme import (
    BACKGROUND_TOKENS,
    N_CLASS_COLOURS,
    N_LANE_COLOURS,
    TOKENS,
    resolved,
    to_plotly,
    token,
)

PAGES = {0: TOKENS["page"][0], 1: TOKENS["page"][1]}


def luminance(colour: str) -> float:
    """Relative luminance as the Web Content Accessibility Guidelines define it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("name", [name for name in TOKENS if name not in BACKGROUND_TOKENS])
def test_lines_stand_out_from_the_page(name, theme):
    assert contrast(TOKENS[name][theme], PAGES[theme]) >= 3


@pytest.mark.parametrize("theme", [0, 1])
def test_text_is_readable(theme):
    assert contrast(TOKENS["ink"][theme], PAGES[theme]) >= 7
    assert contrast(TOKENS["muted"][theme], PAGES[theme]) >= 4.5


@pytest.mark.parametrize("family", ["class", "lane", "depth"])
@pytest.mark.parametrize("theme", [0, 1])
def test_colours_of_a_family_differ(family, theme):
    colours = [pair[theme] for name, pair in TOKENS.items() if name.startswith(f"{family}_")]
    assert len(set(colours)) == len(colours) >= 4


def linear(colour: str) -> np.ndarray:
    """Linear sRGB."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def cielab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB, white D65 (CIE 15; IEC 61966-2-1)."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ratio = np.array(to_xyz) @ rgb / [0.9505, 1.0, 1.089]
    x, y, z = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


SEEN_BY = {
    "all three cones": np.eye(3),
    "no green cones": np.array(
        [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9690]]
    ),
    "no red cones": np.array(
        [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]
    ),
}
"""Linear sRGB as dichromats see it: Machado, Oliveira & Fernandes 2009, severity 1."""


def distance(one: str, other: str, eyes: str = "all three cones") -> float:
    """Euclidean distance in CIELAB (CIE 1976)."""
    seen = [cielab(np.clip(SEEN_BY[eyes] @ linear(colour), 0, 1)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


def test_the_distance_of_black_and_white_is_100():
    assert distance("#000000", "#ffffff") == pytest.approx(100, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("lane", range(N_LANE_COLOURS))
def test_a_lane_has_the_colour_of_no_class_and_of_no_other_meaning_in_its_charts(lane, theme):
    """Least measured: 23 to a class, 22 to danger; 25 to the classes that most data sets have."""
    own = TOKENS[f"lane_{lane}"][theme]
    assert all(distance(own, TOKENS[f"class_{k}"][theme]) >= 20 for k in range(N_CLASS_COLOURS))
    others = ("positive", "negative", "train", "test", "danger", "ink", "muted")
    assert all(distance(own, TOKENS[name][theme]) >= 20 for name in others)


@pytest.mark.parametrize("theme", [0, 1])
@pytest.mark.parametrize("eyes", SEEN_BY)
def test_lanes_are_told_apart_by_those_who_see_no_red_or_no_green(eyes, theme):
    """Least measured: 27 (light) and 35 (dark), both without red cones."""
    lanes = [TOKENS[f"lane_{k}"][theme] for k in range(N_LANE_COLOURS)]
    assert min(distance(*pair, eyes) for pair in itertools.combinations(lanes, 2)) >= 25


def test_an_unknown_meaning_is_refused_with_the_choices():
    with pytest.raises(ValueError, match=r"positive.*got 'blue'"):
        token("blue")


@pytest.mark.parametrize("dark", [False, True])
def test_tokens_resolve_everywhere(drawn, dark):
    for name, figure in drawn.items():
        text = to_plotly(figure, dark).to_json()
        assert "var(" not in text, name


def test_a_token_is_always_a_whole_string(drawn):
    """A browser can then resolve colours without parsing text."""

    def strings(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for item in value.values():
                yield from strings(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                yield from strings(item)

    for name, figure in drawn.items():
        for text in strings(figure):
            if "var(" in text:
                assert re.fullmatch(r"var\(--nnviz-[a-z0-9_]+\)", text), (name, text)


def test_resolving_leaves_the_figure_itself_alone(drawn):
    figure = next(iter(drawn.values()))
    before = json.dumps(figure["layout"], default=str)
    resolved(figure, dark=True)
    assert json.dumps(figure["layout"], default=str) == before


def test_light_and_dark_differ():
    figure = {"data": [], "layout": {"font": {"color": token("ink")}}}
    assert resolved(figure)["layout"]["font"]["color"] == TOKENS["ink"][0]
    assert resolved(figure, dark=True)["layout"]["font"]["color"] == TOKENS["ink"][1]


def test_a_background_is_painted_on_request():
    figure = {"data": [], "layout": {"paper_bgcolor": "rgba(0,0,0,0)"}}
    assert to_plotly(figure, dark=True, background=True).layout.paper_bgcolor == TOKENS["page"][1]
