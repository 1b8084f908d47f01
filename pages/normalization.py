"""Which numbers share a mean?"""

from nnviz.ui.exhibits.normalization import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("normalization", "Which numbers share a mean?", EXHIBITS)
