"""The script's training: optimizer, schedule, loss, and the loop over batches."""

from __future__ import annotations

from nnviz.catalog.calls import Call, Variable, written
from nnviz.catalog.losses import LOSSES, LossOptions
from nnviz.catalog.optimizers import OPTIMIZERS
from nnviz.catalog.schedules import SCHEDULES
from nnviz.catalog.sources import Definitions
from nnviz.export.by_hand import HOLD, PUT_BACK, freezes
from nnviz.export.lines import fitted
from nnviz.spec import ExperimentSpec
from nnviz.spec.batches import batch_bounds

_L1 = "sum(p.abs().sum() for p in network.parameters() if p.dim() > 1)"
_TITLE = """\
# Training, on one thread: small networks are faster so, and sums have one order
torch.set_num_threads(1)"""
_ONE_VECTOR = """\
# All parameters lie in one vector and all gradients in another: an update is one operation
weights = nn.Parameter(nn.utils.parameters_to_vector(network.parameters()).detach())
weights.grad = torch.zeros_like(weights)
lengths = [p.numel() for p in network.parameters()]
pieces = zip(network.parameters(), weights.data.split(lengths), weights.grad.split(lengths))
for parameter, values, slopes in pieces:
    parameter.data, parameter.grad = values.view_as(parameter), slopes.view_as(parameter)
"""
_LOOP = """\
n_updates = {n_steps}
sizes = {sizes}
print_every = int(sys.argv[1]) if len(sys.argv) > 1 else max(1, n_updates // 20)
for step in range(n_updates):
    epoch, place = divmod(step, {n_batches})
    if place == 0:  # a new epoch: all points in another order
        torch_rng = torch.Generator().manual_seed(derived_seed(seed, "epoch", epoch))
        order = torch.randperm({n_train}, generator=torch_rng)
        batches = [*zip(train_x[order].split(sizes), {targets}[order].split(sizes))]
    inputs, targets = batches[place]{by_hand}
    output = network(inputs)
    loss = {loss}
    if not torch.isfinite(loss):
        print(f"{{step + 1:6d}}  the loss is not finite: this training has diverged")
        break
    optimizer.zero_grad(set_to_none=False)
    {penalty}{objective}.backward()
    {hold}{clipping}optimizer.step(){put_back}{schedule}
    if (step + 1) % print_every == 0:
        network.eval()
        with torch.no_grad():
            answer = network(test_x)
        network.train()
        {score}
        print(f"{{step + 1:6d}}  loss {{loss.item():.7f}}  test {score_name} {{score:.3f}}")"""
_ACCURACY = "score = (answer.argmax(dim=1) == test_y).float().mean()"
_R_SQUARED = (
    "score = 1 - (answer - test_y).square().sum() / (test_y - test_y.mean()).square().sum()"
)


def training_lines(spec: ExperimentSpec, needed: Definitions) -> list[str]:
    """Prints the loss of the batch and the score on the test points on the way."""
    is_class = bool(spec.data.classes)
    schedule = _schedule(spec, needed)
    loop = _LOOP.format(
        n_steps=spec.training.n_steps,
        n_train=spec.data.n_train,
        n_batches=len(batch_bounds(spec.data.n_train, spec.training.batch_size)),
        sizes=_sizes(spec),
        targets="one_hot" if _one_hot(spec) else "train_y",
        loss=_loss(spec, needed),
        penalty=f"penalty = {spec.training.l1} * {_L1}\n    " if spec.training.l1 else "",
        objective="(loss + penalty)" if spec.training.l1 else "loss",
        by_hand="\n    by_hand(step)" if spec.training.by_hand else "",
        hold=HOLD if freezes(spec) else "",
        put_back=PUT_BACK if freezes(spec) else "",
        clipping=_clipping(spec),
        schedule="\n    schedule.step()" if schedule else "",
        score=_ACCURACY if is_class else _R_SQUARED,
        score_name="accuracy" if is_class else "R²",
    )
    return [
        _TITLE,
        *_targets(spec),
        _ONE_VECTOR + _optimizer(spec, needed),
        *schedule,
        "",
        loop,
    ]


def _optimizer(spec: ExperimentSpec, needed: Definitions) -> str:
    asked = spec.training.optimizer
    entry = OPTIMIZERS[asked.name]
    call = entry.call(asked.learning_rate, asked.weight_decay, asked.arguments)
    words = {"lr": repr(asked.learning_rate), **({"fused": "True"} if entry.fused else {})}
    return fitted(f"optimizer = {needed.source_of(call, '[weights]', **words)}")


def _schedule(spec: ExperimentSpec, needed: Definitions) -> list[str]:
    asked = spec.training.schedule
    if asked.name == "constant":
        return []
    factor, n_steps = Call(SCHEDULES[asked.name].factor), spec.training.n_steps
    now = needed.source_of(factor, "step", str(n_steps), written(asked.arguments))
    return [fitted(f"schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: {now})")]


def _targets(spec: ExperimentSpec) -> list[str]:
    """What the loss compares with and weighs by, where that is not `train_y` itself."""
    classes, weights = spec.data.classes, spec.training.class_weights
    has_places = spec.data.positions is not None
    lines = []
    if _one_hot(spec):
        second = ".movedim(-1, 1)" if has_places else ""
        lines.append(f"one_hot = F.one_hot(train_y, {classes}){second}.float()")
    if weights == "balanced":
        labels = "train_y.flatten()" if has_places else "train_y"
        n_labels = spec.data.n_train * (spec.data.positions or 1)
        lines += [
            f"counts = torch.bincount({labels}, minlength={classes}).clamp(min=1)",
            f"class_weights = {n_labels} / ({classes} * counts.float())",
        ]
    elif weights:
        lines.append(f"class_weights = torch.tensor({list(weights)})")
    return lines


def _loss(spec: ExperimentSpec, needed: Definitions) -> str:
    training = spec.training
    weights = Variable("class_weights") if training.class_weights else None
    call = LOSSES[training.loss].call(
        LossOptions(weights, training.label_smoothing, training.huber_delta)
    )
    return needed.source_of(call, "output", "targets")


def _clipping(spec: ExperimentSpec) -> str:
    norm = spec.training.clip_norm
    return f"nn.utils.clip_grad_norm_([weights], {norm})\n    " if norm else ""


def _one_hot(spec: ExperimentSpec) -> bool:
    """Whether the loss compares with values and the data has classes."""
    return bool(spec.data.classes) and LOSSES[spec.training.loss].compares == "values"


def _sizes(spec: ExperimentSpec) -> str:
    """What `split` needs; a last point that would be alone joins the batch before it."""
    size = spec.training.batch_size
    sizes = [end - start for start, end in batch_bounds(spec.data.n_train, size)]
    if sizes[-1] <= size:
        return str(size)
    return f"[{size}] * {len(sizes) - 1} + [{sizes[-1]}]  # the last point joins the batch before"
