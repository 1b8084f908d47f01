"""What is this place?"""

import streamlit as st

from nnviz.ui import frame, home

frame.enter("home")

st.title("See a neural network learn")
st.markdown(
    "Build a small network, press **Train**, and watch every part of it while it learns. Everything"
    " on the screen is measured on a real PyTorch network that is training on this server, now."
)
home.pipelines()
home.one_update()
home.starting_points()
