"""How far back can it remember?"""

from nnviz.ui.exhibits.sequences import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("sequences", "How far back can it remember?", EXHIBITS)
