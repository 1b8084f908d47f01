"""What does forgetting buy?"""

import streamlit as st

from nnviz.ui.charts import charts
from nnviz.ui.lab import checked, close_lab, open_lab
from nnviz.ui.labs.dropout import PAGE, DropoutSettings
from nnviz.ui.labs.dropout_code import code_for, experiment_for
from nnviz.ui.labs.dropout_controls import controls
from nnviz.ui.labs.dropout_views import measure, panels
from nnviz.ui.labs.dropout_words import explain, noticing

LEAD = (
    "Dropout silences random units in every training pass and lets all of them speak in"
    " evaluation. What remains the same, what changes, and what is it good for?"
)
SOURCE = (
    "Srivastava et al. 2014 (dropout), Tompson et al. 2015 (channels), Klambauer et al. 2017"
    " (alpha), Li et al. 2018 (variance shift), Gal & Ghahramani 2016 (uncertainty)."
)

document = open_lab(PAGE, "What does forgetting buy?", LEAD, DropoutSettings)
controls(document)
settings = checked(PAGE, DropoutSettings, document)
shown = measure(settings)
explain(shown)
charts(panels(shown), key=f"lab.{PAGE}.charts")
st.subheader("What to notice")
st.markdown(noticing(shown))
close_lab(PAGE, code_for(settings), SOURCE, experiment_for(settings))
