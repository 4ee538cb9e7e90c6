"""Phrases are found where one pattern of them all finds them, and nowhere else: their clues never ask for too much."""

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.cues import roles, stages, wishes
from matcher.cues.phrases import Phrases
from matcher.cues.wording import WordedText

LISTS = {
    f"{module.__name__}.{name}.{key}": phrases
    for module in (roles, stages, wishes)
    for name, held in vars(module).items()
    for key, phrases in (held.items() if isinstance(held, dict) else [("", held)])
    if isinstance(phrases, Phrases)
}
MARK = "\ue000"
# What stands about phrases, and what is nearly one of them.
AROUND = st.text(st.sampled_from([*"abdehinostw'-.,;!? \n1٣éİ_", MARK]), max_size=12)
WRITTEN = ("i", "not", "my", "she", "has", "had", "died", "cancer", "years ago", "n't", "the", "on-line", "me", MARK)
SENTENCE = st.lists(st.sampled_from(WRITTEN) | AROUND, max_size=12).map(" ".join)
HARD = (
    r"(un|self[- ])known|drinks?|on-?line|x\w+|\w+ways|an? (\d+|few)|{gap}end|(a|b )?c|(mon|tues)(day)?s?"
    r"|(^|(?<=[.] ))(oh )?now|('s)?gone|(he |she )+has|(one|two)[- ]only(?! so)|d[ao]d( died)*|[^.]{0,3}it"
)
HARD_WORDS = """
un self-known drink drinks on line x xy ways always a an 12 few gap c b mon monday tuesdays oh now gone's he she has one
two-only dad died s it gone end
"""


@cache
def one_pattern_of(name: str) -> re.Pattern[str]:
    return LISTS[name].as_one_pattern()


def spans(phrases: Phrases | re.Pattern[str], text: str) -> list[tuple[int, int, dict[str, str | None]]]:
    told = (({name: words for name, words in one.groupdict().items() if words}, one) for one in phrases.finditer(text))
    return [(*one.span(), groups) for groups, one in told]


def is_found_alike(phrases: Phrases, pattern: re.Pattern[str], text: str) -> bool:
    worded = WordedText(text)
    found = spans(pattern, text)
    return (
        spans(phrases, worded) == found
        and phrases.are_in(worded) is bool(found)
        and (phrases.may_be_in(worded) or not found)
    )


@pytest.mark.parametrize("name", LISTS)
@given(data=st.data())
@settings(max_examples=8)
def test_phrases_are_found_as_by_one_pattern_of_them_all(name: str, data: st.DataObject) -> None:
    phrase = data.draw(st.sampled_from(list(LISTS[name].patterns())))
    text = data.draw(st.tuples(SENTENCE, AROUND, st.from_regex(phrase), AROUND, SENTENCE).map("".join))
    assert is_found_alike(LISTS[name], one_pattern_of(name), text)


@given(st.lists(st.sampled_from(HARD_WORDS.split()) | AROUND))
def test_phrases_that_hide_their_words_are_found_all_the_same(words: list[str]) -> None:
    phrases = Phrases(HARD, {"gap": "(?:gap |x){0,2}"})
    assert is_found_alike(phrases, phrases.as_one_pattern(), " ".join(words))
    assert is_found_alike(phrases, phrases.as_one_pattern(), "".join(words))
