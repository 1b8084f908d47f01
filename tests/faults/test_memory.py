"""A worker without memory says what to make smaller, and goes on when there is some again."""

from __future__ import annotations

import sys

import psutil
import pytest

from nnviz import DataSpec, ExperimentSpec, NetworkSpec, TrainingSpec
from nnviz.runs import Run
from nnviz.spec import ConvolutionBlock
from tests.faults.conftest import Plant, a_live_run, a_spec, assert_undisturbed, goes_on, until


@pytest.mark.skipif(sys.platform != "linux", reason="sets the limits of another process")
def test_want_of_memory_is_told_and_train_tries_again(plant: Plant) -> None:
    """13 convolutions hold 70 MB of activations in a step; the worker gets 40 MB."""
    blocks = tuple(ConvolutionBlock(channels=16, kernel_size=1) for _ in range(13))
    data = DataSpec(name="digits")
    deep = ExperimentSpec(
        data=data,
        network=NetworkSpec(blocks=blocks),
        training=TrainingSpec.model_validate({"batch_size": 4096, "n_steps": 1000}),
    )
    small = a_live_run(plant.engine, ExperimentSpec(data=data, training=a_spec().training))
    small.pause()
    until(lambda: not small.is_live)
    worker = plant.worker()
    _, hard = worker.rlimit(psutil.RLIMIT_AS)
    worker.rlimit(psutil.RLIMIT_AS, (worker.memory_info().vms + 40 * 2**20, hard))
    run = Run([deep], "deep", plant.engine)
    until(lambda: run.status == "failed")
    assert run.message == (
        "The worker has not enough memory for this training. Make convolution2's channels (16), the"
        " batch size (1,348) or the number of samples (1,797) smaller. Train tries again from step"
        " 0."
    )
    small.train()
    goes_on(small)
    worker.rlimit(psutil.RLIMIT_AS, (hard, hard))
    run.train()
    until(lambda: run.current_step >= 3)
    assert worker.is_running()
    assert_undisturbed(small)
    assert_undisturbed(run)
