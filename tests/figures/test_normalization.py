"""Figures of normalization: valid, with named axes, and frames that surround their cells."""

import numpy as np
import pytest

from nnviz.experiments.normalization.groups import group_numbers
from nnviz.experiments.normalization.records import KINDS
from nnviz.experiments.normalization.running import BatchStream, compare_modes, follow_running
from nnviz.figures import to_plotly
from nnviz.figures.block_grid import BlockGrid
from nnviz.figures.layout import axis
from nnviz.figures.normalization_lines import SeedLine, image_pairs, seed_lines
from nnviz.figures.normalization_running import (
    mode_figure,
    running_mean_figure,
    running_variance_figure,
)


def check(figure):
    for dark in (False, True):
        to_plotly(figure, dark)
    for name, found in figure["layout"].items():
        if name[1:5] == "axis" and found.get("visible", True):
            assert found["title"]["text"].strip()
    for trace in figure["data"]:
        if trace.get("hoverinfo") != "skip":
            assert trace["hovertemplate"].endswith("<extra></extra>")
    if not figure["data"]:
        assert figure["layout"]["annotations"]


def test_the_frame_of_a_group_surrounds_its_cells_and_no_others():
    shape = (3, 4, 2, 2)
    grid = BlockGrid(shape)
    for kind in KINDS:
        numbers = group_numbers(shape, kind, 2)
        for group in np.unique(numbers):
            left, right, top, bottom = grid.boxes(numbers)[group]
            for index in np.ndindex(*shape):
                x = grid.left(index[1]) + index[3] + 0.5
                y = grid.top(index[0]) + index[2] + 0.5
                inside = left < x < right and top < y < bottom
                assert inside == (numbers[index] == group)


@pytest.mark.parametrize(
    "stream",
    [
        BatchStream(),
        BatchStream(momentum=None),
        BatchStream(momentum=1.0),
        BatchStream(track=False),
        BatchStream(batch_size=1),
        BatchStream(batch_size=2, n_steps=1),
        BatchStream(n_steps=300, momentum=0.5),
    ],
)
def test_running_statistics_can_be_drawn_at_every_extreme(stream):
    record = follow_running(stream)
    for draw in (running_mean_figure, running_variance_figure):
        check(draw(record))
    check(running_mean_figure(record, until=1))
    check(mode_figure(compare_modes(stream, 1.0, 2.0)))


def test_a_line_is_the_mean_of_the_seeds_that_are_back():
    y_SK = np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan]])
    figure = seed_lines([SeedLine("one", "lane_0", np.arange(3.0), y_SK)], axis("x"), axis("y"))
    check(figure)
    band, line = figure["data"]
    assert line["x"].tolist() == [0, 1]
    assert line["y"].tolist() == [2, 2]
    assert band["y"].tolist() == [3, 2, 2, 1]


def test_without_any_finite_number_it_says_so():
    nothing = SeedLine("one", "lane_0", np.arange(2.0), np.full((1, 2), np.nan))
    check(seed_lines([nothing], axis("x"), axis("y")))


def test_images_are_drawn_in_pairs():
    pair = np.stack([np.eye(4), np.ones((4, 4))])
    check(image_pairs({"input": pair, "layer": pair}))
