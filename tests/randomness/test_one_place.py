"""Only nnviz/randomness.py seeds, and nothing is drawn from a generator that is everybody's."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from nnviz import randomness
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.experiments.dropout.uncertainty import CurveFit, fit_curve
from tests.randomness.digests import states
from tests.randomness.examples import clear_caches, measurements
from tests.randomness.test_at_once import SPECS, advanced, network_cases, replicated

ROOT = Path(__file__).parents[2]
SEEDS = {
    "manual_seed", "manual_seed_all", "seed", "seed_all", "set_state", "set_rng_state", "setstate",
    "set_offset", "fork_rng", "default_rng", "RandomState", "SeedSequence", "Generator",
}  # fmt: skip
DRAWS = {
    "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "normal",
    "bernoulli", "multinomial", "poisson", "bernoulli_", "normal_", "uniform_", "random_",
    "exponential_", "log_normal_", "cauchy_", "geometric_", "trunc_normal_", "xavier_uniform_",
    "xavier_normal_", "kaiming_uniform_", "kaiming_normal_", "orthogonal_",
}  # fmt: skip
TORCH = {"torch", "init", "nn"}
SILENT = "_scaled_dot_product_flash_attention_for_cpu"
"""Is tagged as drawing, for its dropout, which must be 0 on a CPU."""


def _calls(source: str) -> list[str]:
    """The calls that seed, and torch's draws without a generator, each with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, owner = node.func.attr, ast.unparse(node.func.value)
        of_numpy = "rng" in owner or owner.split(".")[0] in ("np", "numpy_generator")
        draws = (
            name in DRAWS and not of_numpy and not any(k.arg == "generator" for k in node.keywords)
        )
        if name in SEEDS or draws:
            found.append(f"{node.lineno}: {owner}.{name}")
    return found


def test_no_other_file_seeds_or_draws_without_a_generator_of_its_own():
    files = [*ROOT.glob("nnviz/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"]
    found = {
        str(file.relative_to(ROOT)): calls
        for file in files
        if file.name != "randomness.py" and (calls := _calls(file.read_text("utf-8")))
    }
    assert len(files) > 300
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "torch.Generator().manual_seed(3)",
        "generator.manual_seed(3)",
        "torch.randn(3, 4)",
        "nn.init.normal_(weight)",
        "np.random.default_rng(0)",
        "torch.empty(3).bernoulli_(0.5)",
    ],
)
def test_the_syntax_tree_shows_what_the_linter_misses(source):
    assert _calls(source)


class Draws(TorchDispatchMode):
    """Hears what draws from a global generator while its lock is not held."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: set[str] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        own = any(isinstance(each, torch.Generator) for each in (*args, *named.values()))
        draws = torch.Tag.nondeterministic_seeded in func.tags and SILENT not in str(func)
        if draws and not own and not randomness._TORCH._is_owned():
            self.heard.add(str(func))
        return func(*args, **named)


def _heard(case: Any) -> tuple[set[str], bool]:
    clear_caches()
    before = states()
    with Draws() as draws:
        case()
    return draws.heard, states() == before


def test_a_draw_from_everybodys_generator_is_heard():
    with torch.random.fork_rng(devices=[]):
        assert _heard(lambda: nn.Linear(2, 3))[0]
        assert _heard(lambda: nn.Dropout()(torch.ones(3)))[0]
        assert _heard(lambda: torch.rand(3)) == ({"aten.rand.default"}, False)


@pytest.mark.parametrize("name", measurements())
def test_measurements_draw_from_their_own_generators(name):
    assert _heard(measurements()[name]) == (set(), True)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("learn", [advanced, replicated])
def test_trainings_draw_from_their_own_generators(name, learn):
    assert _heard(lambda: learn(SPECS[name])) == (set(), True)


def test_networks_draw_from_their_own_generators():
    for case, _ in zip(network_cases(), range(2 * len(INITIALIZERS)), strict=False):
        assert _heard(case) == (set(), True)


def test_a_lab_that_trains_does_not_hold_the_lock(monkeypatch):
    """Its masks are drawn explicitly, one draw after another."""
    taken = []
    monkeypatch.setattr(randomness, "_TORCH", _Counted(taken))
    fit_curve(CurveFit(n_steps=30, n_passes=5))
    assert taken == []


class _Counted:
    def __init__(self, taken: list[bool]) -> None:
        self.taken = taken

    def __enter__(self) -> None:
        self.taken.append(True)

    def __exit__(self, *error: object) -> None: ...
