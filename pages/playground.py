"""How does a network learn?"""

import streamlit as st

from nnviz.ui import frame, playground
from nnviz.ui.live.session import news

frame.enter("playground")
playground.open_from_address()
playground.follow_run()

playground.editor()
viewer, mistakes = playground.current_viewer()
for mistake in mistakes:
    st.error(mistake)
for caution in viewer.run.lanes[0].cautions:
    st.warning(caution)
if told := news("playground"):
    st.toast(told)
playground.live_view(viewer)
