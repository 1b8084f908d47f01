"""Where should weights start? One file an exhibit."""

from nnviz.ui.exhibits.initialization.depth import DEPTH
from nnviz.ui.exhibits.initialization.race import RACE
from nnviz.ui.exhibits.initialization.symmetry import SYMMETRY
from nnviz.ui.exhibits.initialization.weights import WEIGHTS

EXHIBITS = (RACE, DEPTH, WEIGHTS, SYMMETRY)
