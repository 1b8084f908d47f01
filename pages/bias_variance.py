"""Why does a model miss?"""

import streamlit as st

from nnviz.ui.questions import bias_variance_controls as sidebar
from nnviz.ui.questions import bias_variance_views as views
from nnviz.ui.questions.bias_variance import ask, open_page
from nnviz.ui.questions.bias_variance_words import LEAD, NOTICING, SOURCE

document = open_page("Why does a model miss?", LEAD)
sidebar.controls(document)
asked = ask(document)
guess = views.transport(asked, document)
views.live_view(asked, guess)
st.subheader("What to notice")
st.markdown(NOTICING)
st.caption(SOURCE)
