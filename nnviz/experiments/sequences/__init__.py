"""How recurrent networks remember: gradients through time, gates, fading, vectors of tokens."""

from nnviz.experiments.sequences.adding import (
    BASELINE,
    BATCH,
    RATE,
    Memory,
    adding_rows,
    new_memory,
    probe_loss,
    probe_rows,
    updates,
)
from nnviz.experiments.sequences.fading import clip, fade
from nnviz.experiments.sequences.memories import (
    CELL_NAMES,
    compare_memories,
    gradient_through_time,
)
from nnviz.experiments.sequences.records import (
    ClipRecord,
    FadingRecord,
    MemoriesRecord,
    MemoryRecord,
    TokensRecord,
    UnrolledRecord,
)
from nnviz.experiments.sequences.tokens import BATCH as TOKEN_BATCH
from nnviz.experiments.sequences.tokens import RATE as TOKEN_RATE
from nnviz.experiments.sequences.tokens import place_tokens
from nnviz.experiments.sequences.unrolled import read_one_row, unrolled

__all__ = [
    "BASELINE",
    "BATCH",
    "CELL_NAMES",
    "RATE",
    "TOKEN_BATCH",
    "TOKEN_RATE",
    "ClipRecord",
    "FadingRecord",
    "MemoriesRecord",
    "Memory",
    "MemoryRecord",
    "TokensRecord",
    "UnrolledRecord",
    "adding_rows",
    "clip",
    "compare_memories",
    "fade",
    "gradient_through_time",
    "new_memory",
    "place_tokens",
    "probe_loss",
    "probe_rows",
    "read_one_row",
    "unrolled",
    "updates",
]
