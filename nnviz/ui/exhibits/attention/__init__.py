"""The exhibits of attention, in the order of the page."""

from nnviz.ui.exhibits.attention.by_hand import BY_HAND
from nnviz.ui.exhibits.attention.count import COUNT
from nnviz.ui.exhibits.attention.live import LIVE
from nnviz.ui.exhibits.attention.masks import MASKS
from nnviz.ui.exhibits.attention.norm_place import NORM_PLACE
from nnviz.ui.exhibits.attention.order import ORDER
from nnviz.ui.exhibits.attention.scale import SCALE

EXHIBITS = (BY_HAND, SCALE, ORDER, MASKS, NORM_PLACE, COUNT, LIVE)
