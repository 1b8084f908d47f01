"""The network on its canvas: tiles and weights where they belong, and what the pointer is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from nnviz.figures import network_diagram
from nnviz.figures.network_layout import RAMP
from nnviz.records import SeenRecord

from ..figures.conftest import (
    CASES,
    bare_history,
    image_data,
    image_history,
    linear_history,
    plane_data,
    plane_history,
)
from .static_page import colors, static_page, wired

WIDTH, HEIGHT = 820, 380
TIP = ".nnviz-network-tip"
START = """async ([trace, colors, width, height]) => {
  const { NetworkPicture } = await import("/network.js");
  globalThis.host = document.getElementById("host");
  globalThis.picked = [];
  globalThis.picture = new NetworkPicture(host, (unit) => picked.push(unit));
  globalThis.redraw = (trace, colors, width, height) => {
    picture.draw(revive(trace), colors, width, height);
  };
  redraw(trace, colors, width, height);
}"""
PIXEL = """([x, y]) => {
  const ratio = devicePixelRatio;
  const at = [Math.round(x * ratio), Math.round(y * ratio), 1, 1];
  return [...picture.canvas.getContext("2d").getImageData(...at).data];
}"""


@pytest.fixture(scope="module")
def page_of_all(browser: Browser) -> Iterator[Page]:
    with static_page(browser) as page:
        yield page


@pytest.fixture
def page(page_of_all: Page) -> Page:
    """A page without a picture, the pointer in its corner."""
    page_of_all.evaluate("globalThis.picture?.remove()")
    page_of_all.mouse.move(0, 0)
    return page_of_all


def trace_of(snapshot: Any, data: Any = None, captions: tuple[str, ...] = ()) -> dict[str, Any]:
    return dict(wired(network_diagram(snapshot, data, captions)["data"][0]))


def draw(page: Page, trace: dict[str, Any], dark: bool = False) -> None:
    page.evaluate(START, [trace, colors(dark), WIDTH, HEIGHT])


def redraw(page: Page, trace: dict[str, Any], width: int = WIDTH, height: int = HEIGHT) -> None:
    page.evaluate("(all) => redraw(...all)", [trace, colors(), width, height])


def unit_at(page: Page, column: int, unit: int) -> tuple[float, float]:
    """Where a unit's middle stands in the host."""
    place = f"picture.frame.columns[{column}]"
    x, y = page.evaluate(f"[{place}.x, {place}.ys[{unit}]]")
    return x, y


def edge_at(page: Page, edge: int) -> tuple[float, float]:
    """The middle of an edge: half-way between its ends, whatever its bend."""
    ends = page.evaluate(f"picture.frame.edges[{edge}]")
    return (ends["x0"] + ends["x1"]) / 2, (ends["y0"] + ends["y1"]) / 2


def hover(page: Page, place: tuple[float, float]) -> None:
    left, top = page.evaluate("[host.getBoundingClientRect().x, host.getBoundingClientRect().y]")
    page.mouse.move(left + place[0], top + place[1])


def box(page: Page, selector: str) -> list[float]:
    """Left, top, right, bottom of an element in the window."""
    found = page.locator(selector).evaluate("(node) => node.getBoundingClientRect().toJSON()")
    return [found[side] for side in ("left", "top", "right", "bottom")]


def pixel(page: Page, place: tuple[float, float]) -> list[int]:
    return list(page.evaluate(PIXEL, place))


def rgb(name: str, dark: bool = False) -> list[int]:
    word = colors(dark)[name]
    return [int(word[start : start + 2], 16) for start in (1, 3, 5)]


def test_the_pointer_is_told_which_unit_it_is_on(page: Page) -> None:
    last = plane_history(5)[-1]
    draw(page, trace_of(last, plane_data(), ("relu → batch norm",)))
    hover(page, unit_at(page, 1, 3))
    mean = f"{last.layers[0].unit_mean_D[3]:.3g}".replace("-", "−")
    expect(page.locator(TIP)).to_contain_text("dense1 unit 3")
    expect(page.locator(TIP)).to_contain_text(f"mean activation {mean}")
    expect(page.locator(TIP)).to_contain_text("relu → batch norm")
    hover(page, unit_at(page, 0, 1))
    expect(page.locator(TIP)).to_have_text("input x₂")
    hover(page, (WIDTH - 3, HEIGHT - 3))
    expect(page.locator(TIP)).to_be_hidden()


def test_the_pointer_is_told_which_weight_it_is_on(page: Page) -> None:
    last = linear_history(5)[-1]
    draw(page, trace_of(last, plane_data()))
    hover(page, edge_at(page, 0))
    weight = f"{float(last.output.weight_DF[0, 0]):.3g}".replace("-", "−")
    expect(page.locator(TIP)).to_have_text(f"input x₁ → output class 0\nweight {weight}")


def test_a_resting_pointer_is_told_the_newest_number(page: Page) -> None:
    trace = trace_of(plane_history(5)[-1], plane_data())
    draw(page, trace)
    hover(page, unit_at(page, 1, 3))
    place = 2 + 3
    trace["means"]["values"][place] = 0.125
    trace["dead"]["values"][place] = 1
    redraw(page, trace)
    expect(page.locator(TIP)).to_contain_text("dense1 unit 3: dead")
    expect(page.locator(TIP)).to_contain_text("mean activation 0.125")


def test_a_click_picks_a_unit_or_a_weight(page: Page) -> None:
    draw(page, trace_of(linear_history(5)[-1], plane_data()))
    for place in (unit_at(page, 1, 1), edge_at(page, 0), (4.0, HEIGHT - 4.0)):
        hover(page, place)
        page.mouse.down()
        page.mouse.up()
    assert page.evaluate("picked") == [
        {"layer": "output", "unit": 1},
        {"layer": "output", "unit": 0, "from": 0},
    ]


def test_inputs_run_from_orange_to_blue(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pixels from an end the ramp may have taken one of its steps."""
    monkeypatch.setattr("nnviz.figures.network.MAX_CELLS", 10**6)
    step = 255 * 2 / (RAMP - 1)
    draw(page, trace_of(plane_history(5)[-1], plane_data()))
    half = page.evaluate("picture.frame.tile") / 2 - 2
    for unit, (right, up) in enumerate([(half, 0), (0, half)]):
        x, y = unit_at(page, 0, unit)
        assert pixel(page, (x + right, y - up))[:3] == pytest.approx(rgb("positive"), abs=step)
        assert pixel(page, (x - right, y + up))[:3] == pytest.approx(rgb("negative"), abs=step)


def test_dead_units_are_crossed_out(page: Page) -> None:
    last = plane_history(20)[-1]
    draw(page, trace_of(last, plane_data()))
    for unit, dead in enumerate(last.layers[0].dead_D):
        crossed = pixel(page, unit_at(page, 1, unit))[:3] == rgb("danger")
        assert crossed == dead


def test_what_is_not_measured_is_not_painted(page: Page) -> None:
    draw(page, trace_of(bare_history()[-1]))
    assert pixel(page, unit_at(page, 1, 0))[3] == 0
    hover(page, unit_at(page, 1, 0))
    expect(page.locator(TIP)).to_have_text("dense1 unit 0")


def test_a_line_has_the_colour_of_its_sign(page: Page) -> None:
    trace = trace_of(linear_history(5)[-1], plane_data())
    trace["weights"]["values"] = [1.0, 0.0, None, -1.0]
    draw(page, trace)
    assert pixel(page, edge_at(page, 0))[:3] == pytest.approx(rgb("positive"), abs=12)
    assert pixel(page, edge_at(page, 3))[:3] == pytest.approx(rgb("negative"), abs=12)
    assert page.evaluate("picture.drawn") == [0, 1, 3]


def test_of_very_many_weights_the_strongest_are_drawn(page: Page) -> None:
    history, data = CASES["deep"]()
    trace = trace_of(history[-1], data)
    draw(page, trace)
    weights = np.abs(trace["weights"]["values"])
    drawn = page.evaluate("picture.drawn")
    assert len(drawn) == trace["max_edges"]
    assert weights[drawn].min() >= np.delete(weights, drawn).max()


@pytest.mark.parametrize("name", ["plane", "images", "deep", "wide", "bare", "five_classes"])
def test_everything_stays_inside_at_every_size(page: Page, name: str) -> None:
    history, data = CASES[name]()
    trace = trace_of(history[-1], data, ("relu → batch norm",) * 4)
    draw(page, trace)
    rim = """() => [picture.still, picture.canvas].map((canvas) => {
      const { data, width, height } = canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height);
      let painted = 0;
      for (let x = 0; x < width; x++) {
        painted += data[x * 4 + 3] + data[((height - 1) * width + x) * 4 + 3];
      }
      for (let y = 0; y < height; y++) {
        painted += data[y * width * 4 + 3] + data[(y * width + width - 1) * 4 + 3];
      }
      return [painted, width, height];
    })"""
    for width, height in ((820, 380), (1200, 600), (420, 300)):
        redraw(page, trace, width, height)
        assert page.evaluate(rim) == [[0, width, height]] * 2


def test_the_words_stay_in_sight(page: Page) -> None:
    draw(page, trace_of(plane_history(5)[-1], plane_data(), ("relu",) * 3))
    for width in (WIDTH, 300):
        redraw(page, trace_of(plane_history(5)[-1], plane_data()), width)
        corners = [unit_at(page, 0, 0), unit_at(page, 1, 0), unit_at(page, 1, 7)]
        for place in [*corners, unit_at(page, 4, 1)]:
            hover(page, place)
            expect(page.locator(TIP)).to_be_visible()
            (left, top, right, bottom), outer = (box(page, name) for name in (TIP, "canvas[role]"))
            assert left >= outer[0]
            assert top >= outer[1]
            assert right <= outer[2]
            assert bottom <= outer[3]


def test_the_picture_says_what_it_shows(page: Page) -> None:
    last = plane_history(20)[-1]
    draw(page, trace_of(last, plane_data()))
    n_dead = sum(int(layer.dead_D.sum()) for layer in last.layers)
    label = page.locator("canvas[role=img]").get_attribute("aria-label") or ""
    assert "dense2 with 6 units" in label
    assert f"{n_dead} of the drawn units dead" in label


def test_nothing_is_left_of_a_removed_picture(page: Page) -> None:
    draw(page, trace_of(plane_history(5)[-1], plane_data()))
    page.evaluate("picture.remove()")
    assert page.evaluate("host.childElementCount") == 0
    hover(page, (100.0, 100.0))


LIGHT_UP = """([x, blocks, range]) => {
  const rows = (value) => (Array.isArray(value[0]) ? value.map(rows) : Float32Array.from(value));
  const revived = blocks.map(({ name, output }) => ({ name, output: rows(output) }));
  picture.lightUp({ x: Float32Array.from(x), blocks: revived, range });
}"""


def light_up(page: Page, x: list[float], blocks: dict[str, Any], low: float = 0.0) -> None:
    named = [{"name": name, "output": output} for name, output in blocks.items()]
    page.evaluate(LIGHT_UP, [x, named, [low, 1.0]])


def test_a_line_that_carries_more_for_the_asked_input_is_stronger(page: Page) -> None:
    trace = trace_of(linear_history(5)[-1], plane_data())
    trace["weights"]["values"] = [1.0, 1.0, 1.0, 1.0]
    draw(page, trace)
    light_up(page, [2.0, 0.1], {"output": [3.0, -1.0]})
    lines = page.evaluate("[...picture.light.lines]")
    assert lines == pytest.approx([1.0, 0.05, 1.0, 0.05])
    assert page.evaluate("[...picture.light.numbers]") == pytest.approx([2.0, 0.1, 3.0, -1.0])
    hover(page, edge_at(page, 0))
    expect(page.locator(TIP)).to_contain_text("× 2 for this input = 2")
    hover(page, unit_at(page, 1, 1))
    expect(page.locator(TIP)).to_contain_text("for this input: a = −1")


def test_the_light_goes_out_without_a_trace(page: Page) -> None:
    draw(page, trace_of(plane_history(5)[-1], plane_data()))
    looks = "[picture.still, picture.canvas].map((canvas) => canvas.toDataURL())"
    before = page.evaluate(looks)
    layers = {f"dense{k + 1}": [0.5] * n for k, n in enumerate((8, 6, 4))}
    light_up(page, [0.3, -0.2], {**layers, "output": [1.0, 2.0]})
    assert page.evaluate(looks) != before
    page.evaluate("picture.lightUp(null)")
    assert page.evaluate(looks) == before


def test_channels_show_the_asked_inputs_maps_and_the_input_is_drawn(page: Page) -> None:
    """The middle of each quarter of a tile has the colour of one of the map's four cells."""
    maps = np.zeros((4, 8, 2, 2), np.float16)
    kernels = np.ones((8, 1, 3, 3), np.float16)
    last = image_history(5)[-1]
    shown = (
        SeenRecord("maps", ("example", "channel", "row", "column"), maps),
        SeenRecord("kernels", ("channel", "input channel", "row", "column"), kernels),
    )
    layers = (replace(last.layers[0], seen=shown), *last.layers[1:])
    draw(page, trace_of(replace(last, layers=layers), image_data()))
    name = last.layers[0].name
    x = [1.0] * 32 + [0.0] * 32
    light_up(page, x, {name: [[[1.0, 0.0], [0.0, -1.0]]] * 8})
    quarter = page.evaluate("picture.frame.tile") / 4
    left, top = unit_at(page, 1, 7)  # the first ones are dead
    assert pixel(page, (left - quarter, top - quarter))[:3] == rgb("positive")
    assert pixel(page, (left + quarter, top + quarter))[:3] == rgb("negative")
    assert pixel(page, (left + quarter, top - quarter))[:3] == rgb("zero")
    middle, high = unit_at(page, 0, 0)
    tall = page.evaluate("picture.frame.columns[0].tall")
    assert pixel(page, (middle, high - tall / 2))[:3] == rgb("ink")
    assert pixel(page, (middle, high + tall / 2))[:3] == rgb("zero")
    half = page.evaluate("picture.frame.columns[1].half")
    assert pixel(page, (left - half - 9, top))[:3] == rgb("positive")
