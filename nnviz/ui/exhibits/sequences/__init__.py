"""Recurrent networks: what they remember, step by step."""

from nnviz.ui.exhibits.sequences.fading import FADING
from nnviz.ui.exhibits.sequences.inside import INSIDE
from nnviz.ui.exhibits.sequences.memories import MEMORIES
from nnviz.ui.exhibits.sequences.tokens import TOKENS

EXHIBITS = (MEMORIES, INSIDE, FADING, TOKENS)

__all__ = ["EXHIBITS"]
