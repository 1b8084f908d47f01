"""The views of a comparison: lanes over each other, or a panel a lane on the same axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nnviz import figures
from nnviz.catalog.activations import ACTIVATIONS, Activation
from nnviz.experiments.mode_gap.records import ModeGapRecord
from nnviz.figures import FigureDict, Ghost, Series
from nnviz.records import QUALITY, DataRecord, LayerRecord, Snapshot, Task, has_classes
from nnviz.spec import ExperimentSpec
from nnviz.ui.live_charts import Panel

Applies = Callable[[Sequence[ExperimentSpec]], bool]


@dataclass(frozen=True)
class LaneChoices:
    """What the reader wants to see."""

    names: tuple[str, ...]
    layer: str
    log_loss: bool
    show_test: bool
    frozen: bool
    """Whether axes stay as they are instead of following the data."""


@dataclass(frozen=True)
class ShownLanes:
    """What the views draw from; sequences have one entry a lane."""

    names: Sequence[str]
    specs: Sequence[ExperimentSpec]
    series: Sequence[Series]
    snapshots: Sequence[Snapshot]
    data: Sequence[DataRecord]
    gaps: Sequence[tuple[int, Sequence[ModeGapRecord]]]
    gap: Sequence[ModeGapRecord] | None
    choices: LaneChoices
    current_step: float | None
    ghost: Ghost | None = None
    """Another way of the lanes, to lie faintly under the present one."""


@dataclass(frozen=True)
class LaneView:
    """One panel for all lanes, or one a lane; `draw` gives as many figures."""

    name: str
    title: str
    help: str
    draw: Callable[[ShownLanes], list[FigureDict]]
    span: int = 3
    height: int = 230
    per_lane: bool = False
    shared: bool = True
    applies: Applies = lambda specs: True
    default: bool = True
    is_plain: bool = True
    """Whether the lanes' table says all that a legend would."""

    def panels(self, shown: ShownLanes, drawn: Sequence[FigureDict]) -> list[Panel]:
        """The figures as panels, titled by lane where there is one each."""
        if not self.per_lane:
            drawn = [_without_legend(figure) for figure in drawn] if self.is_plain else drawn
            return [Panel(self.name, self.title, drawn[0], self.help, self.height, self.span)]
        size = self.height, 12 // len(drawn)
        return [
            Panel(f"{self.name}.{k}", f"{name}: {self.title}", drawn[k], self.help, *size)
            for k, name in enumerate(shown.names)
        ]


def _curve(name: str, title: str, help: str, log: bool = False) -> LaneView:
    def draw(s: ShownLanes) -> list[FigureDict]:
        scale = log and s.choices.log_loss
        return [figures.lane_curves(s.series, s.names, name, s.current_step, scale, s.ghost)]

    return LaneView(name, title, help, draw)


def _profile(
    name: str,
    title: str,
    help: str,
    *,
    span: int = 4,
    log: bool = False,
    with_output: bool = False,
    applies: Applies | None = None,
) -> LaneView:
    def draw(s: ShownLanes) -> list[FigureDict]:
        return [figures.lane_profiles(s.snapshots, s.names, name, log, with_output)]

    return LaneView(name, title, help, draw, span, applies=applies or has_hidden)


def _histograms(quantity: str, title: str, help: str, applies: Applies) -> LaneView:
    def draw(s: ShownLanes) -> list[FigureDict]:
        return [figures.layer_histograms(snapshot, quantity) for snapshot in s.snapshots]

    return LaneView(
        f"histograms_{quantity}", title, help, draw, height=250, per_lane=True, applies=applies
    )


def _answers(s: ShownLanes) -> list[FigureDict]:
    def answer(snapshot: Snapshot, data: DataRecord) -> FigureDict:
        line = data.train_x.shape[1:] == (1,)
        draw = figures.regression_curve if line else figures.decision_surface
        return draw(snapshot, data, s.choices.show_test)

    return [answer(*pair) for pair in zip(s.snapshots, s.data, strict=True)]


def _statistics(s: ShownLanes) -> list[FigureDict]:
    return [figures.batch_statistics(_layer(snapshot, s.choices.layer)) for snapshot in s.snapshots]


def _layer(snapshot: Snapshot, name: str) -> LayerRecord:
    found = [layer for layer in snapshot.layers if layer.name == name]
    return found[0] if found else snapshot.output


def _without_legend(figure: FigureDict) -> FigureDict:
    return {**figure, "layout": {**figure["layout"], "showlegend": False}}


def is_plane(specs: Sequence[ExperimentSpec]) -> bool:
    """Whether the answers can be drawn over the inputs."""
    return all(spec.data.entry.input_shape in ((1,), (2,)) for spec in specs)


def has_hidden(specs: Sequence[ExperimentSpec]) -> bool:
    """Whether any lane has a hidden layer."""
    return any(spec.network.depth for spec in specs)


def _activations(specs: Sequence[ExperimentSpec]) -> list[Activation]:
    return [
        ACTIVATIONS[layer.settings.activation]
        for spec in specs
        for layer in spec.layer_shapes
        if layer.settings
    ]


def _normalizations(specs: Sequence[ExperimentSpec]) -> set[str]:
    return {
        layer.settings.normalization
        for spec in specs
        for layer in spec.layer_shapes
        if layer.settings
    }


LANE_VIEWS: tuple[LaneView, ...] = (
    _curve("test_loss", "Test loss", "Mean over the test set in evaluation mode.", log=True),
    _curve("test_accuracy", "Test accuracy", "Share of correct answers on the test set, or R²."),
    _curve("train_loss", "Training loss", "Mean over the training set in eval().", log=True),
    _curve("train_accuracy", "Training accuracy", "Share correct on the training set, or R²."),
    LaneView(
        "answer",
        "the network's answer",
        "The output over the inputs in evaluation mode; filled: training points, open: test.",
        _answers,
        height=270,
        per_lane=True,
        applies=is_plane,
    ),
    _histograms(
        "pre_activation",
        "pre-activations",
        "What the linear part of each layer gives, on a fixed set of training points.",
        has_hidden,
    ),
    _histograms(
        "normalized",
        "normalized",
        "What the normalization of each layer gives; lanes without one have nothing here.",
        lambda specs: bool(_normalizations(specs) - {"none"}),
    ),
    _histograms("activation", "activations", "What each activation function gives.", has_hidden),
    _profile(
        "output_mean",
        "Next layer's input: mean",
        "Mean of what a layer passes on, after activation, normalization and evaluation-mode"
        " dropout.",
    ),
    _profile("output_std", "Next layer's input: std", "Its standard deviation, pooled."),
    _profile(
        "negative_fraction",
        "Next layer's input: negative",
        "Share of negative values in what a layer passes on: none after ReLU, about two thirds"
        " where BatchNorm follows it.",
    ),
    _profile(
        "delta_rms",
        "Gradient flow",
        "RMS of ∂L/∂z at each layer's pre-activations in the training step.",
        span=3,
        log=True,
        with_output=True,
    ),
    _profile(
        "update_to_weight_ratio",
        "Update / weight",
        "How far a layer's weights moved in this step over their size; about 0.001 is usual.",
        span=3,
        log=True,
        with_output=True,
    ),
    _profile(
        "sample_cosine",
        "Cosine between samples",
        "Mean cosine between the outputs of two different points: 1 means the layer hardly tells"
        " them apart.",
        span=3,
    ),
    _profile(
        "effective_rank",
        "Effective rank",
        "exp of the entropy of the centred output's singular values: directions really used.",
        span=3,
    ),
    _profile(
        "dead_fraction",
        "Dead units",
        "Share of units that nothing on the whole reference set gets above zero.",
        applies=lambda specs: any(entry.dead_below is not None for entry in _activations(specs)),
    ),
    _profile("zero_fraction", "Zeros", "Share of activations that are exactly 0."),
    _profile(
        "saturated_fraction",
        "Saturated",
        "Share of activations where the slope is near 0.",
        applies=lambda specs: any(entry.saturation for entry in _activations(specs)),
    ),
    LaneView(
        "statistics",
        "batch statistics",
        "BatchNorm of the chosen layer: the batch's mean and variance over the running ones that"
        " evaluation uses; on the line both agree.",
        _statistics,
        per_lane=True,
        shared=False,
        applies=lambda specs: "batch" in _normalizations(specs),
    ),
)

MODE_VIEWS: tuple[LaneView, ...] = (
    LaneView(
        "mode_loss",
        "Loss of one batch in both modes",
        "The batch of the next step, through train() (solid) and eval() (dotted).",
        lambda s: [figures.mode_curves(s.gaps, s.names, "loss", s.current_step)],
        span=6,
        height=260,
        is_plain=False,
    ),
    LaneView(
        "mode_accuracy",
        "Accuracy of one batch in both modes",
        "Share of the batch that is answered correctly in either mode, or R².",
        lambda s: [
            figures.mode_curves(
                s.gaps, s.names, "accuracy", s.current_step, s.specs[0].data.entry.task
            )
        ],
        span=6,
        height=260,
        is_plain=False,
    ),
    LaneView(
        "mode_layers",
        "Variance shift by layer",
        "Standard deviation of what a layer passes on in training mode over that in evaluation"
        " mode; 1 means no shift.",
        lambda s: [figures.mode_layers(s.gap, s.names)],
        span=6,
        height=280,
    ),
    LaneView(
        "mode_outputs",
        "Outputs in both modes",
        "Every output for every point of the batch; on the dashed line both modes agree.",
        lambda s: [figures.mode_outputs(s.gap, s.names)],
        span=6,
        height=280,
    ),
    next(view for view in LANE_VIEWS if view.name == "statistics"),
)


def fitting_views(specs: Sequence[ExperimentSpec], modes: bool) -> list[LaneView]:
    """The views that have something to show for these lanes, titled in the words of the task."""
    views = MODE_VIEWS if modes else LANE_VIEWS
    return [_worded(view, specs[0].data.entry.task) for view in views if view.applies(specs)]


def _worded(view: LaneView, task: Task) -> LaneView:
    if has_classes(task):
        return view
    title = view.title.replace("Accuracy", QUALITY[task]).replace("accuracy", QUALITY[task])
    return replace(view, title=title)
