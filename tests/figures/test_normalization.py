"""Figures of the normalization lab: valid, named axes, and cells that answer where they lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.experiments.normalization.groups import (
    drawn_block,
    group_numbers,
    normalize,
    removal_influences,
)
from nnviz.experiments.normalization.records import KINDS
from nnviz.experiments.normalization.running import BatchStream, compare_modes, follow_running
from nnviz.figures import to_plotly
from nnviz.figures.block_grid import BlockGrid
from nnviz.figures.normalization_block import block_figure, cell_at
from nnviz.figures.normalization_group import group_figure, influence_figure
from nnviz.figures.normalization_running import (
    mode_figure,
    remaining_figure,
    running_mean_figure,
    running_variance_figure,
)

SHAPES = ((3, 3), (1, 1), (2, 4, 5), (4, 4, 3, 3), (8, 8, 8, 8))


def check(figure):
    for dark in (False, True):
        to_plotly(figure, dark)
    for name, axis in figure["layout"].items():
        if name[1:5] == "axis" and axis.get("visible", True):
            assert axis["title"]["text"].strip()
    for trace in figure["data"]:
        if trace.get("hoverinfo") != "skip":
            assert trace["hovertemplate"].endswith("<extra></extra>")
    if not figure["data"]:
        assert figure["layout"]["annotations"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", KINDS)
def test_blocks_of_every_shape_can_be_drawn(shape, kind):
    values = drawn_block(shape, 0)
    index = tuple(n - 1 for n in shape)
    check(block_figure(values, group_numbers(shape, kind, 1), index))


@given(st.lists(st.integers(1, 8), min_size=2, max_size=4).map(tuple))
def test_a_click_finds_the_cell_that_is_drawn_there(shape):
    numbers = np.arange(np.prod(shape), dtype=float).reshape(shape)
    drawn = BlockGrid(shape).spread(numbers)
    found = set()
    for row, column in np.ndindex(*drawn.shape):
        index = cell_at([row, column], shape)
        if np.isnan(drawn[row, column]):
            assert index is None
        else:
            assert index is not None
            assert numbers[index] == drawn[row, column]
            found.add(index)
    assert len(found) == numbers.size


def test_clicks_that_mean_no_cell_are_ignored():
    assert cell_at(3, (3, 3)) is None
    assert cell_at([99, 0], (3, 3)) is None
    assert cell_at([0, 99], (3, 3)) is None
    assert cell_at([-1, 0], (3, 3)) is None


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


@pytest.mark.parametrize("kind", KINDS)
def test_a_groups_numbers_are_drawn_before_and_after(kind):
    record = normalize(drawn_block((4, 4, 3, 3), 0), kind, 2)
    index = (1, 2, 0, 1)
    own = record.group_of == record.group_of[index]
    check(group_figure(record.cell(index), record.outputs[own]))


@pytest.mark.parametrize("shape", [(4, 4, 3, 3), (3, 3), (2, 2), (1, 2)])
def test_influences_are_drawn_or_their_absence_is_explained(shape):
    check(influence_figure(removal_influences(drawn_block(shape, 0), 1, 1), "batch"))


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
    for draw in (running_mean_figure, running_variance_figure, remaining_figure):
        check(draw(record))
    check(mode_figure(compare_modes(stream, 1.0, 2.0)))
