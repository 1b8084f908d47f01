"""When does learning turn into memorizing?"""

from nnviz.ui.exhibits.overfitting import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("overfitting", "When does learning turn into memorizing?", EXHIBITS)
