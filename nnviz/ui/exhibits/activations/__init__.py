"""The exhibits of activations, in the order of the page."""

from nnviz.ui.exhibits.activations.collapse import COLLAPSE
from nnviz.ui.exhibits.activations.dead import DEAD
from nnviz.ui.exhibits.activations.depth import DEPTH
from nnviz.ui.exhibits.activations.shape import SHAPE
from nnviz.ui.exhibits.activations.xor import XOR

EXHIBITS = (SHAPE, DEPTH, COLLAPSE, DEAD, XOR)
