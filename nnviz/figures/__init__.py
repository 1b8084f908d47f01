"""Record → figure: what was measured becomes a picture; Plotly and NumPy, nothing else."""

from nnviz.figures.batch_statistics import batch_statistics, batch_statistics_gap
from nnviz.figures.complexity_curves import complexity_curves
from nnviz.figures.confusion import confusion_matrix
from nnviz.figures.curves import accuracy_curve, lane_curves, loss_curve
from nnviz.figures.decomposed_classes import decomposition_by_class, replicate_borders
from nnviz.figures.fit_cloud import errors_along, fit_cloud
from nnviz.figures.ghost import Ghost
from nnviz.figures.gradients import gradient_flow, gradient_heatmap, update_ratios
from nnviz.figures.histograms import histogram_heatmap, layer_histograms
from nnviz.figures.inside import attention, feature_maps, kernels, states, step_gradients
from nnviz.figures.lanes import lane_profiles
from nnviz.figures.layers import FIELD_LABELS, layer_lines, layer_profile
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.misclassified import misclassified_images
from nnviz.figures.mode_gap import mode_curves, mode_layers, mode_outputs
from nnviz.figures.network import network_diagram
from nnviz.figures.note import note
from nnviz.figures.overfitting_curves import learning_curve, loss_gap
from nnviz.figures.pipeline import pipeline
from nnviz.figures.pipeline_columns import Flow
from nnviz.figures.remedies import remedy_changes, remedy_curves
from nnviz.figures.ridgeline import ridgeline
from nnviz.figures.seed_bands import paired_difference, seed_bands
from nnviz.figures.series import Series
from nnviz.figures.summary import loss_sparkline, surface_thumbnail
from nnviz.figures.surface import decision_surface, regression_curve, unit_surface
from nnviz.figures.theme import TOKENS, FigureDict, is_painted, resolved, to_plotly, token
from nnviz.figures.units import dead_timeline, unit_health
from nnviz.figures.variable_points import variable_points

__all__ = [
    "FIELD_LABELS",
    "TOKENS",
    "FigureDict",
    "Flow",
    "Ghost",
    "Series",
    "accuracy_curve",
    "attention",
    "axis",
    "batch_statistics",
    "batch_statistics_gap",
    "complexity_curves",
    "confusion_matrix",
    "dead_timeline",
    "decision_surface",
    "decomposition_by_class",
    "empty_figure",
    "errors_along",
    "feature_maps",
    "fit_cloud",
    "gradient_flow",
    "gradient_heatmap",
    "histogram_heatmap",
    "is_painted",
    "kernels",
    "lane_curves",
    "lane_profiles",
    "layer_histograms",
    "layer_lines",
    "layer_profile",
    "layout",
    "learning_curve",
    "loss_curve",
    "loss_gap",
    "loss_sparkline",
    "misclassified_images",
    "mode_curves",
    "mode_layers",
    "mode_outputs",
    "network_diagram",
    "note",
    "paired_difference",
    "pipeline",
    "regression_curve",
    "remedy_changes",
    "remedy_curves",
    "replicate_borders",
    "resolved",
    "ridgeline",
    "seed_bands",
    "states",
    "step_gradients",
    "surface_thumbnail",
    "to_plotly",
    "token",
    "unit_health",
    "unit_surface",
    "update_ratios",
    "variable_points",
]
