"""The exhibits of overfitting, in the order of the page."""

from nnviz.ui.exhibits.overfitting.gallery import GALLERY_OF_REMEDIES
from nnviz.ui.exhibits.overfitting.remedies import REMEDIES_COMPARED
from nnviz.ui.exhibits.overfitting.sizes import SIZES
from nnviz.ui.exhibits.overfitting.training import TRAINING

EXHIBITS = (GALLERY_OF_REMEDIES, TRAINING, SIZES, REMEDIES_COMPARED)
