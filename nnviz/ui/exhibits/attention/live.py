"""A small encoder that learns to say digits backwards, live."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nnviz.base import Spec
from nnviz.export import to_pytorch
from nnviz.feed import Asked
from nnviz.spec import ExperimentSpec
from nnviz.ui.exhibits.exhibit import Exhibit
from nnviz.ui.live.watched import watched

VIEWS = ("attention", "accuracy")
"""What of the training is shown."""
N_STEPS = 300


def learning(
    task: str = "reversal",
    positions: bool = True,
    layers: int = 1,
    heads: int = 2,
    norm_first: bool = False,
    width: int = 32,
) -> ExperimentSpec:
    """A small encoder for digits in a row."""
    placed = [{"kind": "positions"}] if positions else []
    encoder = {"kind": "encoder", "heads": heads, "feedforward": 2 * width, "layers": layers}
    blocks = [
        {"kind": "embedding", "width": width},
        *placed,
        {**encoder, "norm_first": norm_first},
    ]
    document = {
        "data": {"name": task, "n_samples": 2000},
        "network": {"blocks": blocks},
        "training": {
            "optimizer": {"name": "adam", "learning_rate": 0.005},
            "batch_size": 64,
            "n_steps": N_STEPS,
        },
    }
    return ExperimentSpec.model_validate(document)


class LiveSettings(Spec):
    """What the encoder is made of, and what it learns."""

    task: Literal["reversal", "sorting"] = Field(
        "reversal", title="To learn", description="Say digits backwards, or put them in order."
    )
    positions: bool = Field(
        True, title="Positions", description="Sinusoids that tell where each digit stands."
    )
    layers: Annotated[int, Field(ge=1, le=3)] = Field(1, title="Layers")
    heads: Literal[1, 2, 4] = Field(2, title="Heads")
    norm_first: bool = Field(False, title="Normalization first")


def experiment(settings: LiveSettings) -> ExperimentSpec:
    """The training that is watched."""
    s = settings
    return learning(s.task, s.positions, s.layers, s.heads, s.norm_first)


def watch(settings: LiveSettings, measured: ExperimentSpec) -> None:
    """The stage, playing by itself."""
    watched("attention.live", [measured], asked=Asked(names=VIEWS), starts=True)


def notice(settings: LiveSettings, measured: ExperimentSpec) -> str:
    """What positions make possible."""
    if settings.task == "reversal" and settings.positions:
        return (
            "To say digits backwards each place must look at its mirror image: the maps turn to the"
            " **other diagonal** while the accuracy rises. Take the positions away: it stays near"
            " 31 %, since no place can be told from another."
        )
    if settings.task == "reversal":
        return (
            "Without positions every place sees the same bag of digits and its own digit: there is"
            " no telling which of them is the mirrored one, and the accuracy stays near 31 %."
        )
    told = "with positions each place can tell which rank it has to answer"
    if not settings.positions:
        told = "without positions a place can't tell which rank it has to answer"
    return f"To put digits in order a place must count those that are smaller; {told}."


LIVE = Exhibit(
    name="live",
    title="Live",
    lead="A small encoder learns live, answering one digit at each place. **Watch the accuracy**"
    " rise when each place has found its digit to look at: rows of the maps are places, columns"
    " what they look at.",
    settings=LiveSettings,
    measure=experiment,
    picture=lambda settings, measured: (),
    notice=notice,
    code=lambda settings: to_pytorch(experiment(settings)),
    source="Vaswani et al. 2017; the reversal task as in Graves et al. 2014.",
    experiment=experiment,
    watch=watch,
)
