"""One small call of everything that measures or keeps numbers, and the walks that find them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import nnviz
from nnviz.blocks.sample import Sample
from nnviz.catalog import datasets
from nnviz.data import load
from nnviz.experiments.answers.records import AskedInput
from nnviz.experiments.classical_models import SineSpec
from nnviz.experiments.complexity.pieces import pieces_for
from nnviz.experiments.complexity.pile import PileSettings
from nnviz.experiments.complexity.settings import ComplexitySettings
from nnviz.experiments.convolution.receptive import FieldLayer
from nnviz.experiments.dropout.masks import SmallNetwork
from nnviz.experiments.dropout.uncertainty import CurveFit
from nnviz.experiments.normalization.running import BatchStream
from nnviz.experiments.normalization.trials import Trial
from nnviz.experiments.overfitting.gallery_records import GalleryLane
from nnviz.experiments.overfitting.settings import OverfittingSettings
from nnviz.experiments.overfitting.settings import pieces_for as lane_pieces_for
from nnviz.experiments.signal_propagation import SignalSpec
from nnviz.experiments.unit.records import AskedUnit
from nnviz.experiments.update import Asked as Looking
from nnviz.feed.frames import Frame
from nnviz.network import build_network
from nnviz.runs.bursts import Burst
from nnviz.runs.timeline import Timeline
from nnviz.spec import DataSpec, ExperimentSpec, InitializationSpec
from nnviz.training import advance, initial_state
from nnviz.training.trainer import Trainer


def experiment(data: str = "moons", n_steps: int = 6, **network: Any) -> ExperimentSpec:
    """A small training, 2 × 8 units unless `network` says otherwise."""
    blocks = [{"kind": "dense", "width": 8}] * 2
    return ExperimentSpec.model_validate(
        {
            "data": {"name": data, "n_samples": 60} if data == "moons" else {"name": data},
            "network": {"blocks": blocks, **network},
            "training": {"n_steps": n_steps, "batch_size": 16},
        }
    )


DROPPING = experiment(dropout=0.3)
SPARSE = InitializationSpec(name="sparse")
SIGNAL = SignalSpec(width=12, depth=4, n_samples=8, initialization=SPARSE)
CLASSICAL = ComplexitySettings(high=3, n_values=2, n_replicates=4)
DEEPENING = ComplexitySettings(
    model="network", axis="width", low=4, high=8, n_values=2, n_replicates=4, experiment=DROPPING
)
OVERFITTING = OverfittingSettings(experiment=DROPPING, n_seeds=4)


def _networks_and_points() -> tuple[Any, ...]:
    data, spec = load(DROPPING.data), DROPPING
    networks = [build_network(spec.network, (2,), 2, seed) for seed in (0, 1)]
    x, y = data.train_x.expand(2, *data.train_x.shape), data.train_y.expand(2, -1)
    return spec, networks, x, y


def _state() -> Any:
    return advance(initial_state(DROPPING), n_steps=3, record=False)[0]


EXAMPLES: dict[str, Callable[[], tuple[Any, ...]]] = {
    "catalog.activations.gain": lambda: ("gelu",),
    "catalog.datasets._from_sklearn": lambda: ("load_iris",),
    "catalog.datasets._mnist1d_arrays": tuple,
    "data.load": lambda: (DataSpec(name="spirals", n_samples=200, label_noise=0.1),),
    "experiments.answers.answered.answered": lambda: (_state(), AskedInput((0.5, -1.0))),
    "experiments.answers.inputs.listed_points": lambda: (Trainer(DROPPING), 3, True),
    "experiments.attention.by_hand.attend": lambda: (("dog", "bites", "man"),),
    "experiments.attention.count.count": lambda: (16, 2, 32, 2, 10),
    "experiments.attention.masks.influence": lambda: ([[True, False], [True, True]],),
    "experiments.attention.norm_place.norm_place": lambda: (16, 2, 2, 1),
    "experiments.attention.order.reorder": lambda: (("dog", "bites", "man"), (2, 1, 0), True),
    "experiments.attention.scale.scale": lambda: (16, 4),
    "experiments.classical_models.training_sets.draw_training_sets": lambda: (SineSpec(), 6),
    "experiments.complexity.classical.classical_evaluation": lambda: (3,),
    "experiments.complexity.classical.measure_classical": lambda: (
        CLASSICAL,
        pieces_for(CLASSICAL)[0],
    ),
    "experiments.complexity.collecting._collector": lambda: (CLASSICAL,),
    "experiments.complexity.measured.evaluation_of": lambda: (CLASSICAL,),
    "experiments.complexity.measured.measure_piece": lambda: (CLASSICAL, pieces_for(CLASSICAL)[1]),
    "experiments.complexity.networks.measure_network": lambda: (
        DEEPENING,
        pieces_for(DEEPENING)[0],
    ),
    "experiments.complexity.networks.network_evaluation": lambda: (DROPPING,),
    "experiments.complexity.pile.pile": lambda: (12,),
    "experiments.complexity.pile.pile_of": lambda: (PileSettings(n_points=12),),
    "experiments.convolution.receptive.receptive_fields": lambda: (
        [FieldLayer(3), FieldLayer(3, stride=2)],
    ),
    "experiments.convolution.samples._some": lambda: ("digits",),
    "experiments.convolution.samples.photograph": lambda: ("flower",),
    "experiments.convolution.shuffled.train_shuffled": lambda: (20, 1),
    "experiments.dropout.alpha.compare_alpha": lambda: (0.3, 3, 1, 2000),
    "experiments.dropout.batch_norm_shift.measure_shift": lambda: (
        *(0.4, "rectified", "dropout_first", 2),
        3,
    ),
    "experiments.dropout.channels._digits": tuple,
    "experiments.dropout.channels.drop_channels": lambda: ("image", 0.4, 3, 1),
    "experiments.dropout.channels.feature_maps": lambda: ("signal",),
    "experiments.dropout.masks.draw_mask": lambda: (SmallNetwork(6, 2, 0.4, 0.2), 3),
    "experiments.dropout.uncertainty.fit_curve": lambda: (CurveFit(n_steps=40, n_passes=20),),
    "experiments.dropout.variance.measure_variance": lambda: (0.4, 1.0, 1.0, 8, 5, 500),
    "experiments.initial_weights.depth.through_depth": lambda: (SIGNAL,),
    "experiments.initial_weights.race.race_lane": lambda: (experiment("digits"),),
    "experiments.initial_weights.symmetry.train_from": lambda: (
        *(InitializationSpec(name="constant"), "tanh", 6, "dropout"),
        40,
    ),
    "experiments.initial_weights.weights.draw_weights": lambda: (
        *(InitializationSpec(name="default"), "relu"),
        (24, 16, 3),
    ),
    "experiments.layer_statistics.layer_statistics": _networks_and_points,
    "experiments.mode_gap.measured.mode_gap": lambda: (_state(),),
    "experiments.mode_gap.measured.mode_gaps": lambda: ([_state().to_bytes()],),
    "experiments.nonlinearity.collapse.collapse": lambda: (4, 6, "relu", 2, 3),
    "experiments.nonlinearity.dead_unit.dead_units": lambda: (("relu", "tanh"), 0.1, 4.0, 5, 20),
    "experiments.nonlinearity.response.activation_curves": lambda: (("gelu", "prelu"),),
    "experiments.nonlinearity.xor.xor": lambda: (4, "tanh", 20),
    "experiments.normalization.dimensions.try_dimensions": lambda: ("BatchNorm2d", (2, 3, 4, 4)),
    "experiments.normalization.running.compare_modes": lambda: (BatchStream(), 1.0, 2.0),
    "experiments.normalization.running.follow_running": lambda: (BatchStream(n_steps=20),),
    "experiments.normalization.shifting.train_shifting": lambda: ("noisy", 0.5, 0.1, 12, 1),
    "experiments.normalization.surroundings.change_contrast": lambda: (1, 2.0),
    "experiments.normalization.surroundings.pad_neighbours": lambda: (2, 1),
    "experiments.normalization.trials.try_out": lambda: (Trial("dense", "batch", 0.01, 16, 8, 1),),
    "experiments.normalization.two_modes._trained": lambda: ("after", 0.3),
    "experiments.normalization.two_modes.ask_both_modes": lambda: ("after", 0.3, 8, 3, True, 1),
    "experiments.objectives.cross_entropy.cross_entropy_by_hand": lambda: (
        ((1.0, -2.0), (0.5, 0.2)),
        (0, 1),
    ),
    "experiments.objectives.curves.loss_curves": lambda: (("mse", "huber"), 0.5),
    "experiments.objectives.imbalance.imbalance": lambda: (0.1, 2.0, 3.0, 200, 1),
    "experiments.objectives.saturation.saturated_start": lambda: (-5.0, 0.5, 20),
    "experiments.overfitting.gallery.gallery_lane": lambda: (
        GalleryLane("input_noise", 1, n_seeds=2),
    ),
    "experiments.overfitting.training._drawn": lambda: (DataSpec(name="moons"),),
    "experiments.overfitting.training.train_lane": lambda: (
        OVERFITTING,
        lane_pieces_for(OVERFITTING)[0],
    ),
    "experiments.replicates.replicate_chunk": lambda: (DROPPING, (0, 3), 1),
    "experiments.seed_bands.seed_chunk": lambda: ((DROPPING, experiment()), (0, 1, 2), (3, 6)),
    "experiments.sequences.fading.clip": lambda: (0.9, 4, 8, False, 1.0),
    "experiments.sequences.fading.fade": lambda: (0.9, 4, 8, True),
    "experiments.sequences.memories.compare_memories": lambda: (8, 6, 12, 1.0, 1.0, 1),
    "experiments.sequences.tokens.place_tokens": lambda: (4, 4, 10, 1),
    "experiments.sequences.unrolled.read_one_row": lambda: ("gru", 4, 6, 5, 1),
    "experiments.signal_propagation.measured._draw": lambda: (SPARSE, 1.4, 12, 1001),
    "experiments.signal_propagation.measured.measure_jacobian": lambda: (SIGNAL,),
    "experiments.signal_propagation.measured.measure_signal": lambda: (SIGNAL,),
    "experiments.signal_propagation.moments._grid": lambda: (256,),
    "experiments.signal_propagation.theory.expected_signal": lambda: (SIGNAL,),
    "experiments.unit.measured.unit_seen": lambda: (_state(), AskedUnit("dense1", 3)),
    "experiments.update.inside.look_inside": lambda: (_state(), Looking()),
    "experiments.update.inside.look_or_refuse": lambda: (_state(), Looking()),
    "feed.screen._packed": lambda: (None, Frame({"step": 3}, [0, 3], []), ()),
    "runs.inquiry._standing": lambda: (Burst(Timeline.begin(DROPPING), None, 3, 5.0),),
    "spec.by_hand._settable": lambda: (DROPPING.layer_shapes[0],),
    "spec.shapes._layer_shapes": lambda: (DROPPING.network, Sample((2,)), (2,)),
    "training.snapshots._batch_sizes": lambda: (81, 20),
    "training.snapshots._grid": lambda: (DataSpec(name="moons", n_samples=60),),
    "training.snapshots._summary": lambda: (DataSpec(name="moons", n_samples=60),),
}
"""Arguments by the function's place in the package."""

NO_NUMBERS = (
    "catalog.calls.", "catalog.sources.", "ensemble.memory.", "feed.files.", "feed.pipelines.",
    "spec.fields.",
    "ui.exhibits.scene.", "ui.frame.", "ui.static_",
)  # fmt: skip
"""Where caches keep names, sources, files and what was done once."""
NOT_IMPORTED = "nnviz.ui.main"  # the script of a page


def place(function: Callable[..., Any]) -> str:
    """Where a function is defined, below nnviz."""
    function = inspect.unwrap(function)
    return f"{function.__module__}.{function.__qualname__}".removeprefix("nnviz.")


def members() -> Iterator[Any]:
    """Everything that a module of the package binds."""
    for found in pkgutil.walk_packages(nnviz.__path__, "nnviz."):
        if found.name != NOT_IMPORTED:
            yield from list(vars(importlib.import_module(found.name)).values())


@cache
def caches() -> list[Any]:
    """Every cached function of the package that keeps numbers, each wrapper once."""
    found = {id(each): each for each in members() if hasattr(each, "cache_parameters")}
    return [each for each in found.values() if not place(each).startswith(NO_NUMBERS)]


def clear_caches() -> None:
    """Forget all numbers that are kept, but for MNIST-1D, which takes seconds to make."""
    for cached in caches():
        if cached is not datasets._mnist1d_arrays:
            cached.cache_clear()


def measurements() -> dict[str, Callable[[], Any]]:
    """Every public function of the experiments that makes records of settings alone."""
    found = {}
    for each in members():
        function = inspect.unwrap(each) if callable(each) else each
        if inspect.isfunction(function) and _measures(function):
            found[place(function)] = function
    return {name: partial(called, function) for name, function in sorted(found.items())}


def called(function: Callable[..., Any]) -> Any:
    """What a function gives for its example; fails where there is none."""
    assert place(function) in EXAMPLES, f"add an example of {place(function)} to this table"
    return function(*EXAMPLES[place(function)]())


def _measures(function: Any) -> bool:
    if not function.__module__.startswith("nnviz.experiments.") or function.__name__[0] == "_":
        return False
    types = {name: str(kind) for name, kind in function.__annotations__.items()}
    made = types.pop("return", "")
    read = any("Record" in kind or kind.endswith(("Array", "Tensor'")) for kind in types.values())
    arrays = any(kind in ("ArrayLike", "Tensor") for kind in types.values())
    return "Record" in made and not read and (not arrays or "networks" in types)
