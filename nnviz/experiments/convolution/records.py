"""What a figure draws of convolutions.

Shapes: L positions, T looks at the test set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.records import FloatArray


@dataclass(frozen=True)
class ShuffledRecord:
    """Test accuracies while training, as it is and shuffled; and one signal, both ways."""

    steps_T: NDArray[np.int64]
    plain: dict[str, FloatArray]
    shuffled: dict[str, FloatArray]
    order_L: NDArray[np.int64]
    signal_L: FloatArray
    n_parameters: dict[str, int]
