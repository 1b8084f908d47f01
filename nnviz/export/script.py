"""The whole script: what it is, what it imports, the functions it needs, then step by step."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable

from nnviz.catalog.sources import Definitions
from nnviz.export.data import data_lines
from nnviz.export.network import network_lines
from nnviz.export.training import training_lines
from nnviz.seeds import derived_seed
from nnviz.spec import ExperimentSpec

_ABOUT = '''\
"""{data} by a network of {n:,} parameters: a training of nnviz in plain PyTorch.

Data, initial weights, batches{masks} come from the same seeds as in nnviz:
on a CPU the losses are its own, update for update, to rounding. Run it with 1 to print them all.
"""'''
_IMPORTS = (
    "import sys",
    "import numpy as np",
    "import torch",
    "import torch.nn.functional as F",
    "from torch import nn",
)


def to_pytorch(spec: ExperimentSpec) -> str:
    """A script that runs where torch, NumPy and the data's package are installed.

    Raises TypeError where something of the spec has no source of its own.
    """
    needed = Definitions()
    needed.add(derived_seed)
    parts = [make(spec, needed) for make in (data_lines, network_lines, training_lines)]
    body = "\n\n\n".join([*needed.texts.values(), "\n\n".join("\n".join(p) for p in parts)])
    imports = _imported((*needed.imports, *_IMPORTS), body)
    return f"{_about(spec)}\n\n{imports}\n\n\n{body}\n"


def _about(spec: ExperimentSpec) -> str:
    settings = [layer.settings for layer in spec.layer_shapes]
    masks = " and dropout masks" if any(own and own.dropout for own in settings) else ""
    data = spec.data.name.replace("_", " ").capitalize()
    return _ABOUT.format(data=data, n=spec.n_parameters, masks=masks)


def _imported(statements: Iterable[str], body: str) -> str:
    """Those imports whose name the body uses, the standard library's first."""
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    ours = [s for s in dict.fromkeys(statements) if s.split()[-1] in used]
    ours.sort(key=lambda statement: (statement.startswith("from"), statement))
    groups: tuple[list[str], list[str]] = [], []
    for statement in ours:
        package = statement.split()[1].partition(".")[0]
        groups[package not in sys.stdlib_module_names].append(statement)
    return "\n\n".join("\n".join(group) for group in groups if group)
