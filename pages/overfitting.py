"""When does learning turn into memorizing?"""

import streamlit as st

from nnviz.ui.questions import overfitting_controls as sidebar
from nnviz.ui.questions import overfitting_views as views
from nnviz.ui.questions.overfitting import ask, open_page
from nnviz.ui.questions.overfitting_words import LEAD, NOTICING, SOURCE

document = open_page("When does learning turn into memorizing?", LEAD)
sidebar.controls(document)
views.choose_view(document)
asked = ask(document)
views.transport(asked)
views.live_view(asked)
st.subheader("What to notice")
st.markdown(NOTICING)
st.caption(SOURCE)
