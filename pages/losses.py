"""What exactly is being minimized?"""

from nnviz.ui.lab import checked, close_lab, open_lab
from nnviz.ui.labs.losses import PAGE, LossSettings
from nnviz.ui.labs.losses_code import code_for
from nnviz.ui.labs.losses_controls import controls
from nnviz.ui.labs.losses_views import view
from nnviz.ui.labs.shown import show

LEAD = (
    "Training makes one number smaller. Which number that is decides what the network finds"
    " important: **the loss is the question**, the gradient is how loudly it is asked."
)
SOURCE = (
    "torch.nn.functional's losses and their documentation; label smoothing: Szegedy et al. 2016;"
    " Huber 1964; cross-entropy against squared error: Golik et al. 2013."
)

document = open_lab(PAGE, "What exactly is being minimized?", LEAD, LossSettings)
controls(document)
settings = checked(PAGE, LossSettings, document)
show(view(settings), PAGE)
close_lab(PAGE, code_for(settings), SOURCE, settings.experiment())
