"""Random specs that are valid or refused for a stated reason, for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from nnviz.catalog.activations import ACTIVATIONS
from nnviz.catalog.datasets import DATASETS
from nnviz.catalog.dropouts import DROPOUT_KINDS
from nnviz.catalog.initializers import INITIALIZERS
from nnviz.catalog.losses import LOSSES
from nnviz.catalog.normalizations import NORMALIZATIONS
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.spec import ExperimentSpec

SMALL_SETS = ("spirals", "gaussians", "xor", "sinusoid", "polynomial", "iris", "wine", "diabetes")


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def initializations() -> st.SearchStrategy[dict[str, Any]]:
    plain = st.sampled_from(sorted(INITIALIZERS)).map(lambda name: {"name": name})
    gained = st.fixed_dictionaries(
        {"name": st.sampled_from(("xavier_normal", "kaiming_uniform", "orthogonal"))},
        optional={"gain": st.floats(0, 3), "bias": st.floats(-1, 1)},
    )
    return plain | gained


def learned_fields() -> dict[str, st.SearchStrategy[Any]]:
    return {
        "activation": optional(st.sampled_from(sorted(ACTIVATIONS))),
        "normalization": optional(st.sampled_from(sorted(NORMALIZATIONS))),
        "placement": optional(st.sampled_from(("before", "after"))),
        "groups": optional(st.integers(1, 4)),
        "momentum": optional(st.floats(0.01, 1) | st.just("cumulative")),
        "track_running_stats": optional(st.booleans()),
        "dropout": optional(st.floats(0, 0.9)),
        "dropout_kind": optional(st.sampled_from(sorted(DROPOUT_KINDS))),
        "initialization": optional(initializations()),
    }


def dense_blocks(max_width: int = 12) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"kind": st.just("dense"), "width": st.integers(1, max_width)}, optional=learned_fields()
    )


def space_blocks() -> st.SearchStrategy[dict[str, Any]]:
    convolution = st.fixed_dictionaries(
        {"kind": st.just("convolution"), "channels": st.integers(1, 6)},
        optional={
            **learned_fields(),
            "kernel_size": st.integers(1, 5),
            "stride": st.integers(1, 3),
            "padding": st.sampled_from(("same", "valid")),
        },
    )
    pool = st.fixed_dictionaries(
        {
            "kind": st.just("pool"),
            "method": st.sampled_from(("max", "average", "global_average")),
            "size": st.integers(2, 3),
        }
    )
    return convolution | pool


def networks(space: bool = False, max_blocks: int = 4) -> st.SearchStrategy[dict[str, Any]]:
    flat = st.lists(dense_blocks() | st.just({"kind": "flatten"}), max_size=max_blocks)
    blocks = flat
    if space:
        blocks = st.tuples(st.lists(space_blocks(), max_size=3), flat).map(
            lambda two: [*two[0], *two[1]]
        )
    fields = learned_fields()
    defaults = {name: each.filter(lambda value: value is not None) for name, each in fields.items()}
    return st.fixed_dictionaries({"blocks": blocks}, optional=defaults)


def trainings() -> st.SearchStrategy[dict[str, Any]]:
    optimizer = st.fixed_dictionaries(
        {"name": st.sampled_from(sorted(OPTIMIZERS))},
        optional={"learning_rate": st.floats(1e-4, 1), "weight_decay": st.floats(0, 0.1)},
    )
    schedule = st.fixed_dictionaries({"name": st.sampled_from(sorted(SCHEDULES))})
    return st.fixed_dictionaries(
        {},
        optional={
            "loss": st.sampled_from(sorted(LOSSES)),
            "optimizer": optimizer,
            "schedule": schedule,
            "batch_size": st.integers(1, 64),
            "n_steps": st.integers(1, 2000),
            "l1": st.floats(0, 0.1),
            "seed": st.integers(0, 2**31 - 1),
        },
    )


def token_networks(per_position: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Networks that read rows of tokens, and answer once or at each place."""
    embedding = {"kind": "embedding", "width": 8}
    encoder = [{"kind": "positions"}, {"kind": "encoder", "heads": 2, "feedforward": 8}]
    cell = {"kind": "recurrent", "cell": "gru", "width": 6, "bidirectional": True}
    read = [encoder, [{**cell, "output": "all"}]]
    if not per_position:
        read += [[{**cell, "output": "last"}], [*encoder, {"kind": "dense", "width": 5}]]
    return st.sampled_from([{"blocks": [embedding, *blocks]} for blocks in read])


def data(names: tuple[str, ...] = tuple(DATASETS)) -> st.SearchStrategy[dict[str, Any]]:
    rows = tuple(name for name in names if DATASETS[name].length is not None)
    others = tuple(name for name in names if name not in rows)
    kinds = [_data(others)] * bool(others) + [_data(rows, long_rows=True)] * bool(rows)
    return st.one_of(kinds)


def _data(names: tuple[str, ...], long_rows: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    even = st.integers(2, 8).map(lambda half: 2 * half)
    return st.fixed_dictionaries(
        {"name": st.sampled_from(names), **({"length": optional(even)} if long_rows else {})},
        optional={
            "n_samples": optional(st.integers(20, 150)),
            **({} if long_rows else {"noise": optional(st.floats(0, 1))}),
            **({} if long_rows else {"n_classes": optional(st.integers(2, 5))}),
            **({} if long_rows else {"label_noise": st.floats(0, 0.9)}),
            "test_fraction": st.floats(0.05, 0.9),
            "scaling": st.sampled_from(("standard", "minmax", "none")),
            "seed": st.integers(0, 9),
        },
    )


@st.composite
def experiments(
    draw: st.DrawFn, names: tuple[str, ...] = tuple(DATASETS), max_blocks: int = 4
) -> ExperimentSpec:
    """A valid spec: documents whose parts do not fit each other are thrown away."""
    chosen = draw(data(names))
    space = chosen["name"] in ("digits", "mnist1d") and draw(st.booleans())
    entry = DATASETS[chosen["name"]]
    reads_tokens = bool(entry.token_names)
    network = token_networks(entry.per_position) if reads_tokens else networks(space, max_blocks)
    document = {
        "data": chosen,
        "network": draw(network),
        "training": draw(trainings()),
    }
    try:
        return ExperimentSpec.model_validate(document)
    except ValidationError:
        assume(False)
        raise
