"""Finished charts are sent whole, and a click on one comes back."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from nnviz.feed import Panel


def test_a_panel_wider_than_the_page_is_refused() -> None:
    with pytest.raises(ValueError, match="span must be from 1 to 12; got 13"):
        Panel("a", "A", {"data": []}, span=13)


def test_a_script_can_draw_charts() -> None:
    def script() -> None:
        import numpy as np

        from nnviz.feed import Panel
        from nnviz.ui.charts import charts

        figure = {"data": [{"type": "scatter", "y": np.arange(5)}], "layout": {}}
        assert charts([Panel("a", "A", figure)], key="charts", on_click=True) is None

    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception
    assert not app.run().exception


def test_two_panels_with_one_id_are_refused() -> None:
    def script() -> None:
        import pytest

        from nnviz.feed import Panel
        from nnviz.ui.charts import charts

        with pytest.raises(ValueError, match="panel ids must differ; got a, a"):
            charts([Panel("a", "A", {"data": []})] * 2, key="charts")

    assert not AppTest.from_function(script, default_timeout=30).run().exception
