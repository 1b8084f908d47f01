"""What does one difference change?"""

import streamlit as st

from nnviz.ui import frame
from nnviz.ui.compare import session
from nnviz.ui.compare.choices import section_choice, view_choices
from nnviz.ui.compare.editor import editor, lane_cards
from nnviz.ui.compare.live import VERDICT, live_view
from nnviz.ui.compare.verdict import repeat_controls
from nnviz.ui.compare.words import cautions, plain, what_differs
from nnviz.ui.session import new_seed
from nnviz.ui.transport import transport

SAME = (
    "All else is the same: the data and their split, the order of the batches, the initial weights"
    " of every layer whose place and shape agree, and what dropout drops."
)

frame.enter("compare")
session.open_from_address()
session.follow_run()

st.subheader("What does one difference change?")
editor()
above = st.container()
lane_cards()
comparison, run, mistakes = session.current_run()
above.markdown(what_differs(comparison), help=SAME)
for mistake in mistakes:
    st.error(plain(mistake))
for caution in cautions(comparison):
    st.warning(plain(caution))
if news := session.news():
    st.toast(news)
transport(run, new_seed, session.SCRUBBER)
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    section = section_choice()
    choices = view_choices(comparison, run)
if section == VERDICT:
    repeat_controls(comparison)
live_view(comparison, run, section, choices)
