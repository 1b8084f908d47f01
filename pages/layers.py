"""What comes out?"""

from nnviz.ui.exhibits.showing import show_exhibits
from nnviz.ui.exhibits.layers import EXHIBITS

show_exhibits("layers", "What comes out?", EXHIBITS)
