"""Reads where the newcomer lives, of the towns that are known: not every town a story names is theirs."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from string import capwords

from matcher.cues.patterns import compile_pattern
from matcher.cues.people import MARK, PARTS, mark_people

_NEAR = (
    r"(?:in|near|outside|just outside|around|round|close to|not far from|inside)(?: the)?"
    r"(?: (?:(?:north|south)-?(?:east|west)?|east|west|central|greater|inner|downtown|middle of|centre of))?"
)
_ONE_OF_US = rf"(?:{MARK}|(?:my|our) [\w'-]+)"
_WE = rf"(?:i|i'm|i've|we|we're|we've|me|{_ONE_OF_US} and (?:i|me)|(?:me|i) and {_ONE_OF_US})"
_LIVE = (
    r"(?:live|living|am|are|based|stay|stayed|staying|stuck|settled|moved|renting|housed|retired|alone|on my own"
    r"|by myself|home|up|down|over|out|back|here|way|right|currently|now|just|only|still|both|all|mostly|originally"
    r"|born and bred)"
)
_HOME = r"(?:house|flat|home|apartment|place|bedsit|room|caravan|farm|bungalow|council house|studio|digs)"
_WORK = r"(?:teach|teaching|work|working|rent|renting|farm|study|studying|nurse|run|own|drive an?)"
_OTHERS = (
    r"(?:groups?|meetings?|anyone|anybody|someone|somebody|people|anything|something|somewhere|support|others|mums|dads"
    r"|parents|women|men|ones?|face to face|in person|person|around)"
)


# What stands before a town where somebody lives.
_HERE = compile_pattern(
    "|".join(
        (
            rf"(?:^|[^\w']){_WE}(?:,? {_LIVE})* ,?{_NEAR} $",
            rf"\b(?:live|living|based|settled|staying|renting) (?:(?:[\w'-]+|{MARK}) ){{0,4}}?{_NEAR} $",
            rf"\b(?:i|we|i'm|we're|i've)(?: [\w']+)? {_WORK}(?: [\w'-]+){{0,4}} in $",
            r"\b(?:i'm|i am|we're) an? (?:[\w-]+ ){1,4}in $",
            r"\bmoved (?:[\w'-]+ ){0,4}?to $",
            r"\b(?:new (?:to|in)|arrived in|here in|back in|home is|home in|area:?|location:?) $",
            r"\b(?:writing|posting|greetings|hello|hi) from $|\b(?:i'm|i am|we're|we are) from (?:near |outside )?$",
            rf"\b(?:my|our) {_HOME}(?:'s| is) {_NEAR} $|\b(?:an?|the|my|our) (?:\w+ )?{_HOME} {_NEAR} $",
            rf"\b(?:we|i)(?: have|'ve got| got|'ve) (?:an?|two|three) (?:[\w'-]+ ){{0,3}}?{PARTS['kin']}"
            rf"(?: with [\w' -]+?)? {_NEAR} $",
            rf"\b{_OTHERS} (?:\w+ )?{_NEAR} $",
        )
    )
)
_ELSEWHERE = re.compile(
    r"(?:\b(?:used to|never|not|want(?:ed|s)? to|hop(?:e|ing) to|wish|if|he|she|they|who|he's|she's|they're|was|were"
    rf"|grew up|born|raised|family|visit\w*|don't live|isn't|aren't)"
    rf"|(?:^|[,;] |\b(?:and|but|where|while|that) ){MARK}(?! and\b))(?:'s)? (?:[\w']+ ){{0,4}}?(?:{_NEAR}|to) $"
)
_NAMED_AFTER = re.compile(r" (?:fans?|crystal|united|city fan|rovers|street|road|hospital|university|accent|born)\b")
_SOMEONE_ELSE = re.compile(rf"{MARK}|\b(?:he|she|him|her|his|they)\b")
# A town by itself: "Leeds." "Woman, 36, in Cork city."
_ALONE_BEFORE = re.compile(rf"(?:^|[,;(] ?)(?:from |{_NEAR} )?(?:(?:north|south|east|west|central) )?$")
_ALONE_AFTER = re.compile(
    r"\s*(?:[.,;!?)/]|$|\b(?:here|area|way|if|but|and|so|or|uk|ireland|usa?|city|county|ohio|texas)\b| [a-z]{1,2}\d)"
)
_BASED_AFTER = re.compile(r"(?:[- ]based| area\b| (?:here|now)\b)")
_BEGINS = re.compile(r"\S(?<![\w'-].)")
_BEGINS_WITH_CAPITAL = re.compile(r"[^\sa-z](?<![\w'-].)")
_ENDS = re.compile(r"\S(?:[\w-]+|'s\b)*+")
_SENTENCE_ENDS = re.compile(r"[.!?\n]")
_LOWERED_OTHERWISE = frozenset("İΣ")
_LOOKED_BACK_CHARACTERS = 90
# So many times a word may end within a town's name: `st. louis`, with its full stop, is one of three.
_MOST_ENDS = 12


def read_towns(story: str, towns: Collection[str]) -> list[str]:
    """The towns, of those with these names in small letters, where a story says that the newcomer lives, or near.

    As they follow in the story. Each of its words is looked up, so that it takes no longer where more towns are known.
    """
    if not towns:
        return []
    # Every character stays in its place: one has a small letter that is two, one has two that depend on what follows.
    lower = story.lower() if _LOWERED_OTHERWISE.isdisjoint(story) else "".join(map(_lower, story))
    homes: dict[str, str] = {}
    for town in _mentions(story, lower, towns):
        name = lower[town]
        if name not in homes and _is_home(story, town):
            homes[name] = story[town] if _is_capped(story[town]) else capwords(story[town])
    return list(homes.values())


def _lower(character: str) -> str:
    return small if len(small := character.lower()) == 1 else character


def _mentions(story: str, lower: str, towns: Collection[str]) -> Iterator[slice]:
    """Where towns are named: only with a capital letter, but for those who write none: a cork is not Cork."""
    uncapped = story == lower
    ends = [end.end() for end in _ENDS.finditer(story)]
    for begin in (_BEGINS if uncapped else _BEGINS_WITH_CAPITAL).finditer(story):
        start = begin.start()
        if not (uncapped or story[start].isupper()):
            continue
        for end in ends[(first := bisect_right(ends, start)) : first + _MOST_ENDS]:
            if lower[start:end] in towns:
                yield slice(start, end)


def _is_capped(name: str) -> bool:
    return name[0].isupper() and not name.isupper()


def _is_home(story: str, town: slice) -> bool:
    """Whether the words around a town say that the newcomer lives there."""
    before = story[max(0, town.start - _LOOKED_BACK_CHARACTERS) : town.start]
    after = story[town.stop : town.stop + _LOOKED_BACK_CHARACTERS].lower()
    told = mark_people(_SENTENCE_ENDS.split(before)[-1].lstrip()).text
    if _ELSEWHERE.search(told) or _NAMED_AFTER.match(after):
        return False
    alone = _ALONE_BEFORE.search(told) and _ALONE_AFTER.match(after) and not _SOMEONE_ELSE.search(told)
    return bool(_HERE.search(told) or _BASED_AFTER.match(after) or alone)
