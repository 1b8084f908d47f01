"""A short English text, letter by letter: which letter comes next?

Shapes: N windows, T letters of each. Letters are numbered as they stand in `LETTERS`.
"""

from __future__ import annotations

import numpy as np

from nnviz.catalog.dataset_entry import Arrays, DatasetEntry

LETTERS = " abcdefghijklmnopqrstuvwxyz,."
LONGEST = 100
"""Letters before a target that every window may have, so that each length has the same targets."""
TEXT = (
    "on the last quiet day of the year we walked along the sea. the tide was out, and the sand "
    "lay before us like a large page that nobody had written on. my daughter ran ahead, jumped "
    "over the pools and came back with questions, as she always does. why is the water grey today "
    "and blue in june. why do the waves come in sevens. i said that they do not, and she said "
    "that we should count them then. so we sat down on the wooden jetty and counted. there was a "
    "small wave, and another, and a large one. after the large one came a small one again. she "
    "had a guess before each of them, and she was often wrong at first. then she was right more "
    "often, and she did not know why. you have learned something, i said, and you can not say "
    "what it is. that is how a network learns too. it begins with weights that mean nothing, and "
    "its first answers are no better than the throw of a coin. then somebody tells it how far it "
    "was from the truth. every weight is moved a little, in the direction in which the error "
    "falls, and the next answer is a little better. nobody ever tells it a rule. there is only "
    "the error, the small step, and a great many examples. and if the step is too large, she "
    "asked. then it jumps over the valley and lands on the other side, higher than before, like "
    "the ball that you kicked over the dunes. and if the step is too small. then it needs a year "
    "to cross the beach. she drew a zigzag line in the sand with a stick, from the edge of the "
    "dunes to the edge of the water, and said that the line was a very foolish network. we "
    "laughed, and the wind took the laughter away. further on the path was hidden by fog. we "
    "could see only the next few steps. a network sees no more than that, i said. it feels how "
    "the ground slopes under its feet, and it goes down. it does not know where the deepest place "
    "is, or whether there is one. it is a surprise, and one of the nicest that i know, that "
    "walking down again and again is enough to read a number, to name a bird by its song, or to "
    "guess the next letter of a sentence like this one. how can it guess a letter, she asked. "
    "well, what comes after a q. she thought about it. a u, she said, nearly always. exactly. and "
    "after a full stop comes a space, and after the word the comes something that has a name. you "
    "know a thousand such things about our language, and you never made a list of them. you heard "
    "people talk for six years, and you noticed. a network reads a page, hides the next letter, "
    "makes its guess, and then looks. when the guess was bad it changes itself a little. after a "
    "while it writes words that do not exist, but that sound as if they might, such as a zephyr "
    "of vexing quills or a juniper maze. later the words become real ones, and the order of them "
    "begins to make sense. does it understand the sea, she asked then. i did not have an answer "
    "that i liked. it knows which words live next to the sea, i said. it knows waves, salt, gulls "
    "and ships. it has never been cold and wet, and it has never tasted the salt. she looked at "
    "the horizon, where a ship moved so slowly that it seemed to stand. then it only knows the "
    "letters of the sea, she said, and that was a better answer than mine. the memory of such a "
    "network can be short. if it reads one letter after another and keeps what it knows in a "
    "small box, then new things push the old ones out. at the end of a long sentence it has "
    "forgotten how the sentence began. some networks have gates in the box, which open for what "
    "is worth keeping and close before the noise. others do not keep a box at all. they look back "
    "at every letter they have read, and choose the ones that matter now. that is called "
    "attention, and it is what i ask of you when we cross the street. it was getting dark. the "
    "lamps of the village were lit one by one, and each made a soft yellow circle in the fog. we "
    "found the way home by walking from lamp to lamp, and we were not afraid, for it was enough "
    "to see the next one. at the kitchen table she wrote down what she had learned in her "
    "exercise book, with a blue pencil. waves do not come in sevens. a q is followed by a u. go "
    "down in small steps. then she closed the book, yawned, and asked whether we could go again "
    "tomorrow and count the waves just once more."
)


def _characters(
    n: int, noise: float, n_classes: int, rng: np.random.Generator, length: int
) -> Arrays:
    code = np.array([LETTERS.index(letter) for letter in TEXT])
    window_NT = np.lib.stride_tricks.sliding_window_view(code, length + 1)[LONGEST - length :]
    kept_NT = window_NT[np.sort(rng.permutation(len(window_NT))[:n])]
    return kept_NT[:, None, :-1].astype(float), kept_NT[:, -1].astype(np.int64)


_NAMES = ("␣", *LETTERS[1:])

PROSE = (
    DatasetEntry(
        "characters", _characters, (1, 20), len(LETTERS),
        "the next letter of a text; tested on its last part, whose first windows reach back",
        size=len(TEXT) - LONGEST, feature_names=(), class_names=_NAMES, length=20,
        token_names=_NAMES, scales_inputs=False, test_is_last=True,
    ),
)  # fmt: skip
