"""The views of a single lane."""

from __future__ import annotations

from nnviz import figures
from nnviz.feed.applies import has_batch_norm, has_hidden, is_image, is_plane, predicts_classes
from nnviz.feed.view import Asked, Shown, View, each, one
from nnviz.figures import FigureDict
from nnviz.records import DataRecord, Snapshot
from nnviz.spec import ExperimentSpec


def network(shown: Shown) -> list[FigureDict]:
    """Each lane's network, drawn."""
    lanes = zip(shown.snapshots, shown.data, shown.specs, strict=True)
    return [
        figures.network_diagram(taken, data, _captions(spec), shown.asked.example)
        for taken, data, spec in lanes
    ]


def answer(snapshot: Snapshot, data: DataRecord, asked: Asked) -> FigureDict:
    """The answer over the inputs: a curve along one of them, a surface over two.

    Or what the pinned unit computes there.
    """
    if asked.pin is not None:
        pinned = figures.unit_surface(snapshot, *asked.pin, data, asked.show_test)
        if pinned is not None:
            return pinned
    is_line = data.train_x.shape[1:] == (1,)
    draw = figures.regression_curve if is_line else figures.decision_surface
    return draw(snapshot, data, asked.show_test)


def _captions(spec: ExperimentSpec) -> list[str]:
    captions = []
    for layer in spec.layer_shapes[:-1]:
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


def _loss_unit(spec: ExperimentSpec) -> str:
    return "nats" if spec.training.loss == "cross_entropy" else "squared units"


RUN_VIEWS: tuple[View, ...] = (
    View(
        "network",
        "Network",
        "Each tile is what one hidden unit computes over the input plane, or its mean activation"
        " where the input is no plane; a line is a weight: blue positive, orange negative, thick"
        " when large.",
        network,
        span=8,
        height=380,
    ),
    View(
        "answer",
        "The network's answer",
        "The output over the inputs in evaluation mode, with training points (filled) and test"
        " points (open).",
        each(answer),
        height=380,
        applies=is_plane,
    ),
    View(
        "wrong",
        "Answered wrongly",
        "Test points that the network gets wrong: true class → its answer.",
        each(lambda taken, data, _: figures.misclassified_images(data, taken.test_predicted_N)),
        height=380,
        applies=is_image,
    ),
    View(
        "loss",
        "Loss",
        "Mean loss over the training and the test set in evaluation mode; faint: single batches"
        " in training mode.",
        one(
            lambda s: figures.loss_curve(
                s.series[0],
                s.cursor,
                log_loss=s.asked.log_loss,
                log_steps=s.asked.log_steps,
                unit=_loss_unit(s.specs[0]),
                ghost=s.ghost,
            )
        ),
    ),
    View(
        "accuracy",
        "Accuracy",
        "Share of correct answers, or R² for regression: 1 is perfect, 0 is no better than the"
        " mean.",
        one(
            lambda s: figures.accuracy_curve(
                s.series[0], s.cursor, log_steps=s.asked.log_steps, ghost=s.ghost
            )
        ),
    ),
    View(
        "confusion",
        "Confusion matrix",
        "Test points by true class (row) and the network's answer (column).",
        each(lambda taken, data, _: figures.confusion_matrix(taken, data.class_names)),
        applies=predicts_classes,
    ),
    View(
        "histograms",
        "Distributions by layer",
        "How the chosen quantity is distributed in every layer at this step, on a fixed set of"
        " training points.",
        each(lambda taken, _, asked: figures.layer_histograms(taken, asked.quantity)),
        applies=has_hidden,
    ),
    View(
        "ridgeline",
        "Distribution over time",
        "The chosen quantity of the chosen layer, oldest step behind, newest in front.",
        one(lambda s: figures.ridgeline(s.series[0], s.layer_index, s.asked.quantity, s.cursor)),
        applies=has_hidden,
    ),
    View(
        "flow",
        "Gradient flow",
        "Root mean square of ∂L/∂z at each layer's pre-activations in the training step. Red when"
        " the first layer gets less than a thousandth, or more than a thousand times, of the last"
        " (a convention).",
        one(lambda s: figures.gradient_flow(s.snapshots[0])),
    ),
    View(
        "updates",
        "Update-to-weight ratio",
        "How far the weights of a layer really moved in a step, over their size before it. About"
        " 0.001 is usual.",
        one(lambda s: figures.update_ratios(s.series[0], s.cursor, log_steps=s.asked.log_steps)),
    ),
    View(
        "health",
        "Dead, zero and saturated",
        "Dead: nothing on the whole reference set gets the unit above zero. Zero: share of"
        " activations that are 0 (45-49 % is healthy for relu). Saturated: where the slope is"
        " almost 0.",
        one(lambda s: figures.unit_health(s.snapshots[0])),
        applies=has_hidden,
    ),
    View(
        "timeline",
        "Dead units over time",
        "Each row is a unit: dark while it is dead on the whole reference set.",
        one(lambda s: figures.dead_timeline(s.series[0], s.cursor)),
        applies=has_hidden,
    ),
    View(
        "gradient_map",
        "Gradient flow over time",
        "The gradient at each layer over the steps, in powers of ten.",
        one(lambda s: figures.gradient_heatmap(s.series[0], s.cursor, log_steps=s.asked.log_steps)),
        default=False,
    ),
    View(
        "histogram_map",
        "Distribution over time, as a map",
        "The chosen quantity of the chosen layer: the shade is the share of values.",
        one(
            lambda s: figures.histogram_heatmap(
                s.series[0],
                s.layer_index,
                s.asked.quantity,
                s.cursor,
                log_steps=s.asked.log_steps,
            )
        ),
        applies=has_hidden,
        default=False,
    ),
    View(
        "statistics",
        "Running against batch statistics",
        "BatchNorm of the chosen layer: the batch's mean and variance over the running ones that"
        " evaluation uses; on the line both agree.",
        one(lambda s: figures.batch_statistics(s.snapshots[0].layers[s.layer_index])),
        applies=has_batch_norm,
    ),
    View(
        "rank",
        "Effective rank",
        "exp of the entropy of the singular values of a layer's centred output: how many"
        " directions it really uses.",
        one(lambda s: figures.layer_profile(s.snapshots[0], "effective_rank")),
        applies=has_hidden,
        default=False,
    ),
    View(
        "rate",
        "Learning rate",
        "The rate in force, as the schedule sets it.",
        one(
            lambda s: figures.lane_curves(
                s.series, ["learning rate"], "learning_rate", s.cursor, ghost=s.ghost
            )
        ),
        default=False,
    ),
)
