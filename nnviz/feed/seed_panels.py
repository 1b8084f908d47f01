"""The charts of a repetition: a band a lane, and the paired differences of every two lanes."""

from __future__ import annotations

from collections.abc import Sequence

from nnviz.experiments.seed_bands import Metric, SeedBandsRecord
from nnviz.experiments.seed_records import metric_name
from nnviz.experiments.verdict_records import VerdictRecord
from nnviz.feed.panels import Panel
from nnviz.figures import paired_difference, seed_bands
from nnviz.records import QUALITY
from nnviz.spec import ExperimentSpec

METRICS: tuple[Metric, ...] = ("test_accuracy", "test_loss")
BAND_HELP = "Line: mean over the seeds. Band: from the lowest to the highest seed."
PAIR_HELP = (
    "Seed by seed, the mean difference and its simultaneous interval; a star marks what seed noise"
    " does not explain."
)


def seed_panels(
    bands: SeedBandsRecord, found: VerdictRecord, names: Sequence[str], spec: ExperimentSpec
) -> list[Panel]:
    """Test accuracy (or R²) and test loss of all lanes, then of each pair."""
    return [*_bands(bands, names, spec), *_pairs(bands, found, names, spec)]


def _bands(bands: SeedBandsRecord, names: Sequence[str], spec: ExperimentSpec) -> list[Panel]:
    panels = []
    for metric in METRICS:
        quantity, unit = _named(metric, spec)
        found = bands.band(metric)
        band_LT = found.mean_LT, found.low_LT, found.high_LT
        figure = seed_bands(bands.checkpoints, band_LT, names, quantity, unit)
        title = f"{quantity[0].upper()}{quantity[1:]}, {len(bands.seeds)} seeds"
        panels.append(Panel(f"band.{metric}", title, figure, BAND_HELP, 280, 6))
    return panels


def _pairs(
    bands: SeedBandsRecord, found: VerdictRecord, names: Sequence[str], spec: ExperimentSpec
) -> list[Panel]:
    panels = []
    for pair in found.pairs:
        for metric, difference in pair.differences.items():
            quantity, unit = _named(metric, spec)
            difference_T = difference.mean_T, difference.low_T, difference.high_T
            figure = paired_difference(
                bands.checkpoints, difference_T, difference.ahead_T != 0, quantity, unit
            )
            title = f"{quantity}: {names[pair.first]} minus {names[pair.second]}"
            place = f"pair.{pair.first}.{pair.second}.{metric}"
            panels.append(Panel(place, title, figure, PAIR_HELP, 220, 6))
    return panels


def _named(metric: Metric, spec: ExperimentSpec) -> tuple[str, str]:
    task = spec.data.entry.task
    name = metric_name(metric, task)
    if metric.endswith("loss"):
        return name, "nats" if spec.training.loss == "cross_entropy" else "loss"
    return name, {"accuracy": "share correct", "R²": "1 = perfect"}[QUALITY[task]]
