"""Who looks at whom?"""

from nnviz.ui.exhibits.attention import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("attention", "Who looks at whom?", EXHIBITS)
