"""What comes out?"""

from nnviz.ui.exhibits.layers import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("layers", "What comes out?", EXHIBITS)
