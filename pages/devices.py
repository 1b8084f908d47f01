"""Where should it run?"""

from nnviz.ui.exhibits.devices import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("devices", "Where should it run?", EXHIBITS)
