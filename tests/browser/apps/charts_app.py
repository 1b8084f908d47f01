"""Serves the figures with the routes that the application has."""

import streamlit as st

from nnviz.ui.static_files import routes

app = st.App("charts_script.py", routes=routes())
