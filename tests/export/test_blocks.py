"""Every kind of block: the script's losses are nnviz's, update for update, to 1e-5."""

from __future__ import annotations

import pytest

from tests.blocks.cases import CASES
from tests.export.interpreter import Interpreter
from tests.export.losses import check


@pytest.mark.parametrize("case", CASES)
def test_with_every_kind_of_block(interpreter: Interpreter, case: str) -> None:
    check(interpreter, CASES[case], n_updates=30)
