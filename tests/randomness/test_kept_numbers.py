"""Stored links open with the numbers that they were sent with.

Written down from version 0.1; a change here changes what readers' links show.
"""

from __future__ import annotations

import pytest

from nnviz.experiments.dropout.uncertainty import CurveFit, fit_curve
from nnviz.experiments.initial_weights import draw_weights
from nnviz.experiments.nonlinearity.xor import xor
from nnviz.presets import PRESETS
from nnviz.spec import InitializationSpec
from nnviz.training import advance, initial_state

LOSSES = {
    "two_moons": (0.7913868, 0.763991),
    "xor_by_a_line": (0.7987156, 0.6450539),
    "spirals": (0.6962014, 0.6832904),
    "dead_relu": (0.6969504, 3.325317),
    "vanishing_sigmoid": (0.9751458, 0.692477),
    "batch_norm_rescue": (2.32165, 2.23735),
    "divergence": (2.865259, 5.35743),
    "symmetry": (0.6931473, 0.6959349),
    "overfitting": (0.7140403, 0.7770638),
    "sine": (0.5205368, 0.2658573),
    "convolution": (2.346152, 2.25896),
    "wide_scales": (3.26858, 40.72753),
}
"""Training loss at the start, and of the second batch."""
SECOND_SINGULAR_VALUE = {
    "default": 0.930572875, "uniform": 2.54847878, "normal": 0.8205446,
    "trunc_normal": 0.739327575, "xavier_uniform": 2.94272981, "xavier_normal": 2.73514867,
    "kaiming_uniform": 2.6863325, "kaiming_normal": 2.4968377, "sparse": 0.612329066,
}  # fmt: skip
"""Of 20 × 30 weights from seed 3, for tanh."""


@pytest.mark.parametrize("name", LOSSES)
def test_first_losses_of_the_presets(name):
    snapshots = advance(initial_state(PRESETS[name].spec), n_steps=2)[1]
    found = snapshots[0].train_loss, snapshots[2].batch_loss
    assert found == pytest.approx(LOSSES[name], rel=1e-5)


@pytest.mark.parametrize("name", SECOND_SINGULAR_VALUE)
def test_initial_weights(name):
    record = draw_weights(InitializationSpec(name=name), "tanh", (20, 30), 3)
    assert record.singular_K[1] == pytest.approx(SECOND_SINGULAR_VALUE[name], rel=1e-7)


def test_labs_that_train():
    assert xor(4).loss_TS[-1].mean() == pytest.approx(0.004749514, rel=1e-4)
    assert fit_curve(CurveFit()).train_loss == pytest.approx(0.0107134962, rel=1e-4)
