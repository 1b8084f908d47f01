"""Updates a second on every device of this machine, by width, depth or batch size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnviz.experiments.devices.here import devices_here
from nnviz.experiments.devices.records import Timed
from nnviz.experiments.devices.settings import SpeedSettings
from nnviz.experiments.devices.speeds import (
    SIZES,
    UNITS,
    Speeds,
    collected,
    crossings,
)
from nnviz.experiments.devices.update import timed_on
from nnviz.feed import Grip, Panel
from nnviz.figures.device_speeds import device_speeds
from nnviz.figures.layout import plain_number
from nnviz.runs.sweep import Call
from nnviz.ui.exhibits.devices.speed_code import experiment, speed_code
from nnviz.ui.exhibits.exhibit import Action, Exhibit
from nnviz.ui.exhibits.pieces import Pieces
from nnviz.ui.exhibits.words import full


def calls(settings: SpeedSettings, known: Sequence[tuple[Timed, ...]]) -> Sequence[Call]:
    """The sizes that are not back, every other one first."""
    there = {each[0].work for each in known}
    sizes = [work for work in (*settings.works[::2], *settings.works[1::2]) if work not in there]
    return [(timed_on, (devices_here(), work)) for work in sizes]


def picture(settings: SpeedSettings, shown: Speeds) -> Sequence[Panel]:
    """Lines of all devices, and a line to read them at."""
    sizes, (_, unit) = shown.sizes, UNITS[settings.axis]
    grip = Grip("size", x=float(settings.size), low=float(sizes[0]), high=float(sizes[-1]),
                step=1.0, label=f"{{}} {unit}", color="lane_2")  # fmt: skip
    return [
        Panel(
            "speed", f"Updates a second, by {UNITS[settings.axis][0]}", device_speeds(shown),
            "Median of up to nine repetitions, band between the quartiles.", 430, 12, short=330,
            grips=(grip,),
        )
    ]  # fmt: skip


def grasp(settings: SpeedSettings, sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The measured size that is nearest."""
    size = sent.get("size")
    if not isinstance(size, int | float) or isinstance(size, bool) or not size > 0:
        return {}
    nearest = min(SIZES[settings.axis], key=lambda each: abs(float(np.log(each / size))))
    return {settings.axis: nearest}


def numbers(settings: SpeedSettings, shown: Speeds) -> Mapping[str, str]:
    """Updates a second at the line, and what it costs to bring a batch to the GPU."""
    told = {}
    here = [one for device in shown.devices if (one := shown.at(device, settings.size))]
    for one in here:
        low, high = one.spread
        told[one.device.title] = f"{one.updates_a_second:,.0f} /s" + full(
            f" ({low:,.0f} to {high:,.0f})"
        )
    if here and here[-1].device.kind != "cpu":
        seconds = float(np.median(here[-1].copy_seconds_R))
        speed = here[-1].copied_bytes / max(seconds, 1e-9) / 1e6
        told["Copy of a batch to the GPU"] = f"{seconds * 1e6:,.0f} µs, {speed:,.0f} MB/s"
    return told


def notice(settings: SpeedSettings, shown: Speeds) -> str:
    """Which is fastest where, where one overtakes, and what else there is to know."""
    name = UNITS[settings.axis][0]
    back = f"{len({t.work for t in shown.timed})} of {len(shown.sizes)} sizes are back. "
    parts = [back if shown.n_missing else "", _fastest(shown, name), _overtaking(shown, name)]
    if all(device.kind == "cpu" for device in shown.devices):
        parts.append("There is **no GPU on this machine**; a small network would gain nothing by"
                     " one, since each operation must be sent there first.")  # fmt: skip
    parts.append("Trainings that run meanwhile take their share, and several threads suffer most"
                 " from it, since each waits for all.")  # fmt: skip
    return " ".join(filter(None, parts))


def _fastest(shown: Speeds, name: str) -> str:
    known = np.flatnonzero(np.isfinite(shown.median_DZ).all(axis=0))
    if len(shown.devices) < 2 or not known.size:
        return ""
    told = []
    for z in dict.fromkeys((int(known[0]), int(known[-1]))):
        first, second = np.argsort(shown.median_DZ[:, z])[::-1][:2]
        ratio = shown.median_DZ[first, z] / shown.median_DZ[second, z]
        is_apart = shown.low_DZ[first, z] > shown.high_DZ[second, z]
        times = plain_number(float(f"{ratio:.2g}"))
        how = f"{times} times as fast as" if is_apart else "not for sure faster than"
        told.append(f"at {name} {shown.sizes[z]:,} {shown.devices[first].title} is {how}"
                    f" {shown.devices[second].title}")  # fmt: skip
    sentence = "; ".join(told)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _overtaking(shown: Speeds, name: str) -> str:
    found = crossings(shown)
    if not found:
        return "" if shown.n_missing else "No device overtakes another for sure in this range."
    return " ".join(
        f"**{each.second.title}** overtakes {each.first.title} at {name} {each.size:,.3g}."
        for each in found
    )


def _question(settings: SpeedSettings) -> SpeedSettings:
    own = SpeedSettings.model_fields[settings.axis].default
    return settings.model_copy(update={settings.axis: own})


def _about(settings: SpeedSettings) -> str:
    n, seconds = len(settings.works), 0.7 * len(devices_here())
    return f"{n} sizes, one after the other, about {seconds:.0f} s each"


MEASURED: Pieces[SpeedSettings, Speeds] = Pieces(
    calls,
    lambda settings, known: collected(settings.axis, settings.works, known),
    _question,
    about=_about,
)

SPEED: Exhibit[SpeedSettings, Speeds] = Exhibit(
    name="speed",
    title="Updates a second",
    lead="The same updates on every device of this machine: look where the lines **cross**, and"
    " drag the line to read them.",
    settings=SpeedSettings,
    measure=MEASURED,
    picture=picture,
    notice=notice,
    code=lambda settings: speed_code(settings.work, devices_here()),
    source="A dense network of 64 inputs and 10 classes, plain SGD, random data; an update is"
    " forward, backward and step. 2·B·a·b operations a product of (B, a) by (a, b).",
    experiment=experiment,
    numbers=numbers,
    fields=lambda settings: ("axis", *SIZES),
    actions=lambda settings, shown: [
        Action("Measure again", {"again": (settings.again + 1) % 10_000}, ":material/refresh:")
    ],
    grasp=grasp,
)
