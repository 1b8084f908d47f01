"""Why do we bend the line?"""

from nnviz.ui.lab import checked, close_lab, open_lab
from nnviz.ui.labs.activations import PAGE, ActivationSettings
from nnviz.ui.labs.activations_code import code_for
from nnviz.ui.labs.activations_controls import controls
from nnviz.ui.labs.activations_views import view
from nnviz.ui.labs.shown import show

LEAD = (
    "An activation bends what a layer computes. Without it any number of layers is **one**;"
    " with it comes a price: where the bend is flat, the gradient stops."
)
SOURCE = (
    "torch.nn's activations; saturation limits and the verdict on gradients are conventions of"
    " ours; mean field: Schoenholz et al. 2017; XOR: Minsky & Papert 1969."
)

document = open_lab(PAGE, "Why do we bend the line?", LEAD, ActivationSettings)
controls(document)
settings = checked(PAGE, ActivationSettings, document)
show(view(settings), PAGE)
close_lab(PAGE, code_for(settings), SOURCE, settings.experiment())
