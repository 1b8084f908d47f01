"""A form of an exhibit's settings: one widget a field, as the field describes itself."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from nnviz.base import Spec
from nnviz.spec.fields import described
from nnviz.ui.controls.fields import setting, share, switch
from nnviz.ui.controls.segments import segments
from nnviz.ui.controls.sliders import whole_slider
from nnviz.ui.document import Document, widget_key

FEW = 5
"""As many choices as stand beside each other as buttons."""


def form(document: Document, model: type[Spec], names: Sequence[str], path: str) -> None:
    """Edit these fields of a document in place.

    Whole numbers and shares are sliders over their bounds, few choices are buttons, and text is
    typed.
    """
    for name in names:
        told, annotation = described(model, name), model.model_fields[name].annotation
        if annotation is bool:
            switch(document, model, name, path)
        elif annotation is str and not told.choices:
            longest = next(
                (mark.max_length for mark in model.model_fields[name].metadata
                 if hasattr(mark, "max_length")), None,
            )  # fmt: skip
            document[name] = st.text_input(
                told.label, document[name], longest, key=widget_key(f"{path}.{name}"),
                help=told.help,
            )  # fmt: skip
        elif 0 < len(told.choices) <= FEW:
            segments(document, name, told.label, told.choices, path, told.help)
        elif told.choices or told.offered:
            setting(document, model, name, path)
        elif annotation is int:
            step = int(told.step or 1)
            low, high = int(told.low), int(told.high)
            whole_slider(document, name, told.label, low, high, path, step, told.help)
        else:
            share(
                document, name, told.label, float(told.high), path, told.step or 0.05, low=told.low,
                help=told.help,
            )  # fmt: skip
