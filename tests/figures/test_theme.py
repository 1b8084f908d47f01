"""The colours: complete, resolvable, and strong enough to see."""

from __future__ import annotations

import json
import re

import pytest

from nnviz.figures.theme import BACKGROUND_TOKENS, TOKENS, resolved, to_plotly, token

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
