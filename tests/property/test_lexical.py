"""Words shared with a group's texts: a plain calculation on paper agrees, and the laws hold."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from matcher.lexical import GroupWords, learn_words, row_words
from matcher.rulebook import default_rules
from matcher.terms import TermRows, column_of, count_terms, terms_of

CHOSEN = default_rules().words
WORDS = ("drains", "shower", "bag", "the", "with", "hospital", "ileostomy", "mother", "dizzy")
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


def pooled(descriptions: list[str], phrases: list[str], profiles: list[tuple[int, str]]) -> GroupWords:
    owners = np.array([group for group, _ in profiles], dtype=np.int64)
    texts = [text for _, text in profiles]
    counted = count_terms(descriptions), count_terms(phrases), count_terms(texts), owners
    learned = learn_words(*counted, CHOSEN)
    rows, listings = row_words(*counted, learned, CHOSEN)
    return GroupWords(learned, TermRows.of(rows), TermRows.of(listings))


def near(text: str, words: GroupWords) -> NDArray[np.float64]:
    return words.nearness(words.learned.weigh(text))


def share_of_texts(words: GroupWords, word: str) -> float:
    return float(words.learned.share[column_of(word)])


def plain_row(text: str, words: GroupWords) -> dict[str, float]:
    """TF-IDF at length 1, as one would on paper."""
    counts = Counter(terms_of(text))
    row = {word: (1 + math.log(n)) * -math.log(share_of_texts(words, word)) for word, n in counts.items()}
    length = math.sqrt(sum(value**2 for value in row.values())) or 1.0
    return {word: value / length for word, value in row.items()}


@given(st.lists(TEXT, min_size=2, max_size=2), TEXT)
@settings(max_examples=40)
def test_without_profiles_nearness_is_the_cosine_to_the_description(descriptions: list[str], story: str) -> None:
    words = pooled(descriptions, ["", ""], [])
    own = plain_row(story, words)
    rows = [plain_row(description, words) for description in descriptions]
    expected = [sum(row.get(word, 0.0) * value for word, value in own.items()) for row in rows]
    typical = math.sqrt(np.mean([sum(value**2 for value in row.values()) for row in rows])) or 1.0
    assert near(story, words) == pytest.approx([value / typical for value in expected])


@given(st.lists(TEXT, min_size=2, max_size=2), st.lists(TEXT | st.just(""), min_size=2, max_size=2), TEXT)
@settings(max_examples=40)
def test_a_listing_alone_is_as_near_as_the_same_listing_among_all_without_profiles(
    descriptions: list[str], phrases: list[str], story: str
) -> None:
    words = pooled(descriptions, phrases, [])
    alone = [words.nearness_of_listing(words.learned.weigh(story), row) for row in range(2)]
    assert near(story, words) == pytest.approx(alone, abs=1e-6)


@given(st.lists(TEXT, min_size=3, max_size=3), st.lists(st.tuples(st.integers(0, 2), TEXT), max_size=8), TEXT)
@settings(max_examples=40)
def test_nearness_is_never_negative_and_nothing_shared_is_nothing(
    descriptions: list[str], profiles: list[tuple[int, str]], story: str
) -> None:
    words = pooled(descriptions, ["", "", ""], profiles)
    nearness = near(story, words)
    assert (nearness >= 0).all()
    for group, description in enumerate(descriptions):
        texts = [description, *(text for owner, text in profiles if owner == group)]
        if not set(terms_of(story)) & {word for text in texts for word in terms_of(text)}:
            assert nearness[group] == 0


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    words = pooled(["the ileostomy group", "with the others"], ["", ""], [])
    assert share_of_texts(words, "ileostomy") < 0.01 < share_of_texts(words, "with")
    nearness = near("I was there with my ileostomy", words)
    assert nearness[0] > 3 * nearness[1] > 0


def test_a_word_finds_its_group_through_description_phrases_or_profile() -> None:
    words = pooled(["ileostomy", "drains", "shower", "bag"], ["", "ileostomy", "", ""], [(2, "My ileostomy leaks.")])
    assert list(near("ileostomy", words) > 0) == [True, True, True, False]


def test_a_word_that_one_member_of_many_uses_says_little_of_the_group() -> None:
    one_of_many = [(0, "dizzy"), *((0, "drains and showers") for _ in range(20))]
    words = pooled(["bag", "bottle"], ["", ""], [*one_of_many, *((1, "dizzy all day") for _ in range(20))])
    nearness = near("dizzy", words)
    assert nearness[1] > 5 * nearness[0] > 0


def test_the_typical_group_weighs_the_same_however_many_members_have_told_something() -> None:
    few = pooled(["drains", "shower"], ["", ""], [])
    many = pooled(["drains", "shower"], ["", ""], [(n % 2, f"{WORDS[n % 7]} and {WORDS[n % 5]}") for n in range(60)])
    for words in (few, many):
        assert words.rows.table.multiply(words.rows.table).sum() / 2 == pytest.approx(1.0)


def test_an_empty_directory_has_no_words() -> None:
    assert near("anything", pooled([], [], [])).shape == (0,)
