"""Marks painted beneath Plotly's axes: they stand where Plotly draws them, or they are refused."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from nnviz import figures

from ..figures.compare_records import mode_entries
from ..figures.conftest import CASES
from .static_page import static_page, wired

WIDTH, HEIGHT = 360, 240
Json = dict[str, Any]
SETUP = """async () => {
  const { Marks, resting, roomy } = await import("/marks.js");
  const sized = (layout) => ({ ...revive(layout), width: 360, height: 240, autosize: false });
  const place = (id) => {
    const frame = document.createElement("div");
    Object.assign(frame, { id, style: "position: relative; width: 360px; height: 240px" });
    frame.append(document.createElement("div"));
    document.body.append(frame);
    return frame;
  };
  const frame = place("live");
  const plot = frame.firstChild;
  const marks = new Marks(plot, frame);
  Object.assign(globalThis, { plot, marks, place, sized, roomy });
  globalThis.react = async ({ data, layout }) => {
    const traces = revive(data);
    await Plotly.react(plot, traces, roomy(sized(layout), traces, plot));
    marks.clear();
  };
  globalThis.rest = ({ data, layout }) =>
    Plotly.react(plot, revive(data), resting(sized(layout), plot));
  globalThis.paint = ({ data, layout }) => marks.paint(revive(data), sized(layout));
}"""
PIXEL = """([x, y, xaxis, yaxis]) => {
  const [ax, ay] = [plot._fullLayout[xaxis], plot._fullLayout[yaxis]];
  const at = [ax._offset + ax.d2p(x), ay._offset + ay.d2p(y)].map(Math.floor);
  return [...marks.canvas.getContext("2d").getImageData(...at, 1, 1).data];
}"""
BY_PLOTLY = """async ({ data, layout }) => {
  const copy = sized(layout);
  for (const [key, axis] of Object.entries(plot.layout)) {
    if (!/^[xy]axis/.test(key) || plot._fullLayout[key].type === "category") continue;
    const soft = ["range", "tickvals", "dtick"].map((name) => [name, axis[name]]);
    const words = axis.tickvals?.join() === copy[key].tickvals?.join() ? copy[key] : axis;
    Object.assign(copy[key], Object.fromEntries(soft), { ticktext: words.ticktext });
    copy[key].autorange = false;
  }
  await Plotly.react(place("plotly").firstChild, revive(data), copy);
}"""


@pytest.fixture(scope="module")
def page_of_all(browser: Browser) -> Iterator[Page]:
    with static_page(browser) as page:
        yield page


@pytest.fixture
def chart(page_of_all: Page) -> Page:
    """A page with `react`, `paint` and a new plot at hand."""
    page_of_all.evaluate("document.body.replaceChildren()")
    page_of_all.mouse.move(0, 0)
    page_of_all.evaluate(SETUP)
    return page_of_all


def react(page: Page, figure: Json) -> None:
    page.evaluate("(figure) => react(figure)", wired(figure))


def paint(page: Page, figure: Json) -> bool:
    return bool(page.evaluate("(figure) => paint(figure)", wired(figure)))


def at(page: Page, x: Any, y: Any, xaxis: str = "xaxis", yaxis: str = "yaxis") -> list[int]:
    """The painted pixel at a place of the data."""
    return list(page.evaluate(PIXEL, [x, y, xaxis, yaxis]))


def figure(*traces: Json, **layout: Any) -> Json:
    plain = {"showgrid": False, "zeroline": False}
    frame = {"showlegend": False, "margin": {"l": 40, "r": 10, "t": 10, "b": 30}, **layout}
    for key in ("xaxis", "yaxis"):
        frame[key] = {**plain, **layout.get(key, {})}
    return {"data": list(traces), "layout": frame}


def f32(*values: float) -> Any:
    return np.array(values, np.float32)


def line(y: Any, x: Any = None, **style: Any) -> Json:
    x = np.arange(len(y), dtype=np.float32) if x is None else x
    stroke = {"color": "#0000ff", "width": 3, **style.pop("line", {})}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": stroke, **style}


RED, BLUE, NOTHING = [255, 0, 0, 255], [0, 0, 255, 255], [0, 0, 0, 0]
FIXED = {"xaxis": {"range": [0, 4]}, "yaxis": {"range": [0, 4]}}


def test_a_line_passes_through_its_points_and_gaps_are_gaps(chart: Page) -> None:
    react(chart, figure(line(f32(1, 1, 1, 1, 1)), **FIXED))
    assert paint(chart, figure(line(f32(2, 2, np.nan, 3, 3)), **FIXED))
    assert at(chart, 0.5, 2) == at(chart, 3.5, 3) == BLUE
    assert at(chart, 1.5, 2) == at(chart, 2.5, 3) == at(chart, 0.5, 1) == NOTHING


def test_steps_run_level_before_they_rise(chart: Page) -> None:
    options = {"line": {"shape": "hv"}}
    react(chart, figure(line(f32(1, 1, 1), **options), **FIXED))
    assert paint(chart, figure(line(f32(1, 3, 3), **options), **FIXED))
    assert at(chart, 0.9, 1) == at(chart, 1, 2) == BLUE
    assert at(chart, 0.5, 2) == NOTHING


def test_a_line_lies_right_on_logarithmic_axes(chart: Page) -> None:
    axes = {"xaxis": {"type": "log", "range": [0, 2]}, "yaxis": {"type": "log", "range": [-2, 0]}}
    x = f32(1, 10, 100)
    react(chart, figure(line(f32(0.5, 0.5, 0.5), x), **axes))
    assert paint(chart, figure(line(f32(1, 0.1, 0.01), x), **axes))
    assert at(chart, 10, 0.1) == BLUE
    assert at(chart, 10**0.5, 10**-0.5) == BLUE


@pytest.mark.parametrize(
    ("fill", "inside", "outside"),
    [
        ("tozeroy", (2, 0.5), (2, 2.5)),
        ("toself", (2, 1.7), (2, 0.5)),
        ("tonexty", (2, 2.5), (2, 1)),
    ],
)
def test_areas_are_filled(chart: Page, fill: str, inside: Any, outside: Any) -> None:
    shapes = {"tozeroy": f32(1, 1, 1, 1, 1), "toself": f32(1, 2, 2, 1), "tonexty": f32(3, 3, 3, 3)}
    x = {"toself": f32(1, 1, 3, 3)}
    style = {"fill": fill, "fillcolor": "#ff0000", "line": {"width": 0}}
    ground = line(f32(2, 2, 2, 2, 2))

    def drawn(y: Any) -> Json:
        return figure(ground, line(y, x.get(fill), **style), **FIXED)

    react(chart, drawn(shapes[fill] + f32(0.01)))
    assert paint(chart, drawn(shapes[fill]))
    assert at(chart, *inside) == RED
    assert at(chart, *outside) == NOTHING


@pytest.mark.parametrize("orientation", ["v", "h"])
@pytest.mark.parametrize("barmode", ["group", "stack"])
def test_bars_stand_where_plotly_puts_them(chart: Page, orientation: str, barmode: str) -> None:
    def bars(first: Any, second: Any) -> Json:
        names = ("x", "y") if orientation == "v" else ("y", "x")
        traces = [
            {"type": "bar", "orientation": orientation, names[0]: f32(1, 2), names[1]: values,
             "marker": {"color": color, "line": {"width": 0}}}
            for values, color in ((first, "#ff0000"), (second, "#0000ff"))
        ]  # fmt: skip
        return figure(*traces, barmode=barmode, **FIXED)

    def pixel(along: float, height: float) -> list[int]:
        return at(chart, *((along, height) if orientation == "v" else (height, along)))

    react(chart, bars(f32(1, 1), f32(1, 1)))
    assert paint(chart, bars(f32(2, 1), f32(1, np.nan)))
    left, right = (0.8, 1.2) if barmode == "group" else (1.0, 1.0)
    assert pixel(left, 1.5) == RED
    assert pixel(right, 0.5 if barmode == "group" else 2.5) == BLUE
    assert pixel(left, 3.5) == pixel(2.2, 1.5) == NOTHING


def heat(z: Any, **options: Any) -> Json:
    scale = [[0, "#ff0000"], [1, "#0000ff"]]
    return {"type": "heatmap", "z": z, "zmin": 0, "zmax": 1, "colorscale": scale,
            "showscale": False, **options}  # fmt: skip


def test_cells_of_a_heat_map_have_their_place_and_missing_ones_are_clear(chart: Page) -> None:
    z, x, y = np.zeros((2, 3), np.float32), f32(0, 1, 4), f32(0, 1)
    react(chart, figure(heat(z, x=x, y=y)))
    z = np.array([[0, 1, np.nan], [1, 0, 1]], np.float32)
    assert paint(chart, figure(heat(z, x=x, y=y)))
    assert at(chart, 0, 0) == at(chart, 1, 1) == RED
    assert at(chart, 1, 0) == at(chart, 0, 1) == at(chart, 2.7, 1) == BLUE
    assert at(chart, 2.4, 1) == RED
    assert at(chart, 4, 0) == NOTHING


def test_categories_from_above_keep_their_order(chart: Page) -> None:
    axes = {"xaxis": {"type": "category"}, "yaxis": {"type": "category", "autorange": "reversed"}}
    names = {"x": ["a", "b"], "y": ["c", "d"]}
    react(chart, figure(heat(np.zeros((2, 2), np.float32), **names), **axes))
    z = np.array([[0, 1], [1, 1]], np.float32)
    assert paint(chart, figure(heat(z, **names), **axes))
    assert at(chart, "a", "c") == RED
    assert at(chart, "b", "c") == at(chart, "a", "d") == BLUE


def test_symbols_have_their_size_and_colour(chart: Page) -> None:
    def points(y: Any) -> Json:
        marker = {"size": f32(20, 20, 8), "color": f32(0, 1, 1), "cmin": 0, "cmax": 1,
                  "colorscale": [[0, "#ff0000"], [1, "#0000ff"]],
                  "opacity": 1, "symbol": ["circle", "diamond", "circle-open"],
                  "line": {"width": 0}}  # fmt: skip
        return {**line(y, f32(1, 2, 3)), "mode": "markers", "marker": marker}

    react(chart, figure(points(f32(1, 1, 1)), **FIXED))
    assert paint(chart, figure(points(f32(2, 2, 2)), **FIXED))
    assert at(chart, 1, 2) == RED
    assert at(chart, 2, 2) == BLUE
    assert at(chart, 3, 2) == NOTHING
    assert at(chart, 1, 1) == NOTHING


def test_each_trace_is_painted_at_its_own_axes(chart: Page) -> None:
    second = {"xaxis2": {"range": [0, 4], "domain": [0.6, 1], "anchor": "y2"},
              "yaxis2": {"range": [0, 40], "anchor": "x2"}}  # fmt: skip
    axes = {"xaxis": {"range": [0, 4], "domain": [0, 0.4]}, "yaxis": {"range": [0, 4]}, **second}

    def both(y: float) -> Json:
        other = line(f32(*[10 * y] * 5), line={"color": "#ff0000"}, xaxis="x2", yaxis="y2")
        return figure(line(f32(*[y] * 5)), other, **axes)

    react(chart, both(1))
    assert paint(chart, both(3))
    assert at(chart, 2, 3) == BLUE
    assert at(chart, 2, 30, "xaxis2", "yaxis2") == RED


def test_plotly_hides_what_is_painted_and_shows_it_when_cleared(chart: Page) -> None:
    shown = "getComputedStyle(plot.querySelector('.scatterlayer')).visibility"
    react(chart, figure(line(f32(1, 1, 1)), **FIXED))
    assert paint(chart, figure(line(f32(2, 2, 2)), **FIXED))
    assert chart.evaluate(shown) == "hidden"
    chart.evaluate("marks.clear()")
    assert chart.evaluate(shown) == "visible"
    assert chart.evaluate("getComputedStyle(marks.canvas).display") == "none"


def test_what_stands_still_above_moving_marks_stays_with_plotly(chart: Page) -> None:
    points, axes = {**line(f32(1, 1)), "mode": "markers"}, {"x": f32(0, 1), "y": f32(0, 1)}
    react(chart, figure(heat(np.zeros((2, 2), np.float32), **axes), points))
    assert paint(chart, figure(heat(np.ones((2, 2), np.float32), **axes), points))
    shown = "['.heatmaplayer', '.scatterlayer'].map((name) =>"
    shown += " getComputedStyle(plot.querySelector(name)).visibility)"
    assert chart.evaluate(shown) == ["hidden", "visible"]


BASE = figure(line(f32(1, 2, 3)), yaxis={"title": {"text": "loss"}})
CATEGORIES = {"xaxis": {"type": "category"}}
REFUSED: dict[str, tuple[Json, Json]] = {
    "another trace": (BASE, figure(line(f32(1, 2, 3)), line(f32(1, 2, 3)))),
    "another mode": (BASE, figure({**line(f32(1, 2, 3)), "mode": "lines+markers"})),
    "another colour": (BASE, figure(line(f32(1, 2, 3), line={"color": "#00ff00"}))),
    "another name": (BASE, figure(line(f32(1, 2, 3), name="other"))),
    "another title": (BASE, figure(line(f32(1, 2, 3)), yaxis={"title": {"text": "accuracy"}})),
    "another margin": (BASE, figure(line(f32(1, 2, 3)), margin={"l": 80})),
    "data beyond the axis": (BASE, figure(line(f32(1, 2, 30)))),
    "data in a corner of the axis": (BASE, figure(line(f32(1, 1.1, 1.2)))),
    "other categories": (
        figure(line(f32(1, 2), ["a", "b"]), **CATEGORIES),
        figure(line(f32(1, 2), ["a", "c"]), **CATEGORIES),
    ),
    "a kind that is not painted": (
        figure({"type": "contour", "z": np.eye(3, dtype=np.float32)}),
        figure({"type": "contour", "z": np.ones((3, 3), np.float32)}),
    ),
    "a column without a place": (
        figure(heat(np.eye(3, dtype=np.float32), x=f32(1, 2, 3), y=f32(1, 2, 3))),
        figure(heat(np.eye(3, dtype=np.float32), x=f32(np.nan, 2, 3), y=f32(1, 2, 3))),
    ),
    "an unknown symbol": (
        figure({**line(f32(1, 2)), "mode": "markers", "marker": {"symbol": "hexagon"}}),
        figure({**line(f32(2, 1)), "mode": "markers", "marker": {"symbol": "hexagon"}}),
    ),
    "a note with an arrow": (
        figure(line(f32(1, 2)), annotations=[{"text": "here", "x": 1, "y": 1}]),
        figure(line(f32(1, 2)), annotations=[{"text": "there", "x": 1, "y": 2}]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_only_plotly_can_draw_is_refused(chart: Page, name: str) -> None:
    before, after = REFUSED[name]
    after["layout"] = {**before["layout"], **after["layout"]}
    if name != "another title":
        after["layout"]["yaxis"] = before["layout"]["yaxis"]
    react(chart, before)
    assert not paint(chart, after)


def test_a_plot_that_was_drawn_for_good_is_not_painted_over(chart: Page) -> None:
    drawn = "(figure) => Plotly.react(plot, revive(figure.data), sized(figure.layout))"
    chart.evaluate(drawn, wired(BASE))
    assert not paint(chart, BASE)


def test_steps_have_room_to_grow(chart: Page) -> None:
    axes = {"xaxis": {"rangemode": "nonnegative"}}
    react(chart, figure(line(np.ones(101, np.float32)), **axes))
    for n_steps, painted in ((120, True), (150, True), (152, False)):
        assert paint(chart, figure(line(np.ones(n_steps, np.float32)), **axes)) == painted


def test_a_range_that_python_moves_gets_room_and_a_fixed_one_does_not(chart: Page) -> None:
    def falling(low: float) -> Json:
        return figure(line(f32(1, 2, 3)), xaxis={"range": [0, 2]}, yaxis={"range": [low, 3]})

    react(chart, falling(0))
    assert not paint(chart, falling(-1))
    react(chart, falling(-1))
    ranges = chart.evaluate("[plot._fullLayout.xaxis.range, plot._fullLayout.yaxis.range]")
    assert ranges == [[0, 2], [-2, 3]]
    assert paint(chart, falling(-1.5))


def test_words_of_ticks_follow(chart: Page) -> None:
    def ticked(*words: str) -> Json:
        axis = {"range": [0, 4], "tickvals": [1, 3], "ticktext": list(words)}
        return figure(line(f32(1, 2, 3)), xaxis=axis, yaxis=FIXED["yaxis"])

    shown = "[...plot.querySelectorAll('.xtick text')].map((node) => node.textContent)"
    react(chart, ticked("old", "newer"))
    assert paint(chart, ticked("later", "latest"))
    assert chart.evaluate(shown) == ["later", "latest"]
    react(chart, ticked("old", "newer"))
    assert chart.evaluate(shown) == ["old", "newer"]


def test_a_fresh_chart_at_rest_has_pythons_own_axes(chart: Page) -> None:
    react(chart, BASE)
    assert chart.evaluate("plot._fullLayout.xaxis.autorange") is False
    chart.evaluate("(figure) => rest(figure).then(() => null)", wired(BASE))
    assert chart.evaluate("plot._fullLayout.xaxis.autorange") is True


def test_the_readers_zoom_stays_through_painting_and_drawing(chart: Page) -> None:
    """Dragged with the pointer, since only that counts as the reader's own doing."""
    kept = {"uirevision": "same"}
    react(chart, figure(line(np.arange(50, dtype=np.float32)), **kept))
    box = chart.locator("#live .nsewdrag").bounding_box()
    assert box is not None
    chart.mouse.move(box["x"] + 60, box["y"] + 60)
    chart.mouse.down()
    chart.mouse.move(box["x"] + 160, box["y"] + 130, steps=5)
    chart.mouse.up()
    chart.wait_for_function("plot._fullLayout._preGUI['xaxis.range[0]'] !== undefined")
    ranges = "[plot._fullLayout.xaxis.range, plot._fullLayout.yaxis.range]"
    zoomed = chart.evaluate(ranges)
    longer = figure(line(np.arange(500, dtype=np.float32)), **kept)
    assert paint(chart, longer)
    react(chart, longer)
    assert chart.evaluate(ranges) == zoomed
    assert paint(chart, figure(line(np.arange(900, dtype=np.float32)), **kept))
    chart.evaluate("(figure) => rest(figure).then(() => null)", wired(longer))
    assert chart.evaluate(ranges) == zoomed


def test_a_zoom_moves_what_is_painted(chart: Page) -> None:
    react(chart, figure(line(f32(1, 1, 1, 1, 1)), **FIXED))
    assert paint(chart, figure(line(f32(2, 2, 2, 2, 2)), **FIXED))
    chart.evaluate("Plotly.relayout(plot, { 'yaxis.range': [1, 2.5] })")
    assert at(chart, 2, 2) == BLUE


def _frames(name: str) -> dict[str, Callable[[int], Json]]:
    """View → its figure of all but the last `late` snapshots."""
    history, data = CASES[name]()

    def series(late: int) -> figures.Series:
        return figures.Series(history[: len(history) - late])

    def last(late: int) -> Any:
        return history[len(history) - 1 - late]

    def answer(late: int) -> Json:
        drawn = figures.regression_curve if name == "curve" else figures.decision_surface
        return drawn(last(late), data)

    views: dict[str, Callable[[int], Json]] = {
        "loss": lambda late: figures.loss_curve(series(late), None, log_loss=True),
        "accuracy": lambda late: figures.accuracy_curve(series(late)),
        "histograms": lambda late: figures.layer_histograms(last(late), "activation"),
        "ridgeline": lambda late: figures.ridgeline(series(late), 0, "weight"),
        "flow": lambda late: figures.gradient_flow(last(late)),
        "updates": lambda late: figures.update_ratios(series(late)),
        "health": lambda late: figures.unit_health(last(late)),
        "timeline": lambda late: figures.dead_timeline(series(late)),
        "lanes": lambda late: figures.lane_curves([series(late)] * 2, ["a", "b"]),
        "profiles": lambda late: figures.lane_profiles([last(late)], ["a"], "mean"),
        "modes": lambda late: figures.mode_layers(mode_entries((True, True))[-1 - late][1], "ab"),
    }
    if name != "images":
        views["answer"] = answer
    if name != "curve":
        views["statistics"] = lambda late: figures.batch_statistics(last(late).layers[0])
        views["confusion"] = lambda late: figures.confusion_matrix(last(late), data.class_names)
    return views


CASES_OF_VIEWS = [(name, view) for name in ("plane", "curve", "images") for view in _frames(name)]


def _picture(page: Page, name: str) -> Any:
    pixels = Image.open(io.BytesIO(page.locator(f"#{name}").screenshot())).convert("RGB")
    return np.asarray(pixels, np.float64)


@pytest.mark.parametrize(("name", "view"), CASES_OF_VIEWS)
def test_every_live_view_looks_as_plotly_draws_it(chart: Page, name: str, view: str) -> None:
    """Means of blocks of 12 × 12 pixels differ by less than a line of a pixel through a block."""
    frames = [figures.resolved(_frames(name)[view](late)) for late in (2, 1, 0)]
    react(chart, frames[0])
    if not paint(chart, frames[1]):
        react(chart, frames[1])
    assert paint(chart, frames[2])
    chart.evaluate(BY_PLOTLY, wired(frames[2]))
    difference = _picture(chart, "live") - _picture(chart, "plotly")
    blocks = difference.reshape(HEIGHT // 12, 12, WIDTH // 12, 12, 3).mean(axis=(1, 3))
    assert np.abs(blocks).max() < 255 / 12
