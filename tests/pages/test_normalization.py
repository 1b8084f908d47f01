"""The normalization page: every control, every trap, and code that gives the page's numbers."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.experiments.normalization.records import KINDS
from nnviz.spec.code import encoded
from nnviz.ui.charts import ChartClick
from nnviz.ui.labs.normalization import NormalizationSettings
from nnviz.ui.labs.normalization_code import code_for, experiment_for
from nnviz.ui.labs.normalization_controls import follow_click
from nnviz.ui.labs.normalization_views import measure
from nnviz.ui.labs.normalization_words import noticing


@pytest.fixture
def lab(visit):
    """Open the page, with these settings in its address if any are given."""

    def open_lab(**asked):
        address = {"lab": code(**asked)} if asked else {}
        return visit("normalization", **address)

    return open_lab


def code(**asked):
    document = NormalizationSettings(**asked).model_dump(mode="json")
    return encoded(document, NormalizationSettings().model_dump(mode="json"))


def words(app):
    parts = (app.error, app.warning, app.info, app.markdown)
    return " ".join(found.value for part in parts for found in part)


def find(group, ending):
    return next(found for found in group if found.key and found.key.endswith(ending))


def test_the_page_opens_on_images_and_says_what_to_notice(lab):
    app = lab()
    assert not app.exception
    assert "35 others" in words(app)
    assert app.latex


def test_the_table_opens_on_the_documented_example(lab):
    app = lab(shape="table", groups=1)
    assert not app.exception
    assert "documented example" in " ".join(found.value for found in app.caption)
    output = app.dataframe[-1].value if app.dataframe else None
    assert output is not None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", ["image", "signal", "table"])
def test_every_kind_on_every_shape(lab, kind, shape):
    app = lab(shape=shape, kind=kind, groups=1)
    assert not app.exception
    assert bool(app.error) == (shape == "table" and kind == "instance")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"shape": "table", "kind": "instance", "groups": 3}, "Instance normalization averages"),
        ({"shape": "table", "kind": "group", "groups": 3}, "single number"),
        (
            {"shape": "table", "table": ((1, 2), (3, 5)), "kind": "batch", "groups": 1},
            "two numbers",
        ),
        ({"shape": "table", "table": ((1, 2),), "kind": "batch", "groups": 1}, "more than 1 value"),
        ({"kind": "group", "groups": 1}, "**is** layer"),
        ({"kind": "group", "groups": 4}, "**is** instance"),
        ({"view": "running", "batch_size": 1}, "more than 1 value per channel"),
    ],
)
def test_traps_and_equalities_are_said(lab, asked, sentence):
    app = lab(**asked)
    assert not app.exception
    assert sentence in words(app)


@pytest.mark.parametrize("size", [1, 8])
def test_blocks_of_the_extreme_sizes(lab, size):
    app = lab()
    for name in ("n_samples", "n_channels", "height", "width"):
        app = find(app.number_input, f".{name}").set_value(size).run()
        assert not app.exception


def test_a_smaller_block_moves_the_cell_inside(lab):
    app = lab(n=3, c=3, h=2, w=2)
    app = find(app.number_input, ".n_samples").set_value(1).run()
    assert not app.exception
    assert find(app.number_input, ".n").value == 0


def test_the_running_view_at_its_extremes(lab):
    for asked in (
        {"batch_size": 64, "n_steps": 300, "momentum": 1.0},
        {"batch_size": 2, "n_steps": 1, "momentum": 0.01, "std": 0.1, "stretch": 0.1},
        {"cumulative": True, "shift": 5.0},
        {"track": False},
    ):
        app = lab(view="running", **asked)
        assert not app.exception
    app = lab(view="running")
    app = app.button("lab.normalization.more").click().run()
    assert find(app.number_input, ".n_steps").value == 51


@pytest.mark.parametrize("hostile", ["", "1.", "x", "1.AAAA", "9." + "A" * 100, "1." + "A" * 9000])
def test_hostile_codes_open_the_defaults(visit, lab, hostile):
    lab()
    app = visit("normalization", lab=hostile)
    assert not app.exception
    assert app.latex


def test_codes_with_impossible_settings_open_the_defaults(visit, lab):
    lab()
    for document in ({"groups": 3}, {"n_samples": 10**9}, {"table": [[1], [1, 2]]}, {"x": 1}, []):
        app = visit("normalization", lab=encoded(document, {}) if document else "1.eJyLjgUAARUAuQ")
        assert not app.exception


def test_a_click_chooses_the_cell_and_the_normalization(lab, monkeypatch):
    asked = NormalizationSettings()
    document = asked.model_dump(mode="json")
    monkeypatch.setattr("streamlit.rerun", lambda: None)
    follow_click(document, asked, ChartClick("layer", 0, [4, 9], 0, 0))
    assert (document["n"], document["c"], document["h"], document["w"]) == (1, 2, 0, 1)
    assert document["kind"] == "layer"
    before = dict(document)
    follow_click(document, asked, ChartClick("influence", 0, 2, 0, 0))
    assert document == before


def test_try_it_in_training_opens_the_playground(lab):
    app = lab(kind="group", groups=2)
    app = app.button("lab.normalization.try").click().run()
    assert not app.exception
    edited = app.session_state["nnviz.document"]
    assert edited["network"]["normalization"] == "group"
    assert edited["network"]["groups"] == 2


def every_setting():
    for shape, kind, groups in itertools.product(("image", "signal", "table"), KINDS, (1, 2, 4)):
        if shape != "table":
            yield NormalizationSettings(shape=shape, kind=kind, groups=groups, gamma=2, beta=-0.5)
        elif groups == 1:
            yield NormalizationSettings(shape=shape, kind=kind, groups=1, n=2, c=0)
    yield NormalizationSettings(view="running", batch_size=1)
    yield NormalizationSettings(view="running", cumulative=True)
    yield NormalizationSettings(view="running", track=False)


@pytest.mark.parametrize(
    "asked", list(every_setting()), ids=lambda s: f"{s.view}-{s.shape}-{s.kind}-{s.groups}"
)
def test_the_code_runs_and_gives_the_same_numbers(asked, capsys):
    names = {}
    exec(compile(code_for(asked), "lab", "exec"), names)  # noqa: S102
    shown = measure(asked)
    if asked.view == "running":
        final = shown.record.running_mean_T[-1]
        if asked.track:
            assert float(names["mean"]) == pytest.approx(final, abs=1e-12)
            assert float(names["variance"]) == pytest.approx(shown.record.running_variance_T[-1])
        return
    if shown.record is not None:
        np.testing.assert_allclose(names["y"].numpy(), shown.record.outputs, atol=1e-12)
        assert float(names["mean"]) == pytest.approx(shown.cell.mean)
        assert float(names["variance"]) == pytest.approx(shown.cell.variance)
        assert float(names["by_hand"]) == pytest.approx(shown.cell.torch_y)


@st.composite
def any_settings(draw):
    channels = draw(st.integers(1, 8))
    table = draw(
        st.lists(
            st.lists(st.floats(-9, 9), min_size=channels, max_size=channels), min_size=1, max_size=8
        )
    )
    return NormalizationSettings(
        view=draw(st.sampled_from(("cells", "running"))),
        shape=draw(st.sampled_from(("image", "signal", "table"))),
        kind=draw(st.sampled_from(KINDS)),
        groups=draw(st.sampled_from([g for g in range(1, 9) if channels % g == 0])),
        n_samples=draw(st.integers(1, 8)),
        n_channels=channels,
        height=draw(st.integers(1, 8)),
        width=draw(st.integers(1, 8)),
        table=tuple(map(tuple, table)),
        n=draw(st.integers(0, 7)),
        c=draw(st.integers(0, 7)),
        n_kept=draw(st.integers(1, 8)),
        batch_size=draw(st.integers(1, 64)),
        track=draw(st.booleans()),
        cumulative=draw(st.booleans()),
        n_steps=draw(st.integers(1, 40)),
    )


@given(any_settings())
@settings(max_examples=60)
def test_whatever_is_asked_has_words_a_code_and_an_experiment(asked):
    from nnviz.ui.labs.normalization_views import panels

    shown = measure(asked)
    assert len(noticing(shown)) > 40
    assert "nan" not in noticing(shown)
    assert panels(shown)
    assert experiment_for(asked).network.normalization in KINDS
    compile(code_for(asked), "lab", "exec")
