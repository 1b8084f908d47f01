"""One training with early stopping as a script of its own."""

from __future__ import annotations

from nnviz.experiments.overfitting.settings import GapSettings
from nnviz.export import to_pytorch


def stopping_code(settings: GapSettings) -> str:
    """The experiment itself, update for update, stopped by patience on half of its test points."""
    script = to_pytorch(settings.asked)
    loss = "F.cross_entropy" if settings.asked.data.classes else "F.mse_loss"
    head, loop = script.split("print_every = ", 1)
    loop = loop.split("\n", 1)[1]
    loop = loop[: loop.index("    if (step + 1) % print_every == 0:")]
    first, rest = loop.split("\n", 1)
    look = _LOOK.format(
        evaluations=list(settings.checkpoints),
        loss=loss,
        min_delta=settings.min_delta,
        patience=settings.patience,
    )
    head = head.replace(" Run it with 1 to print them all.", "").replace("import sys\n", "")
    return f"{head}{look}{first}\n{_STOP}{rest}{_END}"


_STOP = """    if step in evaluations and has_waited(step):
        break
"""
_LOOK = """
evaluations = {evaluations}
half = max(1, len(test_x) // 2)  # these points decide, all others of the test points judge
best = {{"loss": math.inf, "step": 0, "test loss": math.nan, "waited": 0}}


def measured(x, y):
    network.eval()
    with torch.no_grad():
        found = {loss}(network(x), y).item()
    network.train()
    return found


def has_waited(step):
    \"\"\"Whether so many evaluations in a row were no better than the best before.\"\"\"
    found = measured(test_x[:half], test_y[:half])
    if found < best["loss"] - {min_delta}:
        best.update({{"loss": found, "step": step, "waited": 0}})
        best["test loss"] = measured(test_x[half:], test_y[half:])
        return False
    best["waited"] += 1
    return best["waited"] >= {patience}


"""
_END = """else:
    has_waited(n_updates)
print("stopped after", step + 1, "updates; keep the weights of", best)
"""
