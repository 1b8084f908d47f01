"""Lanes as pipelines: parts aligned, axes common, zeros apart, every number from the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from nnviz import figures
from nnviz.experiments.comparisons import COMPARISONS
from nnviz.feed.pipelines import choices, lanes_of, opened_block, sentence
from nnviz.feed.view import Asked
from nnviz.figures.pipeline import growth_per_layer
from nnviz.figures.pipeline_cells import brief
from nnviz.figures.pipeline_columns import MAX_BLOCKS
from nnviz.records import N_BINS, LayerRecord, Snapshot
from nnviz.spec import ExperimentSpec
from nnviz.training import advance, initial_state

BEFORE, AFTER = 1, 2


@cache
def started(name: str) -> tuple[tuple[str, ...], tuple[ExperimentSpec, ...], list[Snapshot]]:
    """A comparison after its first update."""
    spec = COMPARISONS[name].spec
    taken = [advance(initial_state(lane), n_steps=1)[1][-1] for lane in spec.experiments]
    return spec.names, spec.experiments, taken


def trace_of(name: str, opened: str = "", flow: str = "train") -> dict:
    names, specs, taken = started(name)
    lanes = lanes_of(names, specs)
    drawn = figures.pipeline(taken, lanes, opened_block(specs, opened), flow)
    return drawn["data"][0]


def wire(taken: Snapshot, flow: str, name: str) -> Sequence[float]:
    record = taken.wires[flow]
    place = record.names.index(name)
    numbers = record.mean_W, record.std_W, record.zero_W, record.negative_W
    return [float(number_W[place]) for number_W in numbers]


def test_the_opening_comparison_differs_where_it_is_published() -> None:
    _, _, taken = started("placement_relu")
    hidden = range(1, 7)

    def over_layers(lane: int, part: str) -> np.ndarray:
        wires = [wire(taken[lane], "train", f"dense{k}.{part}") for k in hidden]
        return np.mean(wires, axis=0)

    mean, std, zero, negative = over_layers(BEFORE, "activation")
    assert (mean, std) == pytest.approx((0.40, 0.58), abs=0.04)
    assert zero == pytest.approx(0.5, abs=0.05)
    assert negative == 0
    mean, std, _, negative = over_layers(AFTER, "normalization")
    assert (mean, std) == pytest.approx((0, 1), abs=0.02)
    assert negative == pytest.approx(0.66, abs=0.05)


def test_the_sentence_says_these_numbers() -> None:
    names, specs, taken = started("placement_relu")
    said = sentence(names, specs, taken, Asked(layer="dense4"))
    mean, std, zero, _ = wire(taken[BEFORE], "train", "dense4.activation")
    assert f"BatchNorm before {mean:.2f} ± {std:.2f}, {zero:.0%} zeros" in said


def test_parts_stand_in_their_order_and_the_last_wires_are_aligned() -> None:
    trace = trace_of("placement_relu", "dense2")
    opened = [k for k, column in enumerate(trace["columns"]) if column["block"] == "dense2"]
    titles = [
        [lane["cells"][k] and lane["cells"][k]["title"] for k in opened] for lane in trace["lanes"]
    ]
    assert titles == [
        ["Linear", None, "ReLU"],
        ["Linear", "BatchNorm", "ReLU"],
        ["Linear", "ReLU", "BatchNorm"],
    ]
    assert [trace["columns"][k]["last"] for k in opened] == [False, False, True]


def test_what_differs_is_marked_and_what_is_alike_is_not() -> None:
    trace = trace_of("dropout")
    differs = {
        cell["title"]: cell["differs"] for cell in trace["lanes"][1]["cells"] if cell is not None
    }
    assert differs["Dropout"]
    assert not differs["input"]
    assert not any(cell["differs"] for cell in trace_of("sgd_adam")["lanes"][0]["cells"])
    opened = [cell for cell in trace_of("xavier_he")["lanes"][0]["cells"] if cell["differs"]]
    assert [cell["title"] for cell in opened] == ["Linear"]


def test_exact_zeros_are_no_part_of_the_bars() -> None:
    trace = trace_of("placement_relu", "dense3")
    n = len(trace["columns"])
    last = max(k for k, column in enumerate(trace["columns"]) if column["block"] == "dense3")
    bars = trace["bars"].reshape(-1, n, N_BINS)[BEFORE, last]
    cell = trace["lanes"][BEFORE]["cells"][last]
    assert cell["zero"] > 0.4
    assert bars.max() == 255
    assert not bars[: N_BINS // 2].any()
    assert np.count_nonzero(bars > 64) > 3  # which nearly half of all values in one bin would dwarf


def test_a_column_holds_nearly_all_values_of_every_lane() -> None:
    _, _, taken = started("xavier_he")
    trace = trace_of("xavier_he")
    for place, column in enumerate(trace["columns"]):
        if column["block"] == "input":
            continue
        for lane, snapshot in enumerate(taken):
            cell = trace["lanes"][lane]["cells"][place]
            record = snapshot.wires["train"]
            found = record.histogram(record.names.index(cell["wire"]))
            inside = np.abs(found.centers) < trace["reach"][place]
            assert found.counts_B[inside].sum() >= 0.99 * found.counts_B.sum()


def test_of_many_blocks_the_first_the_opened_and_the_last_are_drawn() -> None:
    trace = trace_of("xavier_he", "dense13")
    assert len(trace["blocks"]) <= MAX_BLOCKS
    assert {"dense1", "dense13", "output"} <= set(trace["blocks"])
    assert trace["blocks"][-1] == "output"


@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize("flow", ["train", "eval", "gradient"])
def test_every_comparison_has_a_picture_and_a_sentence(name: str, flow: str) -> None:
    names, specs, taken = started(name)
    trace = trace_of(name, flow=flow)
    n_cells = len(trace["lanes"]) * len(trace["columns"])
    assert trace["bars"].shape == (n_cells, N_BINS)
    assert any(cell and "numbers" in cell for lane in trace["lanes"] for cell in lane["cells"])
    assert len(sentence(names, specs, taken, Asked(flow=flow))) > 20
    assert choices(Asked(flow=flow)).chosen == flow


def test_evaluation_at_step_0_is_explained() -> None:
    names, specs, taken = started("placement_relu")
    at_start = [replace(one, step=0) for one in taken]
    asked = Asked(flow="eval")
    assert "running statistics are still 0 and 1" in sentence(names, specs, at_start, asked)
    assert "running statistics" not in sentence(names, specs, taken, asked)


def test_a_bias_before_batchnorm_is_marked() -> None:
    def details(flow: str, lane: int) -> list[str]:
        cells = trace_of("placement_relu", "dense2", flow)["lanes"][lane]["cells"]
        return [line for cell in cells if cell for line in cell["detail"]]

    assert "∂L/∂b = 0" in details("gradient", BEFORE)
    assert "∂L/∂b = 0" not in details("gradient", AFTER)


def test_growth_is_the_ratio_of_squares_to_the_power_of_one_over_the_layers_between() -> None:
    def learned(delta: float) -> LayerRecord:
        return LayerRecord("dense", "dense", 4, delta_rms=delta)

    _, _, taken = started("placement_relu")
    snapshot = replace(taken[0], layers=(learned(1e-3), learned(0.5)), output=learned(1e-1))
    assert growth_per_layer(snapshot) == pytest.approx((1e-6 / 1e-2) ** (1 / 2))
    assert growth_per_layer(replace(snapshot, layers=())) is None


@pytest.mark.parametrize(
    ("value", "size", "text"),
    [(0.401, 0.58, "0.40"), (-0.001, 1, "0.00"), (3e-5, None, "3.0e-5"), (123.4, None, "123"),
     (float("inf"), None, "∞"), (0.0, None, "0.000")],
)  # fmt: skip
def test_numbers_are_brief(value: float, size: float | None, text: str) -> None:
    assert brief(value, size) == text
