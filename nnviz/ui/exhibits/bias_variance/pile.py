"""Fits of one model to many training sets pile up: what they miss together, how far they part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnviz.experiments.complexity.pile import PileSettings, pile_of
from nnviz.experiments.complexity.pile_reading import pile_words
from nnviz.experiments.complexity.pile_record import DEGREES, MOST_SETS, PileRecord
from nnviz.feed import Grip, Panel
from nnviz.figures.fit_pile import fit_pile, stacked_parts, two_places
from nnviz.ui.charts import ChartClick
from nnviz.ui.exhibits.bias_variance.pile_code import PILE_CODE
from nnviz.ui.exhibits.bias_variance.trial import sine
from nnviz.ui.exhibits.exhibit import Action, Exhibit, Frame, Play
from nnviz.ui.exhibits.words import full

PLAYED = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, MOST_SETS)


def picture(settings: PileSettings, shown: PileRecord) -> Sequence[Panel]:
    """The fits so far, and beside them the errors or the answers at two places."""
    return _panels(settings, shown, settings.sets)


def _panels(s: PileSettings, shown: PileRecord, n_sets: int) -> list[Panel]:
    by_degree = s.beside == "by degree"
    places = [
        Grip(name, x=x, low=-1, high=1, step=0.02, label="{}")
        for name, x in (("left", s.left), ("right", s.right))
    ]
    degree = Grip("chosen_degree", x=s.chosen_degree, high=DEGREES[-1], step=1, label="degree {}")
    fits = Panel(
        "fits", f"Fits of degree {s.chosen_degree}",
        fit_pile(shown, s.chosen_degree, n_sets),
        "Each thin line was fitted to a training set of its own.",
        430, 6, short=320, grips=() if by_degree else places,
    )  # fmt: skip
    if by_degree:
        beside = Panel(
            "parts", "What they miss, by degree", stacked_parts(shown, s.chosen_degree, n_sets),
            "Means over x. Line: expected over the noise, in closed form, for all"
            f" {MOST_SETS} training sets.",
            430, 6, short=320, grips=(degree,),
        )  # fmt: skip
    else:
        beside = Panel(
            "places", "Their answers at two places x",
            two_places(shown, s.chosen_degree, n_sets, (s.left, s.right)),
            "Every dart is one fit, measured at the two lines beside; dotted: ¼, ½, ¾, 1 from the"
            " truth.", 430, 6, short=320,
        )  # fmt: skip
    return [fits, beside]


def _sets(n_sets: int) -> str:
    return f"{n_sets} training set{'' if n_sets == 1 else 's'}"


def frames(settings: PileSettings, shown: PileRecord) -> Sequence[Frame]:
    """From the first training set to all of them."""
    return [Frame(_sets(n), _panels(settings, shown, n)) for n in PLAYED]


def actions(settings: PileSettings, shown: PileRecord) -> Sequence[Action]:
    """One more, all, the first alone."""
    n, is_full = settings.sets, settings.sets == MOST_SETS
    return (
        Action("Next training set", {"sets": min(n + 1, MOST_SETS)}, ":material/add:",
               shortcut="n", disabled=is_full, primary=True),
        Action(f"All {MOST_SETS}", {"sets": MOST_SETS}, ":material/stacks:", disabled=is_full),
        Action("The first", {"sets": 1}, ":material/first_page:", disabled=n == 1),
    )  # fmt: skip


def numbers(settings: PileSettings, shown: PileRecord) -> Mapping[str, str]:
    """The parts of the risk at the chosen degree."""
    n = settings.sets
    if n < 2:
        told = {"bias² + variance": f"{shown.missed(settings.chosen_degree, 1):.3f}"}
        return told | {"noise σ²": f"{shown.noise:.3f}", "training sets": "1"}
    found, told = shown.parts(settings.chosen_degree, n), {}
    for label, name in (("bias²", "bias_squared"), ("variance", "variance"), ("risk", "risk")):
        low, high = getattr(found, f"{name}_low"), getattr(found, f"{name}_high")
        ends = full(f" [{low:.3f}, {high:.3f}]") if np.isfinite([low, high]).all() else ""
        told[label] = f"{getattr(found, name):.3f}{ends}"
    return {
        "bias²": told["bias²"], "+ variance": told["variance"], "+ noise σ²": f"{shown.noise:.3f}",
        "= risk": told["risk"], "training sets": f"{n}",
    }  # fmt: skip


def click(settings: PileSettings, at: ChartClick) -> Mapping[str, Any]:
    """A click on a bar chooses its degree."""
    is_degree = at.panel == "parts" and isinstance(at.x, int | float)
    return {"chosen_degree": round(at.x)} if is_degree else {}


PILE = Exhibit(
    name="pile",
    title="Fit by fit",
    lead="The same polynomial is fitted again and again, each time to a **fresh training set** of"
    " the same sine: see what all fits miss together, and how far they scatter around their mean.",
    settings=PileSettings,
    measure=pile_of,
    picture=picture,
    notice=pile_words,
    code=lambda s: PILE_CODE.format(
        sets=max(s.sets, 2),
        n=s.n_points,
        sigma=s.sigma,
        seed=s.draw,
        most=DEGREES[-1],
        designs="sets" if s.inputs == "fresh" else "1",
    ),
    source="Geman, Bienenstock & Doursat 1992; Bishop 2006, §3.2. Intervals: jackknife (Efron &"
    " Stein 1981).",
    experiment=lambda s: sine(s.n_points, s.sigma),
    numbers=numbers,
    fields=lambda s: ("chosen_degree", "beside", "n_points", "sigma", "inputs", "draw"),
    more=("inputs", "draw"),
    actions=actions,
    play=Play(frames, "Play: fits pile up", 8.0),
    click=click,
)
