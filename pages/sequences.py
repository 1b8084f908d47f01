"""How far back can it remember?"""

from nnviz.ui.exhibits.showing import show_exhibits
from nnviz.ui.exhibits.sequences import EXHIBITS

show_exhibits("sequences", "How far back can it remember?", EXHIBITS)
