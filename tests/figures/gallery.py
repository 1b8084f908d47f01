"""Every figure of a history, by name: what the tests walk and a person can look at."""

from __future__ import annotations

from nnviz import figures
from nnviz.records import HISTOGRAM_QUANTITIES


def gallery(history, data):
    """Name → figure, for every public figure function and option that changes the drawing."""
    series = figures.Series(history)
    last = history[-1]
    middle = history[len(history) // 2].step
    drawn = {
        "network": figures.network_diagram(last, data),
        "network_captions": figures.network_diagram(last, None, ["relu · batch norm"]),
        "decision_surface": figures.decision_surface(last, data),
        "surface_without_points": figures.decision_surface(last),
        "regression_curve": figures.regression_curve(last, data),
        "loss_curve": figures.loss_curve(series, middle),
        "loss_curve_log": figures.loss_curve(series, middle, log_loss=True, log_steps=True),
        "accuracy_curve": figures.accuracy_curve(series, middle),
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
        "empty": figures.empty_figure("nothing here"),
    }
    for quantity in HISTOGRAM_QUANTITIES:
        drawn[f"ridgeline_{quantity}"] = figures.ridgeline(series, 0, quantity, middle)
        drawn[f"heatmap_{quantity}"] = figures.histogram_heatmap(series, 0, quantity, middle)
    for field in figures.FIELD_LABELS:
        drawn[f"lines_{field}"] = figures.layer_lines(series, field, middle)
    for field in ("output_std", "effective_rank", "delta_rms"):
        drawn[f"profile_{field}"] = figures.layer_profile(last, field, log_scale=True)
    return drawn
