"""What does a filter see?"""

from nnviz.ui.exhibits.convolution import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("convolution", "What does a filter see?", EXHIBITS)
