"""nnviz as a web application: Streamlit's pages and the files that they load."""

from contextlib import suppress

import streamlit as st

from nnviz.ui.static_files import routes

app = st.App("nnviz/ui/main.py", routes=routes())

if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        app.run()
