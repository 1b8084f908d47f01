"""Who looks at whom?"""

from nnviz.ui.exhibits.attention import EXHIBITS
from nnviz.ui.exhibits.exhibit import show_exhibits

show_exhibits("attention", "Who looks at whom?", EXHIBITS)
