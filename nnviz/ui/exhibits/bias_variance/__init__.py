"""The exhibits of bias and variance, in the order of the page."""

from nnviz.ui.exhibits.bias_variance.explore import EXPLORE
from nnviz.ui.exhibits.bias_variance.network import NETWORK
from nnviz.ui.exhibits.bias_variance.pile import PILE

EXHIBITS = (PILE, EXPLORE, NETWORK)
