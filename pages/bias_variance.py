"""Why does a model miss?"""

from nnviz.ui.exhibits.bias_variance import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("bias_variance", "Why does a model miss?", EXHIBITS)
