"""What does one difference change?"""

import streamlit as st

from nnviz.ui import frame
from nnviz.ui.compare import session
from nnviz.ui.compare.editor import editor
from nnviz.ui.compare.live import live_view
from nnviz.ui.compare.words import cautions, plain, what_differs
from nnviz.ui.live.session import news

SAME = (
    "All else is the same: the data and their split, the order of the batches, the initial weights"
    " of every layer whose place and shape agree, and what dropout drops."
)

frame.enter("compare")
session.open_from_address()
session.follow_run()

above_lanes = editor()
comparison, viewer, mistakes = session.current_viewer()
above_lanes.markdown(what_differs(comparison), help=SAME)
for mistake in mistakes:
    st.error(plain(mistake))
for caution in cautions(comparison):
    st.warning(plain(caution))
if told := news("compare"):
    st.toast(told)
live_view(comparison, viewer)
