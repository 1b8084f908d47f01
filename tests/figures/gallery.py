"""Every Plotly figure of a history, by name: what tests walk and a person can look at."""

from __future__ import annotations

import numpy as np

from nnviz import figures
from nnviz.records import HISTOGRAM_QUANTITIES

from .compare_records import CHECKPOINTS, band, difference, mode_entries
from .question_records import complexity, overfitting

LANES = ("before", "after")


def gallery(history, data):
    """Name → figure, for every public figure function and option that changes the drawing."""
    series = figures.Series(history)
    last = history[-1]
    middle = history[len(history) // 2].step
    ghost = figures.Ghost([series], "Changed learning rate 0.01 → 0.1")
    drawn = {
        "decision_surface": figures.decision_surface(last, data),
        "unit_surface": figures.unit_surface(last, last.output.name, 0, data)
        or figures.empty_figure("The unit is drawn for data with two inputs."),
        "surface_without_points": figures.decision_surface(last),
        "regression_curve": figures.regression_curve(last, data),
        "loss_curve": figures.loss_curve(series, middle),
        "loss_curve_log": figures.loss_curve(series, middle, log_loss=True, log_steps=True),
        "loss_curve_ghost": figures.loss_curve(series, middle, ghost=ghost),
        "accuracy_curve": figures.accuracy_curve(series, middle),
        "accuracy_curve_ghost": figures.accuracy_curve(series, middle, ghost=ghost),
        "lane_curves": figures.lane_curves([series, series], ["ReLU", "tanh"], "test_loss", middle),
        "layer_histograms": figures.layer_histograms(last, "activation"),
        "gradient_flow": figures.gradient_flow(last),
        "gradient_flow_weights": figures.gradient_flow(last, with_weights=True),
        "gradient_heatmap": figures.gradient_heatmap(series, middle),
        "update_ratios": figures.update_ratios(series, middle),
        "unit_health": figures.unit_health(last),
        "dead_timeline": figures.dead_timeline(series, middle),
        "confusion_matrix": figures.confusion_matrix(last, data.class_names),
        "batch_statistics": figures.batch_statistics((*last.layers, last.output)[0]),
        "batch_statistics_gap": figures.batch_statistics_gap(series, 0, middle),
        "surface_thumbnail": figures.surface_thumbnail(last, data),
        "loss_sparkline": figures.loss_sparkline(series),
        "misclassified": figures.misclassified_images(data, last.test_predicted_N),
        "kernels": figures.kernels(last, 0),
        "feature_maps": figures.feature_maps(last, data, 0, 1),
        "states": figures.states(last, 0, 1),
        "step_gradients": figures.step_gradients([last, last], LANES),
        "attention": figures.attention(last, data, 0, 1),
        "empty": figures.empty_figure("nothing here"),
        "lane_profiles": figures.lane_profiles([last, last], ["ReLU", "tanh"], "mean"),
        "lane_profiles_log": figures.lane_profiles([last], ["ReLU"], "delta_rms", log_scale=True),
        "seed_bands": figures.seed_bands(CHECKPOINTS, band(), LANES, "test loss", "nats"),
        "paired_difference": figures.paired_difference(
            CHECKPOINTS, difference(), np.array([True, False, False, True]), "test loss", "nats"
        ),
        "mode_curves": figures.mode_curves(mode_entries((True, True)), LANES, "loss", 5),
        "mode_layers": figures.mode_layers(mode_entries((True, True))[-1][1], LANES),
        "mode_outputs": figures.mode_outputs(mode_entries((True, True))[-1][1], LANES),
    }
    for quantity in HISTOGRAM_QUANTITIES:
        drawn[f"ridgeline_{quantity}"] = figures.ridgeline(series, 0, quantity, middle)
        drawn[f"heatmap_{quantity}"] = figures.histogram_heatmap(series, 0, quantity, middle)
    for field in figures.FIELD_LABELS:
        drawn[f"lines_{field}"] = figures.layer_lines(series, field, middle)
    for field in ("output_std", "effective_rank", "delta_rms"):
        drawn[f"profile_{field}"] = figures.layer_profile(last, field, log_scale=True)
    return drawn


def questions():
    """Figures of whole trainings."""
    drawn = {
        "gap": figures.loss_gap(overfitting("training")),
        "gap_log": figures.loss_gap(overfitting("training"), log_loss=True),
        "learning_curve": figures.learning_curve(overfitting("sizes")),
        "remedy_changes": figures.remedy_changes(overfitting("remedies")),
        "remedy_curves": figures.remedy_curves(overfitting("remedies")),
        "cloud": figures.fit_cloud(complexity("polynomial"), 3),
        "errors_along": figures.errors_along(complexity("polynomial"), 3),
        "borders": figures.replicate_borders(complexity("moons"), 1),
    }
    for name in ("polynomial", "begun", "features", "moons", "digits", "wine"):
        record = complexity(name)
        drawn[f"complexity_{name}"] = figures.complexity_curves(record)
        drawn[f"complexity_{name}_log"] = figures.complexity_curves(record, True, True)
    for name in ("moons", "digits", "wine"):
        drawn[f"classes_{name}"] = figures.decomposition_by_class(complexity(name), 1)
        drawn[f"points_{name}"] = figures.variable_points(complexity(name), 1)
    return drawn
