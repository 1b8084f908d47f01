"""The exhibits of normalization, in the order of the page."""

from nnviz.ui.exhibits.normalization.cells import CELLS
from nnviz.ui.exhibits.normalization.modes import MODES
from nnviz.ui.exhibits.normalization.running import RUNNING
from nnviz.ui.exhibits.normalization.shapes import SHAPES
from nnviz.ui.exhibits.normalization.which import WHICH
from nnviz.ui.exhibits.normalization.why import WHY

EXHIBITS = (CELLS, MODES, RUNNING, WHY, WHICH, SHAPES)
