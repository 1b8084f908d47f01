"""The exhibits of layers, in the order of the page."""

from nnviz.ui.exhibits.layers.calculator import CALCULATOR
from nnviz.ui.exhibits.layers.stack import STACK

EXHIBITS = (CALCULATOR, STACK)
