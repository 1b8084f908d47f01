"""What is seen now of an update, in one sentence a phase, from the numbers."""

from __future__ import annotations

from nnviz.experiments.update.looked import Looked
from nnviz.experiments.update.loss import Terms
from nnviz.experiments.update.naming import unit_name
from nnviz.experiments.update.records import Line, Phase
from nnviz.experiments.update.stepping import is_frozen
from nnviz.experiments.update.taken import Taken

_KINDS = {"weight": "weight", "bias": "bias", "gamma": "γ", "beta": "β", "slope": "slope α"}
_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop",
               "adagrad": "Adagrad"}  # fmt: skip


def short(value: float) -> str:
    """Three digits, with a real minus."""
    return f"{value:.3g}".replace("-", "−")


def told(
    taken: Taken, looked: Looked, terms: Terms, lines: dict[Phase, tuple[Line, ...]]
) -> dict[Phase, str]:
    """A sentence for each phase."""
    return {
        "forward": _forward(taken, looked, lines["forward"]),
        "loss": _loss(taken, looked, terms),
        "backward": _backward(taken, looked, lines["backward"]),
        "update": _update(taken, looked),
    }


def _who(taken: Taken, looked: Looked) -> str:
    return f"{looked.block.name} {unit_name(taken, looked.block.name, looked.unit)}"


def _batch(taken: Taken) -> str:
    return f"the {len(taken.x)} samples"


def _forward(taken: Taken, looked: Looked, lines: tuple[Line, ...]) -> str:
    z, out = lines[0], lines[-1]
    n = len(looked.own_weights)
    who = _who(taken, looked)
    if looked.sample is None:
        start = f"On average over {_batch(taken)} {who} sums {n} inputs to z = {short(z.value)}"
    else:
        of = f"Sample {looked.sample + 1} of {len(taken.x)}"
        start = f"{of}: {who} sums {n} inputs to z = {short(z.value)}"
    if out is z:
        return f"{start}: that is its answer."
    if abs(out.value) < 1e-12:
        return f"{start}, and gives 0 to the next layer: it is silent here."
    return f"{start}, and gives {short(out.value)} to the next layer."


def _loss(taken: Taken, looked: Looked, terms: Terms) -> str:
    n = len(terms.terms_B)
    whole = f"the loss of the batch is {short(taken.loss)}"
    wrong_B = terms.wrong_B
    if looked.sample is None:
        n_wrong = 0 if wrong_B is None else int(wrong_B.sum())
        wrong = "" if wrong_B is None else f"; {n_wrong} of {n} are answered wrongly"
        return f"{whole[0].upper()}{whole[1:]}{wrong}."
    own = short(float(terms.terms_B[looked.sample]))
    share = float(terms.terms_B[looked.sample] / terms.terms_B.sum().clamp(min=1e-30))
    much = f"{share:.0%} of the sum over {n} samples"
    output_C = taken.blocks[-1].output.detach()[looked.sample]
    if wrong_B is None or output_C.dim() > 1:
        return f"This sample's loss is {own}, {much}; {whole}."
    right, answer = int(taken.y[looked.sample]), int(output_C.argmax())
    named = unit_name(taken, "output", answer)
    so = (
        "which is right" if right == answer else f"but right is {unit_name(taken, 'output', right)}"
    )
    return f"The network answers {named}, {so}: this sample's loss is {own}, {much}; {whole}."


def _backward(taken: Taken, looked: Looked, lines: tuple[Line, ...]) -> str:
    who, delta = _who(taken, looked), looked.backward(looked.learned.result)
    slope = lines[-1]
    kind = _KINDS[looked.of]
    end = f"all samples together ask {slope.symbol} = {short(slope.value)} of the chosen {kind}."
    if looked.sample is None:
        return f"Back at z of {who} the batch leaves {short(delta)} in sum; {end}"
    if delta == 0:
        return f"Nothing comes back through {who} for this sample: it can't change it; {end}"
    way = "less" if delta > 0 else "more"
    return f"This sample wants {way} z at {who}: ∂L/∂z = {short(delta)}; {end}"


def _update(taken: Taken, looked: Looked) -> str:
    before = looked.number(taken.before, looked.of, looked.source)
    after = looked.number(taken.after, looked.of, looked.source)
    name = _OPTIMIZERS.get(taken.spec.training.optimizer.name, "The optimizer")
    n_moved, n = int((taken.before != taken.after).sum()), len(taken.before)
    moved = f"{n_moved:,} of {n:,} parameters move in this update."
    if is_frozen(taken, looked):
        return f"{looked.block.name} is frozen by hand: nothing of it moves; {moved}"
    if before == after:
        return f"{name} leaves this {_KINDS[looked.of]} at {short(before)}; {moved}"
    step = short(after - before)
    return f"{name} moves this {_KINDS[looked.of]} of {_who(taken, looked)} by {step}; {moved}"
