"""Figures of the dropout lab at ordinary settings and at their extremes."""

import numpy as np
import pytest

from nnviz.experiments.dropout.alpha import compare_alpha
from nnviz.experiments.dropout.batch_norm_shift import measure_shift
from nnviz.experiments.dropout.channels import drop_channels
from nnviz.experiments.dropout.masks import SmallNetwork, draw_mask
from nnviz.experiments.dropout.uncertainty import CurveFit, fit_curve
from nnviz.experiments.dropout.variance import measure_variance
from nnviz.figures.distributions import Bell, distribution_lines
from nnviz.figures.dropout_channels import feature_maps_figure, tile_at
from nnviz.figures.dropout_moments import (
    depth_lines,
    ratio_curve,
    variance_over_mean,
)
from nnviz.figures.dropout_network import UNITS, masked_network
from nnviz.figures.dropout_uncertainty import uncertainty_figure
from tests.figures.test_normalization import check


@pytest.mark.parametrize("width", [1, 6, 10])
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("q", [0.0, 0.9])
def test_networks_of_every_size_can_be_drawn(width, depth, q):
    record = draw_mask(SmallNetwork(width, depth, q, input_q=q), 2)
    figure = masked_network(record.layers, record.weights, 1.0)
    check(figure)
    n_edges = sum(np.isnan(trace["x"]).sum() for trace in figure["data"][:3])
    assert n_edges == sum(weight.size for weight in record.weights)
    check(distribution_lines([record.outputs], ["train"], "output", marks=[("here", 0.0, "ink")]))


def test_a_dropped_unit_is_marked_and_a_survivor_is_not():
    record = draw_mask(SmallNetwork(8, 1, 0.5), 0)
    hidden = masked_network(record.layers, record.weights, 1.0)["data"][UNITS + 1]
    kept = record.layers[1].kept_D
    assert [word == "0" for word in hidden["text"]] == (~kept).tolist()
    assert (hidden["marker"]["symbol"] == np.where(kept, 0, 4)).all()


@pytest.mark.parametrize(("q", "std"), [(0.0, 0.0), (0.0, 1.0), (0.9, 0.0), (0.9, 5.0)])
def test_variances_can_be_drawn_at_every_extreme(q, std):
    record = measure_variance(q, 1.0, std, 1, 0)
    check(variance_over_mean(record, 1.0, std**2, 5.0))
    bell = Bell("theory", 1, std, 1 - q)
    pair = [record.evaluation, record.training]
    check(distribution_lines(pair, ["test", "train"], "number", [bell], spikes=True))


@pytest.mark.parametrize("shape", ["image", "signal", "volume", "table"])
@pytest.mark.parametrize("q", [0.0, 0.9])
def test_feature_maps_can_be_drawn_in_every_shape(shape, q):
    record = drop_channels(shape, q, 0, 1)
    figure = feature_maps_figure(record.channel, record.channel_kept, 1.0)
    check(figure)
    assert np.nansum(figure["data"][1]["z"]) == (~record.channel_kept).sum()


@pytest.mark.parametrize("shape", ["image", "signal", "volume"])
def test_every_place_of_a_drawing_belongs_to_the_tile_drawn_there(shape):
    record = drop_channels(shape, 0.5, 0, 1)
    maps = record.before
    drawn = feature_maps_figure(maps, record.channel_kept, 1.0)["layout"]
    for sample, y in enumerate(drawn["yaxis"]["tickvals"]):
        for channel, x in enumerate(drawn["xaxis"]["tickvals"]):
            assert tile_at(maps, x + 0.4, y - 0.4) == (sample, channel)


@pytest.mark.parametrize("n_layers", [1, 16])
def test_depth_can_be_drawn(n_layers):
    record = compare_alpha(0.9, n_layers, 0, n_numbers=500)
    check(depth_lines(record, "mean", 16))
    check(depth_lines(record, "deviation", 16))


@pytest.mark.parametrize("q", [0.0, 0.9])
@pytest.mark.parametrize("order", ["dropout_first", "batch_norm_first"])
def test_variance_shift_can_be_drawn(q, order):
    record = measure_shift(q, "rectified", order, 0, n_batches=2)
    check(ratio_curve(record))


@pytest.mark.parametrize("fit", [CurveFit(q=0.0, n_steps=0), CurveFit(n_steps=5, gap_width=0.0)])
def test_uncertainty_can_be_drawn(fit):
    check(uncertainty_figure(fit_curve(fit)))
