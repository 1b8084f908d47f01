"""Where should weights start?"""

from nnviz.ui.lab import checked, close_lab, open_lab
from nnviz.ui.labs.initialization import PAGE, InitializationSettings
from nnviz.ui.labs.initialization_code import code_for
from nnviz.ui.labs.initialization_controls import controls
from nnviz.ui.labs.initialization_views import view
from nnviz.ui.labs.shown import show

LEAD = (
    "Before the first update weights are drawn by chance. **How large** they are decides whether"
    " a signal survives many layers; **that they differ** decides whether units can."
)
SOURCE = (
    "Glorot & Bengio 2010 (xavier), He et al. 2015 (kaiming), Saxe et al. 2013 (orthogonal),"
    " Poole et al. 2016 and Schoenholz et al. 2017 (mean field), Yang et al. 2019 (BatchNorm)."
)

document = open_lab(PAGE, "Where should weights start?", LEAD, InitializationSettings)
controls(document)
settings = checked(PAGE, InitializationSettings, document)
show(view(settings), PAGE)
close_lab(PAGE, code_for(settings), SOURCE, settings.experiment())
