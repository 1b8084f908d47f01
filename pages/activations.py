"""Why do we bend the line?"""

from nnviz.ui.exhibits.activations import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("activations", "Why do we bend the line?", EXHIBITS)
