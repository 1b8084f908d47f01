"""The exhibits of dropout, in the order of the page."""

from nnviz.ui.exhibits.dropout.alpha import ALPHA
from nnviz.ui.exhibits.dropout.channels import CHANNELS
from nnviz.ui.exhibits.dropout.masks import MASKS
from nnviz.ui.exhibits.dropout.shift import SHIFT
from nnviz.ui.exhibits.dropout.uncertainty import UNCERTAINTY
from nnviz.ui.exhibits.dropout.variance import VARIANCE

EXHIBITS = (MASKS, VARIANCE, CHANNELS, ALPHA, SHIFT, UNCERTAINTY)
