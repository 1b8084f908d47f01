"""What is asked: a model, the setting that is its axis, and how often to repeat."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from nnviz.base import Spec
from nnviz.experiments.complexity.axes import AXES, MODELS, Axis, Model, applies_to, changed_network
from nnviz.spec import ExperimentSpec, readable_errors

ROUNDS = (4, 16, 64, 256)
"""Replicates after each round: the whole curve coarsely first, then finer."""
MAX_SECONDS_OF_ONE = 30.0
SECONDS_OF_A_STEP = 1e-3
SECONDS_OF_A_STEP_MORE = 3e-5
"""A step of a batch of replicates, and what each further replicate adds to it."""
MULTIPLICATIONS_A_SECOND = 2e9
"""Rough, as are the seconds: they size the pieces and refuse what takes far too long."""

Loss = Literal["cross_entropy", "brier", "domingos", "kohavi_wolpert"]
LOSSES: dict[Loss, str] = {
    "cross_entropy": "cross-entropy (Yang et al. 2020)",
    "brier": "squared error of the probabilities (Yang et al. 2020)",
    "domingos": "0-1 loss (Domingos 2000)",
    "kohavi_wolpert": "0-1 loss (Kohavi & Wolpert 1996)",
}
Shape = Literal["falls", "rises", "valley", "hill", "double", "flat"]
"""What a reader may expect of a curve."""
SHOWN = (
    "loss", "log_risk", "robust", "n_replicates", "place", "predict", "revealed", "guess_bias",
    "guess_variance", "guess_risk",
)  # fmt: skip
"""Settings that concern the drawing only: questions that differ in these share results."""


class ComplexitySettings(Spec):
    """One question about bias and variance; closed and bounded.

    The classical models learn sin(πx₁) from noisy points; the network learns its own data. The
    value of the setting named by `axis` is replaced by each of `values`.
    """

    model: Model = Field("polynomial", title="Model")
    axis: str = Field("degree", title="Change along the axis")
    low: Annotated[float, Field(ge=0, le=20_000)] = Field(0, title="From")
    high: Annotated[float, Field(ge=0, le=20_000)] = Field(12, title="To")
    n_values: Annotated[int, Field(ge=2, le=24)] = Field(13, title="Values")
    n_replicates: Annotated[int, Field(ge=4, le=256)] = Field(
        64, title="Replicates at each value", json_schema_extra={"choices": list(ROUNDS)},
        description="A replicate is one training on one fresh training set.",
    )  # fmt: skip
    freeze: Literal["none", "data", "initialization"] = Field(
        "none", title="A replicate has",
        description="Keeping the data or the initial weights leaves the other cause's share of the"
        " variance: V = variance of the weights' draw + variance of the data's draw.",
    )  # fmt: skip
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    degree: Annotated[int, Field(ge=0, le=50)] = Field(3, title="Degree")
    n_features: Annotated[int, Field(ge=1, le=2000)] = Field(40, title="Random features")
    ridge: Annotated[float, Field(ge=0, le=1000)] = Field(
        0.0, title="Ridge penalty", description="Weight of the squared size of the weights.",
        json_schema_extra={"offered": [0.0, 1e-6, 1e-4, 1e-3, 1e-2, 0.1, 1.0]},
    )  # fmt: skip
    n_neighbors: Annotated[int, Field(ge=1, le=500)] = Field(5, title="Neighbours")
    max_depth: Annotated[int, Field(ge=1, le=30)] = Field(30, title="Depth, at most")
    min_samples_leaf: Annotated[int, Field(ge=1, le=500)] = 1
    n_samples: Annotated[int, Field(ge=2, le=2000)] = Field(25, title="Training points")
    noise: Annotated[float, Field(ge=0, le=2.0)] = Field(
        0.3, title="Noise σ", description="Standard deviation of the targets' noise.",
        json_schema_extra={"step": 0.05},
    )  # fmt: skip
    n_inputs: Annotated[int, Field(ge=1, le=10)] = Field(
        1, title="Inputs",
        description="Only the first one matters; the model has to find that out.",
    )  # fmt: skip
    experiment: ExperimentSpec | None = None
    loss: Loss = Field("cross_entropy", title="Split the")
    log_risk: bool = Field(True, title="Risk on a log axis")
    robust: bool = Field(
        True, title="Medians beside the means",
        description="The median replicate's risk with its quartiles: a few wild fits don't move"
        " it.",
    )  # fmt: skip
    place: Annotated[float, Field(ge=0, le=20_000)] | None = None
    """The value of the axis that is looked at, the nearest there is; None: the lowest risk."""
    predict: bool = Field(
        False, title="Predict first",
        description="Hides what is measured until you have said what you expect.",
    )  # fmt: skip
    revealed: bool = False
    guess_bias: Shape | None = Field(None, title="My bias")
    guess_variance: Shape | None = Field(None, title="My variance")
    guess_risk: Shape | None = Field(None, title="My risk")

    @model_validator(mode="after")
    def _fits(self) -> ComplexitySettings:
        fitting = [name for name, axis in AXES.items() if self.model in axis.models]
        if self.axis not in fitting:
            raise ValueError(
                f"axis must be one of {', '.join(fitting)} for {MODELS[self.model]};"
                f" got {self.axis[:40]!r}"
            )
        if self.n_replicates not in ROUNDS:
            raise ValueError(f"n_replicates must be one of {ROUNDS}; got {self.n_replicates}")
        if (self.model == "network") != (self.experiment is not None):
            raise ValueError("an experiment belongs to the model network, and only to it")
        self._check_range()
        self._check_model()
        return self

    def _check_range(self) -> None:
        axis = AXES[self.axis]
        if not axis.low <= self.low < self.high <= axis.high:
            raise ValueError(
                f"{axis.title} must go from at least {axis.low:g} to at most {axis.high:g}, and"
                f" upwards; got {self.low:g} to {self.high:g}"
            )
        if len(self.values) < 2:
            raise ValueError(f"{axis.title} needs at least two different values")

    def _check_model(self) -> None:
        if self.model == "polynomial" and self.n_inputs != 1:
            raise ValueError(f"a polynomial takes 1 input; got {self.n_inputs}")
        experiment = self.experiment
        if experiment is not None and experiment.data.positions is not None:
            raise ValueError(
                "bias and variance are measured of one answer a point, and"
                f" {experiment.data.name} asks for one at each position: choose other data"
            )
        if experiment is not None and not applies_to(experiment, self.axis):
            raise ValueError(f"{AXES[self.axis].title} does not apply to this network and its data")
        for value in self.values:
            at = f"at {AXES[self.axis].title} {value:g}"
            try:
                asked = self.at(value)
            except ValidationError as error:
                raise ValueError(f"{at}: {readable_errors(error)[0]}") from error
            if isinstance(asked, ComplexitySettings):
                if self.model == "neighbors" and asked.n_neighbors > asked.n_samples:
                    raise ValueError("there can't be more nearest neighbours than training points")
            elif (seconds := self.seconds_of_one(value)) > MAX_SECONDS_OF_ONE:
                raise ValueError(
                    f"{at} one training would take about {seconds:.0f} s, and"
                    f" {MAX_SECONDS_OF_ONE:.0f} s is the most here: ask for fewer steps or a"
                    " smaller network"
                )

    @property
    def axis_entry(self) -> Axis:
        """The axis from the catalog."""
        return AXES[self.axis]

    @property
    def values(self) -> tuple[float, ...]:
        """What to measure, rising; the nearest to the interpolation threshold moves onto it."""
        values = list(self.axis_entry.values(self.low, self.high, self.n_values))
        threshold = self.threshold
        if threshold is not None and self.low < threshold < self.high and len(values) > 2:
            nearest = min(range(len(values)), key=lambda place: abs(values[place] - threshold))
            values[nearest] = float(threshold)
        return tuple(sorted(set(values)))

    def nearest(self, value: float) -> float:
        """The value of the axis that is nearest to this one."""
        return min(self.values, key=lambda each: abs(each - value))

    @property
    def threshold(self) -> float | None:
        """Where a linear model has as many parameters as training points."""
        known = {
            ("random_features", "n_features"): self.n_samples,
            ("random_features", "n_samples"): self.n_features,
            ("polynomial", "degree"): self.n_samples - 1,
            ("polynomial", "n_samples"): self.degree + 1,
        }
        return known.get((self.model, self.axis))

    @property
    def along_training(self) -> bool:
        """Whether one training gives every value: a checkpoint each."""
        return self.axis == "n_steps"

    @property
    def question(self) -> ComplexitySettings:
        """The settings without what only concerns the drawing: equal ones share results."""
        fresh = ComplexitySettings.model_construct()
        own = {name: getattr(self, name) for name in ComplexitySettings.model_fields}
        return fresh.model_copy(update={n: v for n, v in own.items() if n not in SHOWN})

    @property
    def guesses(self) -> dict[str, Shape]:
        """What the reader expects of the parts, where he said so."""
        said = {part: getattr(self, f"guess_{part}") for part in ("bias", "variance", "risk")}
        return {part: shape for part, shape in said.items() if shape} if self.predict else {}

    @property
    def is_hidden(self) -> bool:
        """Whether what is measured is kept from a reader who has yet to say what to expect."""
        return self.predict and not self.revealed

    def at(self, value: float) -> ComplexitySettings | ExperimentSpec:
        """The same question with the axis at one value. Raises ValueError where it can't be."""
        if self.experiment is not None:
            return changed_network(self.experiment, self.axis, value)
        whole = int(value) if self.axis_entry.whole else value
        return self.model_copy(update={self.axis: whole})

    def seconds_of_one(self, value: float, alone: bool = True) -> float:
        """Roughly how long one training takes, alone or as one more of a batch of replicates."""
        asked = self.at(self.values[-1] if self.along_training else value)
        if isinstance(asked, ComplexitySettings):
            size = asked.n_features if asked.model == "random_features" else 1
            return 1e-3 + 2e-7 * asked.n_samples * min(asked.n_samples, size)
        batch_size = min(asked.training.batch_size, asked.data.n_train)
        work = 3 * batch_size * sum(layer.n_multiplications for layer in asked.layer_shapes)
        fixed = SECONDS_OF_A_STEP if alone else SECONDS_OF_A_STEP_MORE
        return asked.training.n_steps * (fixed + work / MULTIPLICATIONS_A_SECOND)
