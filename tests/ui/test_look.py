"""The page's own colours can be read from the back row, in the light and in the dark theme."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
TEXTS = ("textColor", "linkColor")
GRAPHICS = ("orange", "blue", "green", "red", "violet", "gray")


def luminance(color: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> dict[str, Any]:
    chosen: dict[str, Any] = CONFIG["theme"][request.param]
    return chosen


def test_the_contrast_formula_gives_the_published_extremes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_text_stands_out_by_4_5(theme: dict[str, Any]) -> None:
    backgrounds = (theme["backgroundColor"], theme["secondaryBackgroundColor"])
    for background in backgrounds:
        for name in TEXTS:
            assert contrast(theme[name], background) >= 4.5, name
    assert contrast(theme["codeTextColor"], theme["codeBackgroundColor"]) >= 4.5
    assert contrast("#ffffff", theme["primaryColor"]) >= 4.5, "text of a primary button"


def test_graphics_stand_out_by_3(theme: dict[str, Any]) -> None:
    named = {name: theme[f"{name}Color"] for name in GRAPHICS}
    chart = dict(enumerate(theme["chartCategoricalColors"]))
    for background in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        for name, color in {**named, **chart}.items():
            assert contrast(color, background) >= 3, name
        assert contrast(theme["primaryColor"], background) >= 3


def test_gradients_have_the_ten_colours_streamlit_asks_for(theme: dict[str, Any]) -> None:
    for name in ("chartSequentialColors", "chartDivergingColors"):
        assert len(theme[name]) == 10
        assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in theme[name])


def test_the_sequential_gradient_moves_steadily_away_from_the_page(theme: dict[str, Any]) -> None:
    steps = [contrast(color, theme["backgroundColor"]) for color in theme["chartSequentialColors"]]
    assert steps == sorted(steps)


def test_the_server_stays_on_this_machine_and_keeps_its_guards() -> None:
    server = CONFIG["server"]
    assert server["address"] == "127.0.0.1"
    assert server["enableXsrfProtection"]
    assert server["enableCORS"]
    assert CONFIG["runner"]["postScriptGC"] is False
