"""The patterns that stories are read by find what `re` finds with them, whatever the story."""

import re
from types import ModuleType
from typing import Any

import pcre2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import distress
from matcher.cues import ages, language, people, places, roles, stages, wishes
from matcher.cues.phrases import any_of, fill
from matcher.reading import read_statements
from models.intake import Intake
from models.text import STORY_LIMIT_CHARACTERS

MARK = "\ue000"
# Of letters from before Unicode, both know the same. PCRE2 counts a combining accent to the word, `re` doesn't.
ALPHABET = "\n" + "".join(map(chr, range(32, 127))) + "".join(map(chr, range(161, 256))) + "’–…" + MARK
WORDS = (
    "i",
    "not",
    "my",
    "she",
    "has",
    "had",
    "died",
    "cancer",
    "years ago",
    "n't",
    "the",
    "on-line",
    "me",
    MARK,
    "34",
)
AROUND = st.lists(st.sampled_from(WORDS) | st.text(ALPHABET, max_size=6), max_size=8).map(" ".join)


PHRASES = st.lists(
    st.text("ab '", max_size=4)
    | st.sampled_from(("ab?", "a*b", "a(?:b|c)", "(?:a|b)b", r"\w+b", "[ab]", "a{2}", "^a", "(?<!b)ab", "a(?= b)", "")),
    min_size=1,
    max_size=9,
)


def patterns_of(module: ModuleType) -> dict[str, Any]:
    held = {name: list(found.values()) if isinstance(found, dict) else found for name, found in vars(module).items()}
    each = {name: list(found) if isinstance(found, list | tuple) else [found] for name, found in held.items()}
    return {
        f"{module.__name__}.{name}.{place}": pattern
        for name, found in each.items()
        for place, pattern in enumerate(found)
        if isinstance(pattern, pcre2.Pattern)
    }


PATTERNS = {
    name: pattern
    for module in (ages, language, people, places, roles, stages, wishes)
    for name, pattern in patterns_of(module).items()
}
# Those that a whole story is searched for, before its sentences or clauses are.
AHEAD = [name for name in PATTERNS if name.rpartition(".")[0].endswith(("SOMEONE_HAS_IT", "SHE_HAS_IT", "SPOKEN_OF"))]


def found(pattern: Any, text: str) -> list[tuple[int, int, str, dict[str, str | None]]]:
    return [(one.start(), one.end(), one[0], dict(one.groupdict())) for one in pattern.finditer(text)]


def test_most_patterns_are_looked_at() -> None:
    assert len(PATTERNS) > 60
    assert len(AHEAD) == 3


@pytest.mark.parametrize("name", PATTERNS)
@given(data=st.data())
@settings(max_examples=10)
def test_a_pattern_finds_what_re_finds(name: str, data: st.DataObject) -> None:
    pattern = PATTERNS[name]
    twin = re.compile(pattern.pattern, re.MULTILINE if pattern.flags & pcre2.MULTILINE else 0)
    text = data.draw(st.tuples(AROUND, st.from_regex(twin, alphabet=ALPHABET) | st.just(""), AROUND).map("".join))
    assert found(pattern, text) == found(twin, text)
    assert bool(pattern.search(text)) is bool(twin.search(text))


@pytest.mark.parametrize("name", AHEAD)
@given(data=st.data(), around=st.lists(AROUND, max_size=3))
@settings(max_examples=20)
def test_what_is_found_in_a_line_is_found_in_all_lines(name: str, data: st.DataObject, around: list[str]) -> None:
    pattern = PATTERNS[name]
    text = data.draw(st.from_regex(re.compile(pattern.pattern, re.MULTILINE), alphabet=ALPHABET))
    lines = "\n".join([*around, text]).split("\n")
    for place in range(len(lines)):
        after = lines[place:] + lines[:place]
        assert bool(pattern.search("\n".join(after))) or not any(map(pattern.search, after))


@given(phrases=PHRASES, text=st.text("abc '", max_size=12))
def test_phrases_that_share_a_beginning_find_what_they_find_side_by_side(phrases: list[str], text: str) -> None:
    assert found(re.compile(any_of(phrases)), text) == found(re.compile(f"(?:{'|'.join(phrases)})"), text)


def test_a_phrase_ends_at_a_bar_but_not_at_one_within_brackets() -> None:
    said = re.compile(fill(r"a (b|c)|a [|] d\|e|{name}", {"name": "f"}))
    assert all(map(said.fullmatch, ("a b", "a c", "a | d|e", "f")))
    assert not any(map(said.fullmatch, ("a ", "c", "a (b", "a [", "d", "e")))


@pytest.mark.parametrize(
    "words",
    ["my ", "I am ", "he she my mum has had cancer ", "'", "a", "- ", "not ", "one two years ", "suicid", "rape "],
)
def test_the_longest_story_is_read_whatever_is_in_it(words: str) -> None:
    most = STORY_LIMIT_CHARACTERS
    intake = Intake(story=(words * (most // len(words) + 1))[:most])
    read_statements(intake)
    distress.suggests_danger(intake)
