"""What all readers of a story share: plain spelling, sentences, and whether something is said in earnest."""

import re
from collections.abc import Iterator
from itertools import islice
from math import ceil

from matcher.cues.patterns import Match, Pattern, compile_pattern

# What takes the meaning away from the words after it.
_UNSAID = re.compile(
    r"(?:\b(?:not|never|no|nor|neither|none|nobody|without|hardly|if|whether|unless|until|almost|nearly|half|far from"
    r"|hop(?:e|ing) (?:to|for|he|she)|want(?:s|ed)? (?:to|him|her|them)|wish(?:es|ing)?|pray(?:ing)?|trying to"
    r"|afraid|scared|terrified|think|thought|idea of|used to)|n't)"
    r"(?: (?!(?:when|since|after|because|until)\b)[\w'-]+){0,3} $"
)
_LOOKED_BACK_CHARACTERS = 60
_ENGLISH = frozenset(
    """
    the and my i'm i'd i'll i've is of with for not was were it it's that that's have has had her his he he's she she's
    but are been be from they them their there there's what who how which this just so get our we you your would like
    about people one than again too at if when
    """.split()  # noqa: SIM905 (as a list it would be fifty lines)
)
# After a full stop, at the end of a line, at a dash.
_SENTENCE_END = re.compile(r"\s(?:(?<=[.!?;]\s)\s*|(?<=\n)\n*|(?<= )[-–] )")
_LETTER = re.compile(r"\w")
_TOO_FEW_WORDS, _ENGLISH_SHARE = 12, 0.08
_BEFORE_NOT = "do|does|did|is|was|are|were|has|have|had|would|could|should|must"
_SPELT_OUT = compile_pattern(rf"(?i)\b({_BEFORE_NOT}|ca(?=nnot|n not))(?:n?not| not|n not)\b")
# Up to where an apostrophe was left out.
_RUN_TOGETHER = compile_pattern(
    r"(?i)\b(?:(?:do|does|did|is|was|are|were|has|have|had|would|could|should|ca|wo)n(?=t\b)|i(?=(?:m|ve)\b)"
    r"|(?:he|she|that|there|what)(?=s\b)|(?:they|we|you)(?=ve\b)|(?:they|you)(?=re\b))"
)


def spell_plainly(story: str) -> str:
    """The story with straight apostrophes, also where people leave them out (`dont`, `im`, `hes`) or write "do not"."""
    plain = story.replace("’", "'").replace("‘", "'")
    shortened = _SPELT_OUT.sub(lambda spelt: f"{spelt[1]}n't", plain)
    return _RUN_TOGETHER.sub(lambda begun: f"{begun[0]}'", shortened)


def is_english(story: str) -> bool:
    """Whether a story seems to be in the language of these cues; a few words always do."""
    words = re.findall(r"[\w']+", story.lower())
    enough = ceil(len(words) * _ENGLISH_SHARE)
    english = islice((word for word in words if word in _ENGLISH or word.endswith("n't")), enough)
    return len(words) < _TOO_FEW_WORDS or sum(1 for _ in english) == enough


def sentences_of(story: str) -> list[str]:
    """The story's sentences and lines that hold a word."""
    return [part.strip() for part in _SENTENCE_END.split(story) if _LETTER.search(part)]


def said(pattern: Pattern, text: str) -> Iterator[Match]:
    """Where a pattern is found in earnest: not after a "not", an "if" or a "hope" in the same breath."""
    for match in pattern.finditer(text):
        before = text[max(0, match.start() - _LOOKED_BACK_CHARACTERS) : match.start()]
        if not _UNSAID.search(before):
            yield match


def count(pattern: Pattern, text: str) -> int:
    """How often a pattern is found."""
    return sum(1 for _ in pattern.finditer(text))


def is_said(pattern: Pattern, text: str) -> bool:
    """Whether a pattern is found in earnest anywhere."""
    return next(said(pattern, text), None) is not None
