"""Record → figure: what was measured becomes a picture; Plotly and NumPy, nothing else."""

from nnviz.figures.batch_statistics import batch_statistics, batch_statistics_gap
from nnviz.figures.confusion import confusion_matrix
from nnviz.figures.curves import accuracy_curve, lane_curves, loss_curve
from nnviz.figures.gradients import gradient_flow, gradient_heatmap, update_ratios
from nnviz.figures.histograms import histogram_heatmap, layer_histograms
from nnviz.figures.lanes import lane_profiles
from nnviz.figures.layers import FIELD_LABELS, layer_lines, layer_profile
from nnviz.figures.layout import axis, empty_figure, layout
from nnviz.figures.misclassified import misclassified_images
from nnviz.figures.mode_gap import mode_curves, mode_layers, mode_outputs
from nnviz.figures.network import network_diagram
from nnviz.figures.ridgeline import ridgeline
from nnviz.figures.seed_bands import paired_difference, seed_bands
from nnviz.figures.series import Series
from nnviz.figures.shared_axes import common_limits, on_shared_axes, with_limits
from nnviz.figures.summary import loss_sparkline, surface_thumbnail
from nnviz.figures.surface import decision_surface, regression_curve
from nnviz.figures.theme import TOKENS, FigureDict, resolved, to_plotly, token
from nnviz.figures.units import dead_timeline, unit_health

__all__ = [
    "FIELD_LABELS",
    "TOKENS",
    "FigureDict",
    "Series",
    "accuracy_curve",
    "axis",
    "batch_statistics",
    "batch_statistics_gap",
    "common_limits",
    "confusion_matrix",
    "dead_timeline",
    "decision_surface",
    "empty_figure",
    "gradient_flow",
    "gradient_heatmap",
    "histogram_heatmap",
    "lane_curves",
    "lane_profiles",
    "layer_histograms",
    "layer_lines",
    "layer_profile",
    "layout",
    "loss_curve",
    "loss_sparkline",
    "misclassified_images",
    "mode_curves",
    "mode_layers",
    "mode_outputs",
    "network_diagram",
    "on_shared_axes",
    "paired_difference",
    "regression_curve",
    "resolved",
    "ridgeline",
    "seed_bands",
    "surface_thumbnail",
    "to_plotly",
    "token",
    "unit_health",
    "update_ratios",
    "with_limits",
]
