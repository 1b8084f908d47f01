"""What is this place?"""

import streamlit as st

from nnviz.ui import frame, home

frame.enter("home")

st.title("See a neural network learn")
st.markdown(
    "Build a small network, press **Train**, and watch every part of it while it learns: what each"
    " unit computes, how activations spread, how far the gradient reaches, where it goes wrong."
    " Everything on the screen is measured on a real PyTorch network that is training on this"
    " server."
)
home.demonstration()
home.starting_points()
