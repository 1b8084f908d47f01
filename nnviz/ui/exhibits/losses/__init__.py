"""What exactly is being minimized? One file an exhibit."""

from nnviz.ui.exhibits.losses.curves import CURVES
from nnviz.ui.exhibits.losses.imbalance import IMBALANCE
from nnviz.ui.exhibits.losses.saturation import SATURATION
from nnviz.ui.exhibits.losses.steps import STEPS

EXHIBITS = (STEPS, IMBALANCE, CURVES, SATURATION)
