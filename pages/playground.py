"""How does a network learn?"""

import streamlit as st

from nnviz.ui import frame, playground, session
from nnviz.ui.transport import transport

frame.enter("playground")
session.open_from_address()
session.follow_run()

playground.editor()
run, mistakes = session.current_run()
st.markdown(playground.summary(run.lanes[0]))
for mistake in mistakes:
    st.error(mistake)
for caution in run.lanes[0].cautions:
    st.warning(caution)
if news := session.news():
    st.toast(news)
transport(run, session.new_seed, session.SCRUBBER)
playground.live_view(run, playground.view_choices(run))
