"""Which numbers share a mean?"""

import streamlit as st

from nnviz.ui.charts import charts
from nnviz.ui.lab import checked, close_lab, open_lab
from nnviz.ui.labs.normalization import PAGE, NormalizationSettings
from nnviz.ui.labs.normalization_code import code_for, experiment_for
from nnviz.ui.labs.normalization_controls import controls, follow_click
from nnviz.ui.labs.normalization_table import own_table
from nnviz.ui.labs.normalization_views import measure, panels
from nnviz.ui.labs.normalization_words import details, explain, noticing, torch_output

LEAD = (
    "A normalization takes numbers, subtracts their mean and divides by their deviation."
    " The four kinds differ in one thing only: **which numbers share that mean**."
)
SOURCE = (
    "Ioffe & Szegedy 2015 (batch), Ba et al. 2016 (layer), Ulyanov et al. 2016 (instance),"
    " Wu & He 2018 (group); conventions as in torch.nn."
)

document = open_lab(PAGE, "Which numbers share a mean?", LEAD, NormalizationSettings)
controls(document)
beside = own_table(document)
settings = checked(PAGE, NormalizationSettings, document)
shown = measure(settings)
with beside:
    torch_output(shown)
explain(shown)
click = charts(panels(shown), key=f"lab.{PAGE}.charts", on_click=True)
details(shown)
st.subheader("What to notice")
st.markdown(noticing(shown))
close_lab(PAGE, code_for(settings), SOURCE, experiment_for(settings))
follow_click(document, settings, click)
