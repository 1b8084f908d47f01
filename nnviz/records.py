"""What was measured: frozen dataclasses of NumPy arrays, which figures spend.

Shapes: N points, C classes, D units of a layer, G grid points a side, K units drawn.
A number that does not exist (an update ratio before the first update, a dead fraction of a
layer whose activation has no zero) is NaN; a whole quantity that does not exist is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, assert_never

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
IntArray = NDArray[np.integer]
BoolArray = NDArray[np.bool_]

Task = Literal["classification", "regression"]
QUALITY: dict[Task, str] = {"classification": "accuracy", "regression": "R²"}
"""What a field named `accuracy` holds, as the reader is told."""


def has_classes(task: Task) -> bool:
    """Whether the targets are classes; else they are values."""
    match task:
        case "classification":
            return True
        case "regression":
            return False
        case _:
            assert_never(task)


N_BINS = 64
HISTOGRAM_QUANTITIES = ("pre_activation", "normalized", "activation", "weight", "gradient")


@dataclass(frozen=True)
class Histogram:
    """Counts of values in 64 equal bins over [-limit, limit].

    `limit` is a power of two, so the edges of a narrower histogram are a subset of the doubled
    grid of a wider one and histograms of different steps merge exactly (`rebinned`). A bin holds
    its lower edge, and the last one its upper edge too.
    """

    limit: float
    counts_B: IntArray
    n_nonfinite: int = 0

    @property
    def edges(self) -> FloatArray:
        """Bin edges, shape (65,), in the unit of the quantity."""
        return np.linspace(-self.limit, self.limit, N_BINS + 1)

    @property
    def centers(self) -> FloatArray:
        """Bin centres, shape (64,)."""
        edges = self.edges
        return np.asarray((edges[1:] + edges[:-1]) / 2)

    @property
    def density(self) -> FloatArray:
        """Share of the finite values per unit of the quantity, shape (64,); integrates to 1."""
        total = max(int(self.counts_B.sum()), 1)
        return np.asarray(self.counts_B / total / (2 * self.limit / N_BINS))

    def rebinned(self, limit: float) -> Histogram:
        """The same counts on [-limit, limit] for a power of two `limit` >= this one's."""
        if limit < self.limit:
            raise ValueError(f"limit must be at least {self.limit}; got {limit}")
        counts_B, current = self.counts_B, self.limit
        while current < limit:
            merged = counts_B.reshape(N_BINS // 2, 2).sum(axis=1)
            quarter = np.zeros(N_BINS // 4, dtype=merged.dtype)
            counts_B, current = np.concatenate([quarter, merged, quarter]), current * 2
        return Histogram(current, counts_B, self.n_nonfinite)


@dataclass(frozen=True)
class WiresRecord:
    """What flowed between the parts of a network in one pass, pooled over batch, units and space.

    Of a wire with more than 65,536 values these are of the first samples, always the same.

    W wires, each named by the part that it leaves ("dense1.linear", "input"). `limit_W` and
    `counts_WB` are histograms as `Histogram` has them; `std_W` is biased.
    """

    names: tuple[str, ...]
    limit_W: FloatArray
    counts_WB: IntArray
    mean_W: FloatArray
    std_W: FloatArray
    zero_W: FloatArray
    """Share of values that are exactly 0."""
    negative_W: FloatArray
    """Share of values below 0."""

    def histogram(self, place: int) -> Histogram:
        """The distribution on one wire."""
        return Histogram(float(self.limit_W[place]), self.counts_WB[place].astype(np.int32))


@dataclass(frozen=True)
class BatchStatisticsRecord:
    """BatchNorm's running statistics after a step beside those of that step's batch, shape (D,).

    Variances are as torch keeps them: `running_var` and `batch_var` are both unbiased.
    """

    running_mean_D: FloatArray
    running_var_D: FloatArray
    batch_mean_D: FloatArray
    batch_var_D: FloatArray


@dataclass(frozen=True)
class NormalizationRecord:
    """Over how many values, of how many samples, each mean of a normalization runs in training.

    `n_fewest` are the values in the smallest batch of an epoch, the rest that is left at its end.
    """

    name: str
    n_values: int
    n_samples: int
    n_fewest: int


@dataclass(frozen=True)
class TensorRecord:
    """One of the tensors that a block learns, or a gate's rows of one, at one step."""

    role: str
    norm: float
    histogram: Histogram
    grad_norm: float = float("nan")
    update_to_weight_ratio: float = float("nan")


@dataclass(frozen=True)
class SeenRecord:
    """What can be seen inside a block for a few examples, float16; each axis has a name.

    `axes` begins with "example" where every example has its own.
    """

    name: str
    axes: tuple[str, ...]
    values: FloatArray


@dataclass(frozen=True)
class LayerRecord:
    """One block of the network at one step.

    Forward quantities are measured in evaluation mode on a fixed reference set of training
    points; backward ones (`grad_norm`, `delta_rms`, the gradient histogram, batch statistics)
    come from the training step that led to this snapshot.
    """

    name: str
    kind: str
    n_units: int
    is_learned: bool = True
    """Whether the block has weights."""
    grad_norm: float = float("nan")
    """L2 norm of the loss gradient with respect to the layer's weights, before any clipping."""
    grad_rms: float = float("nan")
    """Root mean square of the same gradient's entries."""
    delta_rms: float = float("nan")
    """Root mean square of the loss gradient at the pre-activations, over batch and units."""
    weight_norm: float = float("nan")
    update_to_weight_ratio: float = float("nan")
    """Norm of the weights' actual change in this step over their norm before it."""
    dead_fraction: float = float("nan")
    zero_fraction: float = float("nan")
    saturated_fraction: float = float("nan")
    negative_fraction: float = float("nan")
    """Share of negative values in what enters the next layer (the block's output)."""
    mean: float = float("nan")
    """Mean of the activation, pooled over points and units."""
    std: float = float("nan")
    pre_activation_mean: float = float("nan")
    pre_activation_std: float = float("nan")
    output_mean: float = float("nan")
    """Mean of what enters the next layer, pooled."""
    output_std: float = float("nan")
    effective_rank: float = float("nan")
    """exp(entropy) of the centred output's normalized singular values (Roy & Vetterli 2007)."""
    sample_cosine: float = float("nan")
    """Mean cosine between the outputs of two different reference points."""
    scale_mean: float = float("nan")
    """Mean of γ, what the normalization multiplies by, over its channels."""
    scale_std: float = float("nan")
    shift_mean: float = float("nan")
    """Mean of β, what the normalization adds."""
    shift_std: float = float("nan")
    unit_difference: float = float("nan")
    """Largest distance of a unit's weights and bias from the first unit's, over the largest unit's
    norm: 0 where all units are copies of one another."""
    dead_D: BoolArray | None = None
    """Which units have a pre-activation <= 0 on the whole reference set."""
    unit_mean_D: FloatArray | None = None
    unit_std_D: FloatArray | None = None
    histograms: Mapping[str, Histogram] = field(default_factory=dict)
    """Keys are a subset of HISTOGRAM_QUANTITIES."""
    normalization: NormalizationRecord | None = None
    batch_statistics: BatchStatisticsRecord | None = None
    bias_has_no_effect: bool = False
    """The bias feeds straight into BatchNorm, which subtracts it again: its gradient is 0."""
    weight_DF: FloatArray | None = None
    """Weights of a small dense layer, (units, inputs), for the drawing of the network."""
    tensors: tuple[TensorRecord, ...] = ()
    """Each for itself where a block learns several; `weight_norm` and the like are of them all."""
    seen: tuple[SeenRecord, ...] = ()
    """Of the first test points, in evaluation mode, where samples have positions: "maps", what
    comes out, and what the kind of block has to show."""
    step_gradient_T: FloatArray | None = None
    """RMS of the loss gradient at what arrives at each step of a sequence, over batch and
    channels; for blocks that read steps one after another or all at once."""
    unit_maps_KGG: FloatArray | None = None
    """What the first K units compute over the input plane of 2-D data, row 0 at the bottom."""


@dataclass(frozen=True)
class SurfaceRecord:
    """The network's answer over the input plane (two inputs) in evaluation mode.

    `value_GG` is P(class 1) for two classes, the confidence of the winning class for more, and
    the predicted value for regression; `label_GG` is the winning class. Row 0 is at the bottom.
    Axes are in the units the network sees (after scaling).
    """

    x_G: FloatArray
    y_G: FloatArray
    value_GG: FloatArray
    label_GG: IntArray | None
    n_classes: int


@dataclass(frozen=True)
class CurveRecord:
    """The network's answer along one input, in evaluation mode; axes as the network sees them."""

    x_G: FloatArray
    prediction_G: FloatArray


@dataclass(frozen=True)
class DivergenceRecord:
    """The first non-finite number of a run: at which step, and in which layer it appeared."""

    step: int
    layer: str
    quantity: Literal["activation", "gradient", "weight", "loss"]


@dataclass(frozen=True)
class DataSummaryRecord:
    """What the data is like and how far it can be learned without any network.

    Scores are shares of correct answers for classification, R² for regression. The neighbours
    are the five nearest training points (standardized inputs, without the point itself): a plain
    measure of what the inputs say, no upper bound.
    """

    n_per_class: tuple[int, ...] = ()
    """Training targets of each class, one a point or one a place of a row; empty for regression."""
    target_std: float = float("nan")
    """Of the training targets, for regression."""
    widest: tuple[str, float] | None = None
    """The feature (or "the target" of a regression) with the largest standard deviation as the
    network sees it, and that; None for images and signals, and where fewer than two vary."""
    narrowest: tuple[str, float] | None = None
    follows_exactly: bool = False
    """Whether the inputs determine the target, however hard it is to find."""
    replaced_labels: float = 0.0
    """Share of the training labels that label noise replaced."""
    constant_loss: float = float("nan")
    """Training loss of the best constant answer, near enough: class frequencies or the mean."""
    constant_train: float = float("nan")
    constant_test: float = float("nan")
    neighbour_train: float = float("nan")
    neighbour_test: float = float("nan")


@dataclass(frozen=True)
class Snapshot:
    """Everything measured after `step` updates.

    Losses are means over the whole set in evaluation mode, or over `train_sample` points of it.
    """

    step: int
    epoch: float
    """Passes over the training set so far, in fractions."""
    task: Task
    train_loss: float
    test_loss: float
    train_accuracy: float
    """Share of correct answers for classification, R² for regression."""
    test_accuracy: float
    batch_loss: float
    """Loss of the training step itself: training mode, before the update."""
    learning_rate: float
    """The rate used by the update that led here (at step 0: by the first one)."""
    layers: tuple[LayerRecord, ...]
    output: LayerRecord
    train_sample: int | None = None
    """Training points, a fixed random sample, behind `train_loss` and `train_accuracy`; None: all
    of them."""
    n_reference: int = 0
    """Training points, always the same, behind the layers' distributions."""
    wires: Mapping[str, WiresRecord] = field(default_factory=dict)
    """"train": of the step's own batch in training mode; "gradient": of the loss gradient at the
    same values; "eval": of the reference set in evaluation mode."""
    overflow: str | None = None
    """The first layer whose answer in evaluation mode is no finite number (the output layer where
    it is the loss alone), while the training itself has not diverged; None: losses are finite."""
    confusion_CC: IntArray | None = None
    """Test points, or all places of their rows, by true (row) and predicted class (column)."""
    test_predicted_N: IntArray | None = None
    """The class answered for each test point; (N, T) where each place of a row has one."""
    data: DataSummaryRecord | None = None
    surface: SurfaceRecord | None = None
    curve: CurveRecord | None = None
    divergence: DivergenceRecord | None = None

    @property
    def learned_layers(self) -> tuple[LayerRecord, ...]:
        """Blocks with weights in order, the output layer last."""
        return tuple(layer for layer in (*self.layers, self.output) if layer.is_learned)


def _scalars(record: type[LayerRecord] | type[Snapshot]) -> tuple[str, ...]:
    return tuple(part.name for part in fields(record) if part.type == "float" and part.compare)


LAYER_SCALARS = _scalars(LayerRecord)
RUN_SCALARS = _scalars(Snapshot)
"""The fields that are single numbers of the training, in order: what tables and series hold."""


@dataclass(frozen=True)
class DataRecord:
    """The points of a data set as the network sees them, for drawing.

    `train_x` and `test_x` have shape (N, …input shape); targets are class indices, (N,) or one for
    each place of a row, (N, T), or values.
    `image_shape` is (height, width) where a point is an image.
    """

    name: str
    task: Task
    train_x: FloatArray
    train_y: NDArray[Any]
    test_x: FloatArray
    test_y: NDArray[Any]
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    image_shape: tuple[int, int] | None = None
    truth_x_G: FloatArray | None = None
    truth_y_G: FloatArray | None = None
    flipped_N: BoolArray | None = None
    """Which training labels were replaced by label noise."""
    token_names: tuple[str, ...] = ()
    """What each token is called; empty where the inputs are measurements."""
    follows_exactly: bool = False
    """Whether the inputs determine the target, however hard it is to find."""
