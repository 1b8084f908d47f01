"""What exactly is being minimized?"""

from nnviz.ui.exhibits.losses import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("losses", "What exactly is being minimized?", EXHIBITS)
