"""Where should weights start?"""

from nnviz.ui.exhibits.initialization import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("initialization", "Where should weights start?", EXHIBITS)
