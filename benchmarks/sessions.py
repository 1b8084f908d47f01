"""How a class fares on one server: readers without browsers, beside one of them alone.

Run it with `python -m benchmarks.classroom --sessions 30 --seconds 60`. All clients share this
process, so that the server's processor time is its own. With `--one-training` all readers watch
equal trainings at the pace "20 s", and press Train again at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import psutil

from benchmarks.live_page import served
from benchmarks.reader import Noted, Reader

JOIN_SECONDS, SETTLE_SECONDS, WARM_SECONDS = 5.0, 5.0, 3.0


@dataclass(frozen=True)
class Found:
    """What readers noted in `seconds`, and what it cost: shares of a core, bytes of memory."""

    readers: Sequence[Reader]
    began: float
    seconds: float
    server: float
    clients: float
    memory: int

    def within(self, noted: Noted) -> Noted:
        """What was noted in the time that counts."""
        return [each for each in noted if 0 <= each[0] - self.began <= self.seconds]

    def all(self, name: str) -> list[float]:
        """One list of all readers' `reruns`, `pings` or `sizes`."""
        return [what for one in self.readers for _, what in self.within(getattr(one, name))]

    def each(self, name: str) -> list[float]:
        """One number a reader, where it is known."""
        found = [getattr(one, name) for one in self.readers]
        return [value for value in found if value == value]

    @property
    def gaps(self) -> list[float]:
        """Seconds between newer and newer data; what is still awaited counts if it is longer."""
        gaps: list[float] = []
        for reader in self.readers:
            times = [when for when, _ in self.within(reader.steps)]
            own = list(np.diff(times))
            last = self.began + self.seconds - max(times, default=self.began)
            gaps += [*own, last] if last > max(own, default=0.0) else own
        return gaps

    @property
    def rates(self) -> list[float]:
        """Updates a second that each reader saw; 0 where nothing came."""
        seen = [self.within(one.steps) for one in self.readers]
        return [(s[-1][1] - s[0][1]) / (s[-1][0] - s[0][0]) if len(s) > 1 else 0.0 for s in seen]

    @property
    def errors(self) -> list[str]:
        """Everything that went wrong, at any time."""
        return [error for one in self.readers for error in one.errors]


@dataclass(frozen=True)
class Measure:
    """A line of the table: values of a measurement, beside one reader alone, and the aim.

    The aim is for the 95th percentile of a class of 30, and of a larger one; `of` says whether it
    holds for readers of their "own" trainings, of "one", or for all.
    """

    title: str
    values: Callable[[Found, Found], Sequence[float]]
    aims: tuple[float, float] | None = None
    of: str = "all"
    is_least: bool = False

    def line(self, found: Found, alone: Found, of: str) -> str:
        """Median and 95th percentile, alone and of all."""
        ranks = (0.5, 0.05 if self.is_least else 0.95)
        columns, text = [], f"{self.title:36}"
        for one in (alone, found):
            values = self.values(one, alone) or [float("nan")]
            columns = [float(value) for value in np.quantile(values, ranks)]
            told = [f"{value:,.{0 if value >= 100 else 2}f}" for value in columns]
            text += f"{told[0]:>11}{told[1] if len(values) > 1 else '':>11}"
        if self.aims is None or self.of not in ("all", of):
            return text
        aim = self.aims[len(found.readers) > 30]
        is_met = columns[1] >= aim if self.is_least else columns[1] <= aim
        return f"{text}  {'>=' if self.is_least else '<='} {aim:g}{'' if is_met else '  MISSED'}"


def _milliseconds(seconds: Iterable[float]) -> list[float]:
    return [1e3 * each for each in seconds]


MEASURES = (
    Measure("script rerun, ms", lambda f, _: _milliseconds(f.all("reruns")), (300, 600)),
    Measure("time to new data, ms", lambda f, _: _milliseconds(f.gaps), (1000, 2000)),
    Measure("ping on the feed, ms", lambda f, _: _milliseconds(f.all("pings")), (50, 50)),
    Measure("click to first point, ms", lambda f, _: _milliseconds(f.each("first")), (2000, 2000)),
    Measure("page opens, ms", lambda f, _: _milliseconds(f.each("opened"))),
    Measure("updates/s, each", lambda f, _: f.rates),
    Measure("updates/s, all over one alone",
            lambda f, alone: [sum(f.rates) / max(sum(alone.rates), 1)],
            (0.8, 0.8), "own", is_least=True),
    Measure("slowest over fastest", lambda f, _: [min(f.rates) / max(*f.rates, 1)],
            (0.7, 0.7), is_least=True),
    Measure("server, cores", lambda f, _: [f.server], (0.3, 0.3), "own"),
    Measure("server, over one alone", lambda f, alone: [f.server / alone.server], (2, 2), "one"),
    Measure("all clients, cores", lambda f, _: [f.clients]),
    Measure("memory, MB a session", lambda f, _: [f.memory / len(f.readers) / 2**20], (3, 3)),
    Measure("bytes a message", lambda f, _: f.all("sizes")),
    Measure("messages/s, each", lambda f, _: [len(f.all("sizes")) / f.seconds / len(f.readers)]),
    Measure("kB/s, each", lambda f, _: [sum(f.all("sizes")) / f.seconds / len(f.readers) / 1e3]),
    Measure("errors", lambda f, _: [len(f.errors)], (0, 0)),
)  # fmt: skip


async def measure(url: str, seeds: Collection[int], seconds: float, is_lesson: bool) -> Found:
    """Readers of these trainings, who come one after another, for `seconds` with all there."""
    children = psutil.Process().children()
    server = next(child for child in children if "streamlit" in child.cmdline())
    both, memory = (server, psutil.Process()), server.memory_info().rss
    readers = [Reader(url, seed, is_lesson) for seed in seeds]
    tasks = [
        asyncio.create_task(reader.attend(JOIN_SECONDS * number / len(readers)))
        for number, reader in enumerate(readers)
    ]
    await asyncio.sleep(JOIN_SECONDS + SETTLE_SECONDS)
    before, began = [_taken(one) for one in both], time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    cores = [(_taken(one) - old) / took for one, old in zip(both, before, strict=True)]
    memory = server.memory_info().rss - memory
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
    for reader in readers:
        if not reader.steps:
            reader.errors.append("no new data came")
    return Found(readers, began, took, cores[0], cores[1], memory)


def _taken(process: psutil.Process) -> float:
    """Processor time, without that of its children."""
    times = process.cpu_times()
    return times.user + times.system


async def compare(url: str, n_sessions: int, seconds: float, is_lesson: bool) -> list[str]:
    """The table of one reader alone and of all."""
    await measure(url, [1], WARM_SECONDS, is_lesson)
    alone = await measure(url, [2], seconds / 3, is_lesson)
    seeds = [3] * n_sessions if is_lesson else range(3, 3 + n_sessions)
    found = await measure(url, seeds, seconds, is_lesson)
    head = [f"{'':36}{'one alone':>22}{f'{n_sessions} readers':>22}"]
    head.append(f"{'':36}" + f"{'median':>11}{'p95':>11}" * 2 + "  aim")
    lines = [one.line(found, alone, "one" if is_lesson else "own") for one in MEASURES]
    return head + lines + [f"  {error}" for error in sorted({*alone.errors, *found.errors})]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--one-training", action="store_true")
    asked = parser.parse_args()
    with served("app.py") as url:
        lines = asyncio.run(compare(url, asked.sessions, asked.seconds, asked.one_training))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
