"""What the Compare page says, and the report one takes home."""

from __future__ import annotations

import re
from html import escape

import numpy as np
import pandas as pd
import pytest

from nnviz.experiments.comparisons import COMPARISONS
from nnviz.experiments.seed_bands import collect, seed_chunk
from nnviz.experiments.verdict import ASSUMPTION
from nnviz.runs.history import History
from nnviz.spec import ComparisonSpec, LaneSpec, OverrideSpec
from nnviz.training import advance, initial_state
from nnviz.ui.compare.repeat import checkpoints
from nnviz.ui.compare.report import named, report
from nnviz.ui.compare.words import plain, what_differs

BASE = COMPARISONS["placement_relu"].spec.base


def compared(**lanes):
    """Name of a lane → its overrides, with path.field written as path__field."""
    return ComparisonSpec(
        base=BASE,
        lanes=tuple(
            LaneSpec(
                name=name,
                overrides=tuple(
                    OverrideSpec(path=path.replace("__", "."), value=value)
                    for path, value in own.items()
                ),
            )
            for name, own in lanes.items()
        ),
    )


def said(comparison):
    return what_differs(comparison).replace("\\", "")


def test_one_difference_of_two_lanes_is_an_arrow():
    words = said(compared(one={}, other={"network__placement": "after"}))
    assert words == "**Only this differs:** normalization placement before → after."


def test_one_difference_of_several_lanes_is_a_list():
    lanes = {f"b{size}": {"training__batch_size": size} for size in (16, 32, 64)}
    assert said(compared(**lanes)) == "**Only this differs:** batch size: 16, 32, 64."


def test_more_than_one_difference_is_said():
    other = {"network__activation": "tanh", "training__batch_size": 64}
    words = said(compared(one={}, other=other))
    assert words.startswith("**More than one thing differs, 2 settings:**")
    assert "activation: relu, tanh" in words
    assert "batch size: 32, 64" in words


def test_a_chain_of_single_differences_is_told_step_by_step():
    words = said(COMPARISONS["placement_relu"].spec)
    assert "one from lane to lane" in words
    assert "normalization none → batch (*no normalization* to *BatchNorm before*)" in words
    assert "placement before → after (*BatchNorm before* to *BatchNorm after*)" in words


def test_the_place_of_a_normalization_that_is_not_there_is_no_difference():
    lanes = {
        "one": {"network__normalization": "none"},
        "other": {"network__normalization": "none", "network__placement": "after"},
    }
    assert said(compared(**lanes)).startswith("**Nothing differs**")


def test_a_readers_text_is_no_markup():
    assert plain("a*b_c[d](e)") == r"a\*b\_c\[d\]\(e\)"
    assert "<" not in plain("<script>").replace(r"\<", "")


def history_of(comparison, n_steps):
    lanes = [advance(initial_state(s), n_steps=n_steps)[1] for s in comparison.experiments]
    history = History()
    history.put({entry[0].step: entry for entry in zip(*lanes, strict=True)})
    return history


@pytest.fixture(scope="module")
def trained():
    comparison = COMPARISONS["placement_relu"].spec
    return comparison, history_of(comparison, n_steps=40)


@pytest.mark.parametrize("to_step", [1, 5, 12, 100, 3001])
def test_checkpoints_end_at_the_last_step(to_step):
    found = checkpoints(to_step)
    assert found[-1] == to_step
    assert len(found) == min(to_step, 12)


def test_the_report_is_one_page_that_needs_nothing_else(trained):
    comparison, history = trained
    chunk = seed_chunk(comparison.experiments, range(2), (5, 10), "fixed", "cpu", False)
    page = report(comparison, history, collect([chunk]))
    outside = re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", page)
    assert outside == []
    assert "Plotly.newPlot" in page
    for text in (*comparison.names, "Verdict", "Seeds: 0, 1", "torch 2", comparison.to_code()):
        assert text in page
    assert "normalization placement: before, before, after" in page
    assert "var(--nnviz" not in page.split("</script>", 1)[1]
    assert page.count("<figure>") > 20


@pytest.fixture(scope="module")
def regressed():
    base = {"data": {"name": "diabetes"}, "network": {"blocks": [{"kind": "dense", "width": 4}]}}
    lanes = ({"name": "one"}, {"name": "two", "overrides": [{"path": "network.width", "value": 8}]})
    comparison = ComparisonSpec.model_validate({"base": base, "lanes": lanes})
    return comparison, history_of(comparison, n_steps=10)


def test_a_comparison_of_regressions_says_r_squared_and_never_accuracy(regressed):
    comparison, history = regressed
    bands = collect([seed_chunk(comparison.experiments, range(2), (5, 10), "fixed", "cpu", False)])
    shown = report(comparison, history, bands).split("</script>", 1)[1]
    assert "accuracy" not in shown.lower()
    assert "test R²" in shown
    assert "Test R², 2 seeds" in shown
    assert "test R²: one minus two" in shown


def test_the_report_says_what_its_verdict_assumes(trained):
    comparison, history = trained
    chunk = seed_chunk(comparison.experiments, range(2), (5, 10), "fixed", "cpu", False)
    page = report(comparison, history, collect([chunk]))
    assert escape(ASSUMPTION) in page
    assert "At the end, no difference is supported." in page


def test_the_table_to_take_home_names_the_lanes(trained):
    comparison, _ = trained
    frame = named(pd.DataFrame({"lane": [1, 3], "step": [0, 0]}), comparison)
    assert frame["name"].tolist() == ["no normalization", "BatchNorm after"]
    assert np.array_equal(frame.columns, ["lane", "name", "step"])
