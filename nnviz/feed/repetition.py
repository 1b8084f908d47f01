"""A comparison repeated with many seeds: how far it is, and what it says so far."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property

from nnviz.experiments.seed_bands import SeedBandsRecord, collect
from nnviz.experiments.verdict import verdict
from nnviz.experiments.verdict_records import VerdictRecord
from nnviz.feed.panels import Panel
from nnviz.feed.seed_panels import seed_panels
from nnviz.feed.view import Repeated
from nnviz.feed.wire import Json
from nnviz.records import QUALITY
from nnviz.runs import Sweep
from nnviz.spec import ComparisonSpec

_STOPPED = {
    "cancelled": "Cancelled; what had arrived is shown.",
    "failed": "Every part of the repetition failed.",
}


@dataclass(frozen=True, eq=False)
class _Found:
    n_results: int
    bands: SeedBandsRecord
    verdict: VerdictRecord
    comparison: ComparisonSpec

    @cached_property
    def panels(self) -> list[Panel]:
        names, base = self.comparison.names, self.comparison.base
        return seed_panels(self.bands, self.verdict, names, base)


class Repetition:
    """A sweep and what it repeats. The verdict is computed when something has arrived."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep, self.comparison = sweep, ComparisonSpec.from_code(sweep.about)
        self._lock = threading.Lock()
        self._found: _Found | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Repetition) and other.sweep is self.sweep

    def __hash__(self) -> int:
        return hash(self.sweep)

    @property
    def standing(self) -> tuple[str, int, bool]:
        """Changes whenever there is something else to draw."""
        return self.sweep.id, len(self.sweep.results), self.sweep.is_live

    def progress(self) -> Json:
        """How far the sweep is, and what went wrong."""
        sweep, left = self.sweep, self.sweep.seconds_left
        soon = "starting" if left is None else f"about {max(1, round(left))} s left"
        failures = [
            f"Part {number + 1} of {sweep.n_calls} failed: {text}"
            for number, text in sweep.failures.items()
        ]
        return {
            "is_live": sweep.is_live,
            "fraction": sweep.fraction,
            "told": f"{sweep.n_done} of {sweep.n_calls} parts done, {soon}",
            "troubles": [_STOPPED[sweep.status], *failures]
            if sweep.status in _STOPPED
            else failures,
        }

    @property
    def told(self) -> Repeated:
        """How many seeds, how far, and at the end how each pair of lanes stands."""
        found = self._judged()
        is_over = found is not None and not self.sweep.is_live
        n_seeds = len(found.bands.seeds) if found is not None else 0
        said = [] if found is None or not is_over else found.verdict.pairs
        names = self.comparison.names
        verdict = [f"{names[one.first]} – {names[one.second]}: {one.at_end}" for one in said]
        return Repeated(n_seeds, self.sweep.fraction, tuple(verdict))

    def panels(self) -> list[Panel]:
        """Bands and paired differences of what has arrived."""
        found = self._judged()
        return found.panels if found else []

    def words(self) -> list[str]:
        """The verdict at the end of the sweep: a sentence a pair, what it assumes, how."""
        found = self._judged()
        if found is None or self.sweep.is_live:
            return []
        bands, judged = found.bands, found.verdict
        seeds = f"{len(bands.seeds)} seeds: {', '.join(map(str, bands.seeds))}"
        compared = f"Test {QUALITY[bands.task]} and test loss, {seeds}; data: {bands.data}."
        sentences = [pair.sentence for pair in judged.pairs]
        return [*sentences, judged.assumption, f"{judged.method} {compared}"]

    def _judged(self) -> _Found | None:
        results = self.sweep.results
        if not results:
            return None
        with self._lock:
            if self._found is None or self._found.n_results != len(results):
                bands = collect(results)
                judged = verdict(bands, self.comparison.names)
                self._found = _Found(len(results), bands, judged, self.comparison)
            return self._found
