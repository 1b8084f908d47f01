"""A press that the browser sends twice counts once."""

from types import SimpleNamespace

from nnviz.ui import presses


def test_a_press_in_a_ticks_message_is_left_to_its_own_message(monkeypatch):
    presses_seen = []
    for fragments in (["live"], None):
        context = SimpleNamespace(fragment_ids_this_run=fragments)
        monkeypatch.setattr(presses, "get_script_run_ctx", lambda context=context: context)
        presses.once(presses_seen.append, fragments)
    assert presses_seen == [None]
