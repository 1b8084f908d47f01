"""Another way of a run lies under the present one: faint, named, in the colours of its meaning."""

import numpy as np
import pytest

from nnviz import figures

from .conftest import curve_history, plane_history

TOLD = "Changed learning rate 0.01 → 0.1"
NAME = "before: learning rate 0.01 → 0.1"
PRESENT, LEFT = figures.Series(plane_history(8)), figures.Series(plane_history(20))


def ghosts(figure):
    return [trace for trace in figure["data"] if trace["name"].startswith("before")]


@pytest.mark.parametrize(
    ("draw", "quantity"),
    [(figures.loss_curve, "loss"), (figures.accuracy_curve, "accuracy")],
)
def test_both_curves_of_the_way_left_lie_under_the_present_ones(draw, quantity):
    figure = draw(PRESENT, ghost=figures.Ghost([LEFT], TOLD))
    train, test = ghosts(figure)
    assert figure["data"][:2] == [train, test]
    assert (train["name"], test["name"]) == (NAME, NAME)
    assert (train["showlegend"], test["showlegend"]) == (True, False)
    np.testing.assert_allclose(test["y"], LEFT.run(f"test_{quantity}"), rtol=1e-6)
    solid = {trace["name"]: trace for trace in figure["data"]}
    for trace, part in ((train, "train"), (test, "test")):
        assert trace["line"]["color"] == solid[part]["line"]["color"]
        assert trace["opacity"] < 0.5
        assert part in trace["hovertemplate"]


def test_lanes_have_a_ghost_each_in_their_colour():
    ghost = figures.Ghost([LEFT, LEFT], TOLD)
    figure = figures.lane_curves([PRESENT, PRESENT], ["a", "b"], "test_loss", ghost=ghost)
    colours = [trace["line"]["color"] for trace in figure["data"]]
    assert colours[:2] == colours[2:]
    assert [trace["name"] for trace in ghosts(figure)] == [NAME, NAME]


def test_what_can_not_be_compared_is_not_laid_under():
    other = figures.Ghost([figures.Series(curve_history(5))], TOLD)
    two = figures.Ghost([LEFT, LEFT], TOLD)
    empty = figures.Ghost([figures.Series()], TOLD)
    for ghost in (other, two, empty):
        assert not ghosts(figures.loss_curve(PRESENT, ghost=ghost))
    lanes = [PRESENT, PRESENT]
    assert not ghosts(figures.lane_curves(lanes, ["a", "b"], ghost=figures.Ghost([LEFT], TOLD)))


def test_a_large_loss_of_the_way_left_is_on_the_axis():
    low, high = figures.loss_curve(PRESENT, ghost=figures.Ghost([LEFT], TOLD), log_loss=True)[
        "layout"
    ]["yaxis"]["range"]
    shown = LEFT.run("test_loss")
    assert 10**low <= shown.min() <= shown.max() <= 10**high
