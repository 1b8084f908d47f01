"""The exhibits of the convolution page."""

from nnviz.ui.exhibits.convolution.learning import LEARNING
from nnviz.ui.exhibits.convolution.photograph import PHOTOGRAPH
from nnviz.ui.exhibits.convolution.receptive import RECEPTIVE
from nnviz.ui.exhibits.convolution.shuffled import SHUFFLED
from nnviz.ui.exhibits.convolution.window import WINDOW

EXHIBITS = (WINDOW, PHOTOGRAPH, RECEPTIVE, LEARNING, SHUFFLED)
