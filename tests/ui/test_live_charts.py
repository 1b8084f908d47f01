"""The browser is sent changes only, and a whole picture when it lost the one it had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from nnviz.ui.chart_wire import ChartChannel, WirePanel, encode_figure
from nnviz.ui.live_charts import Panel

from .decoder import unpack

TOKENS = {"tokens": {"train": ["#000000", "#ffffff"]}}


def panel(name: str, figure: Any, **meta: Any) -> WirePanel:
    traces, layout = encode_figure(figure)
    return WirePanel(name, {"title": name, **meta}, layout, traces)


def line(y: Any, **layout: Any) -> dict[str, Any]:
    trace = {"type": "scatter", "x": np.arange(40), "y": np.asarray(y)}
    return {"data": [trace], "layout": layout}


def applied(keyframe: dict[str, Any], patch: dict[str, Any]) -> list[dict[str, Any]]:
    """The traces of the first panel after a patch."""
    changes: Mapping[str, Any] = patch["patches"][0].get("traces", {})
    traces = keyframe["panels"][0]["traces"]
    merged = [{**trace, **changes.get(str(place), {})} for place, trace in enumerate(traces)]
    return [{k: v for k, v in trace.items() if v is not None} for trace in merged]


def test_go_figures_and_plain_figures_are_encoded_alike_and_without_a_template() -> None:
    plain = line(np.zeros(40), title={"text": "loss"})
    assert encode_figure(go.Figure(plain)) == encode_figure(plain)
    assert "template" not in encode_figure(go.Figure())[1]


def test_the_second_message_holds_only_the_arrays_that_changed() -> None:
    channel = ChartChannel()
    still, moving = panel("still", line(np.ones(40))), np.zeros(40)
    first = channel.message([panel("a", line(moving)), still], TOKENS)
    moving[3] = 5
    second = channel.message([panel("a", line(moving)), still], TOKENS)
    header = unpack(second)
    assert len(unpack(first)["panels"]) == 2
    assert header["revisions"] == [1, 0]
    assert header["patches"][1] == {}
    assert list(header["patches"][0]["traces"]["0"]) == ["y"]
    np.testing.assert_array_equal(applied(unpack(first), header)[0]["y"], moving)


def test_any_patch_alone_brings_the_keyframe_up_to_date() -> None:
    channel = ChartChannel()
    keyframe = unpack(channel.message([panel("a", line(np.zeros(40)))], TOKENS))
    for tick in range(1, 5):
        figure = line(np.full(40, tick))
        if tick % 2:
            figure["data"][0]["name"] = f"tick {tick}"
        patch = unpack(channel.message([panel("a", figure)], TOKENS))
        assert patch["keyframe"] == keyframe["keyframe"]
        assert patch["revisions"] == [tick]
        received = applied(keyframe, patch)[0]
        np.testing.assert_array_equal(received["y"], figure["data"][0]["y"])
        assert received.get("name") == figure["data"][0].get("name")


def test_unchanged_panels_keep_their_revision_and_a_return_to_the_start_is_a_change() -> None:
    channel = ChartChannel()

    def revision(value: float) -> int:
        header = unpack(channel.message([panel("a", line(np.full(40, value)))], TOKENS))
        return int(header["revisions"][0]) if "revisions" in header else 0

    assert [revision(value) for value in (0, 1, 1, 0, 0)] == [0, 1, 1, 2, 2]


def test_layout_and_title_changes_are_patches_and_removed_keys_are_null() -> None:
    channel = ChartChannel()
    channel.message([panel("a", line(np.zeros(40), title="one", height=3), help="h")], TOKENS)
    later = panel("a", line(np.zeros(40), title="two"), help="other")
    patch = unpack(channel.message([later], TOKENS))["patches"][0]
    assert patch == {"layout": {"title": "two", "height": None}, "meta": {"help": "other"}}


@pytest.mark.parametrize(
    "changed",
    [
        [panel("b", line(np.zeros(40)))],
        [panel("a", {"data": []})],
        [panel("a", {"data": [{"type": "bar", "y": [1]}]})],
        [panel("a", line(np.zeros(40))), panel("b", line(np.zeros(40)))],
    ],
)
def test_a_change_of_structure_is_a_new_keyframe(changed: list[WirePanel]) -> None:
    channel = ChartChannel()
    first = unpack(channel.message([panel("a", line(np.zeros(40)))], TOKENS))
    second = unpack(channel.message(changed, TOKENS))
    assert [wired["id"] for wired in second["panels"]] == [wired.id for wired in changed]
    assert second["keyframe"] != first["keyframe"]
    assert second["tokens"] == TOKENS["tokens"]


def test_a_resync_is_answered_with_a_keyframe() -> None:
    channel = ChartChannel()
    panels = [panel("a", line(np.zeros(40)))]
    channel.message(panels, TOKENS)
    assert "patches" in unpack(channel.message(panels, TOKENS))
    channel.forget()
    assert "panels" in unpack(channel.message(panels, TOKENS))


def test_two_panels_with_one_id_are_refused() -> None:
    twins = [panel("a", line(np.zeros(40)))] * 2
    with pytest.raises(ValueError, match="panel ids must differ; got a, a"):
        ChartChannel().message(twins, TOKENS)


def test_a_panel_wider_than_the_page_is_refused() -> None:
    with pytest.raises(ValueError, match="span must be from 1 to 12; got 13"):
        Panel("a", "A", {"data": []}, span=13)


def test_a_script_can_draw_charts_and_a_scrubber() -> None:
    def script() -> None:
        import numpy as np
        import streamlit as st

        from nnviz.ui.live_charts import Panel, live_charts
        from nnviz.ui.scrubber import scrubber

        figure = {"data": [{"type": "scatter", "y": np.arange(5)}], "layout": {}}
        assert live_charts([Panel("a", "A", figure)], key="charts", on_click=True) is None
        st.text(scrubber([0, 1, 2], 1, key="history"))
        st.text(scrubber([], None, key="empty"))

    app = AppTest.from_function(script, default_timeout=30).run()
    assert not app.exception
    assert [text.value for text in app.text] == ["1", "None"]
    assert not app.run().exception
