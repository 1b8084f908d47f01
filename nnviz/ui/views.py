"""The views of a run: name → title, explanation, place and the figure that draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnviz import figures
from nnviz.figures import FigureDict, Ghost, Series
from nnviz.records import DataRecord, Snapshot, has_classes
from nnviz.spec import ExperimentSpec
from nnviz.ui.live_charts import Panel


@dataclass(frozen=True)
class Choices:
    """What the reader wants to see: names of views, and what they show."""

    names: tuple[str, ...]
    layer: int
    """Which block's details are shown, counted from 0."""
    quantity: str
    show_test: bool
    log_steps: bool


@dataclass(frozen=True)
class Shown:
    """What a view draws from: the run so far, the snapshot at the scrubber, the data, choices."""

    series: Series
    snapshot: Snapshot
    data: DataRecord
    spec: ExperimentSpec
    choices: Choices
    current_step: float | None
    """Where the cursor stands in charts over time; None while the newest is followed."""
    ghost: Ghost | None = None
    """Another way of the run, to lie faintly under the present one."""


@dataclass(frozen=True)
class View:
    """One panel of the page."""

    name: str
    title: str
    help: str
    draw: Callable[[Shown], FigureDict]
    span: int = 4
    height: int = 250
    applies: Callable[[ExperimentSpec], bool] = lambda spec: True
    default: bool = True

    def panel(self, shown: Shown) -> Panel:
        """The view as a panel of the live charts."""
        figure = self.draw(shown)
        return Panel(self.name, self.title, figure, self.help, self.height, self.span)


def _captions(shown: Shown) -> list[str]:
    captions = []
    for layer in shown.spec.layer_shapes[:-1]:
        settings = layer.settings
        if settings is None:
            captions.append("")
            continue
        norm = settings.normalization
        order = [settings.activation] if norm == "none" else [settings.activation, f"{norm} norm"]
        if settings.placement == "before":
            order.reverse()
        captions.append(" → ".join(order).replace("_", " "))
    return captions


def _answer(shown: Shown) -> FigureDict:
    if shown.data.train_x.ndim == 2 and shown.data.train_x.shape[1] == 1:
        return figures.regression_curve(shown.snapshot, shown.data, shown.choices.show_test)
    return figures.decision_surface(shown.snapshot, shown.data, shown.choices.show_test)


def _wrong(shown: Shown) -> FigureDict:
    return figures.misclassified_images(shown.data, shown.snapshot.test_predicted_N)


def _is_plane(spec: ExperimentSpec) -> bool:
    return spec.data.entry.input_shape in ((1,), (2,))


def _is_image(spec: ExperimentSpec) -> bool:
    return len(spec.data.entry.input_shape) > 1


def _has_classes(spec: ExperimentSpec) -> bool:
    return has_classes(spec.data.entry.task)


def _has_batch_norm(spec: ExperimentSpec) -> bool:
    return any(
        layer.settings and layer.settings.normalization == "batch" for layer in spec.layer_shapes
    )


def _has_hidden(spec: ExperimentSpec) -> bool:
    return spec.network.depth > 0


VIEWS: tuple[View, ...] = (
    View(
        "network",
        "Network",
        "Each tile is what one hidden unit computes over the input plane, or its mean activation"
        " where the input is no plane; a line is a weight: blue positive, orange negative, thick"
        " when large.",
        lambda s: figures.network_diagram(s.snapshot, s.data, _captions(s)),
        span=8,
        height=380,
    ),
    View(
        "answer",
        "The network's answer",
        "The output over the inputs in evaluation mode, with training points (filled) and test"
        " points (open).",
        _answer,
        height=380,
        applies=_is_plane,
    ),
    View(
        "wrong",
        "Answered wrongly",
        "Test points that the network gets wrong: true class → its answer.",
        _wrong,
        height=380,
        applies=_is_image,
    ),
    View(
        "loss",
        "Loss",
        "Mean loss over the training and the test set in evaluation mode; faint: single batches"
        " in training mode.",
        lambda s: figures.loss_curve(
            s.series,
            s.current_step,
            log_loss=True,
            log_steps=s.choices.log_steps,
            unit=_loss_unit(s),
            ghost=s.ghost,
        ),
    ),
    View(
        "accuracy",
        "Accuracy",
        "Share of correct answers, or R² for regression: 1 is perfect, 0 is no better than the"
        " mean.",
        lambda s: figures.accuracy_curve(
            s.series, s.current_step, log_steps=s.choices.log_steps, ghost=s.ghost
        ),
    ),
    View(
        "confusion",
        "Confusion matrix",
        "Test points by true class (row) and the network's answer (column).",
        lambda s: figures.confusion_matrix(s.snapshot, s.data.class_names),
        applies=_has_classes,
    ),
    View(
        "histograms",
        "Distributions by layer",
        "How the chosen quantity is distributed in every layer at this step, on a fixed set of"
        " training points.",
        lambda s: figures.layer_histograms(s.snapshot, s.choices.quantity),
        applies=_has_hidden,
    ),
    View(
        "ridgeline",
        "Distribution over time",
        "The chosen quantity of the chosen layer, oldest step behind, newest in front.",
        lambda s: figures.ridgeline(s.series, s.choices.layer, s.choices.quantity, s.current_step),
        applies=_has_hidden,
    ),
    View(
        "flow",
        "Gradient flow",
        "Root mean square of ∂L/∂z at each layer's pre-activations in the training step. Red when"
        " the first layer gets less than a thousandth, or more than a thousand times, of the last"
        " (a convention).",
        lambda s: figures.gradient_flow(s.snapshot),
    ),
    View(
        "updates",
        "Update-to-weight ratio",
        "How far the weights of a layer really moved in a step, over their size before it. About"
        " 0.001 is usual.",
        lambda s: figures.update_ratios(s.series, s.current_step, log_steps=s.choices.log_steps),
    ),
    View(
        "health",
        "Dead, zero and saturated",
        "Dead: nothing on the whole reference set gets the unit above zero. Zero: share of"
        " activations that are 0 (45-49 % is healthy for relu). Saturated: where the slope is"
        " almost 0.",
        lambda s: figures.unit_health(s.snapshot),
        applies=_has_hidden,
    ),
    View(
        "timeline",
        "Dead units over time",
        "Each row is a unit: dark while it is dead on the whole reference set.",
        lambda s: figures.dead_timeline(s.series, s.current_step),
        applies=_has_hidden,
    ),
    View(
        "gradient_map",
        "Gradient flow over time",
        "The gradient at each layer over the steps, in powers of ten.",
        lambda s: figures.gradient_heatmap(s.series, s.current_step, log_steps=s.choices.log_steps),
        default=False,
    ),
    View(
        "histogram_map",
        "Distribution over time, as a map",
        "The chosen quantity of the chosen layer: the shade is the share of values.",
        lambda s: figures.histogram_heatmap(
            s.series,
            s.choices.layer,
            s.choices.quantity,
            s.current_step,
            log_steps=s.choices.log_steps,
        ),
        applies=_has_hidden,
        default=False,
    ),
    View(
        "statistics",
        "Running against batch statistics",
        "BatchNorm of the chosen layer: the batch's mean and variance over the running ones that"
        " evaluation uses; on the line both agree.",
        lambda s: figures.batch_statistics(s.snapshot.layers[s.choices.layer]),
        applies=_has_batch_norm,
    ),
    View(
        "rank",
        "Effective rank",
        "exp of the entropy of the singular values of a layer's centred output: how many"
        " directions it really uses.",
        lambda s: figures.layer_profile(s.snapshot, "effective_rank"),
        applies=_has_hidden,
        default=False,
    ),
    View(
        "rate",
        "Learning rate",
        "The rate in force, as the schedule sets it.",
        lambda s: figures.lane_curves(
            [s.series], ["learning rate"], "learning_rate", s.current_step, ghost=s.ghost
        ),
        default=False,
    ),
)


def fitting_views(spec: ExperimentSpec) -> list[View]:
    """The views that have something to show for this experiment."""
    return [view for view in VIEWS if view.applies(spec)]


def panels(shown: Shown) -> list[Panel]:
    """The chosen views, drawn, in the order of the page."""
    return [
        view.panel(shown) for view in fitting_views(shown.spec) if view.name in shown.choices.names
    ]


def shown_layers(spec: ExperimentSpec) -> list[str]:
    """Names of the blocks with weights, for choosing one."""
    return [layer.name for layer in spec.layer_shapes[:-1] if layer.settings]


def block_index(spec: ExperimentSpec, name: str) -> int:
    """Place of a block among all blocks."""
    return [layer.name for layer in spec.layer_shapes].index(name)


def _loss_unit(shown: Shown) -> str:
    return "nats" if shown.spec.training.loss == "cross_entropy" else "squared units"


def finite(value: float, form: str) -> str:
    """A number in words, "–" where there is none."""
    return format(value, form) if np.isfinite(value) else "–"
