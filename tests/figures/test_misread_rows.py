"""Rows of tokens and volumes that are answered wrongly are drawn as what they are."""

import numpy as np

from nnviz import DataSpec, figures
from nnviz.data import load


def drawn(name, answers, **settings):
    data = load(DataSpec(name=name, **settings)).record
    figure = figures.misclassified_images(data, answers(data.test_y))
    figures.to_plotly(figure)
    return data, figure


def test_a_row_reads_as_its_tokens_with_its_class_and_the_answer():
    data, figure = drawn("brackets", lambda y: 1 - y)
    grid, labels = figure["data"]
    for n, (cells, label) in enumerate(zip(grid["text"], labels["text"], strict=True)):
        assert cells == ["([)]"[int(token)] for token in data.test_x[n, 0]]
        truth, answer = data.class_names[data.test_y[n]], data.class_names[1 - data.test_y[n]]
        assert label == f"{truth}→{answer}"
    assert (grid["z"] == 0).all()


def test_where_each_place_has_an_answer_three_rows_show_which_are_wrong():
    def second_wrong(y):
        answer = y.copy()
        answer[3, 1] = (answer[3, 1] + 4) % 10
        return answer

    data, figure = drawn("reversal", second_wrong)
    grid = figure["data"][0]
    read, right, answered, _ = grid["text"]
    assert read == [str(int(token)) for token in data.test_x[3, 0]]
    assert right == read[::-1]
    assert [a == b for a, b in zip(right, answered, strict=True)] == [True, False] + [True] * 6
    assert grid["z"][2].tolist() == [1, 2, 1, 1, 1, 1, 1, 1]
    words = figure["layout"]["annotations"][0]["text"]
    assert words == "1 of 1 rows with mistakes among 250 test rows"


def test_of_a_long_row_the_part_next_to_the_answer_is_drawn():
    data, figure = drawn("characters", lambda y: (y + 1) % 29, length=100)
    cells = figure["data"][0]["text"][0]
    assert cells == [data.token_names[int(token)] for token in data.test_x[0, 0, -40:]]
    assert "40 of 100 places" in figure["layout"]["annotations"][0]["text"]


def test_a_volume_is_drawn_as_its_middle_slice():
    data, figure = drawn("volumes", lambda y: (y + 1) % 3, noise=0.0)
    values = figure["data"][0]["z"]
    shown = values[-13:-1, :12][::-1]
    np.testing.assert_array_equal(shown, data.test_x[0, 0, 6].astype(np.float32))


def test_no_mistake_in_any_place_is_good_news():
    _, figure = drawn("sorting", lambda y: y)
    assert not figure["data"]
